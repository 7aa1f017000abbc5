import * as z from 'zod'
import type { Agreement } from '../../domain/billing/agreement.ts'
import { type BillingStatus, billingStatuses, type Money } from '../../domain/billing/subscription.ts'
import { instant, trialId, workspaceId } from './parts.ts'

/** What the documents shared with billing systems hold. */

export const provider = z.enum(['stripe', 'chargebee', 'maxio', 'recurly', 'paddle'])
const status: z.ZodType<BillingStatus> = z.enum(billingStatuses)
const agreement: z.ZodType<Agreement> = z.strictObject({
  endsAt: instant.nullable(),
  refused: z
    .strictObject({ endsAt: instant, why: z.string(), cancelsAt: instant.exactOptional() })
    .nullable(),
  version: z.number().nullable(),
  isProvisional: z.boolean().exactOptional(),
  planId: z.string().nullable().exactOptional(),
})
const money: z.ZodType<Money> = z.strictObject({
  firstPaidAt: instant.nullable(),
  hasPaid: z.boolean(),
  failedAt: instant.nullable(),
  ledger: z
    .array(z.strictObject({ id: z.string(), amountMinor: z.int(), currency: z.string().nullable() }))
    .readonly()
    .exactOptional(),
  isCut: z.literal(true).exactOptional(),
})
export const subscription = { connectionId: z.string(), ref: z.string() }
export const work = {
  workspaceId,
  connectionId: z.string(),
  since: instant,
  failures: z.int(),
  nextAttemptAt: instant.nullable(),
  detail: z.string().nullable(),
}
/** While it has another attempt before it, it stays. */
export const givenUpSince = ({ nextAttemptAt, since }: { nextAttemptAt: number | null; since: number }) =>
  nextAttemptAt === null ? since : null

export const link = z.strictObject({
  ...subscription,
  trialId,
  startedAt: instant.nullable(),
  agreement,
  pushes: z.int(),
  readAt: instant.nullable(),
  status: z.string().nullable(),
  candidates: z
    .array(z.strictObject({ ...subscription, status, startedAt: instant.nullable(), key: z.string() }))
    .readonly()
    .exactOptional(),
  heldUntil: instant.nullable().exactOptional(),
  leasedUntil: instant,
})
export const record = z.strictObject({
  ...subscription,
  workspaceId,
  trialId: trialId.nullable(),
  isByHand: z.boolean(),
  customerRef: z.string().nullable(),
  money,
  seen: z
    .strictObject({
      at: instant,
      status,
      userId: z.string().nullable(),
      emailHint: z.string().nullable(),
      planId: z.string().nullable(),
      currency: z.string().nullable(),
      startedAt: instant.nullable(),
      trialEndsAt: instant.nullable(),
      cancelsAt: instant.nullable(),
      mrrMinor: z.number().nullable(),
      potentialMrrMinor: z.number().nullable(),
      proof: z.enum(['paid', 'unpaid', 'unknown']),
    })
    .nullable(),
})
export const delivery = z.strictObject({
  workspaceId,
  trialId,
  endsAt: instant,
  state: z.enum(['waiting', 'sent', 'superseded', 'dead']),
  failures: z.int(),
  nextAttemptAt: instant.nullable(),
  detail: z.string().nullable(),
  createdAt: instant,
})
export const outboxRow = delivery.extend({ ...subscription, settledAt: instant.nullable() })

export const driftReport = z.strictObject({
  startedAt: instant,
  finishedAt: instant.nullable(),
  seen: z.int(),
  agreed: z.int(),
  drifted: z.int(),
  drifts: z
    .array(
      z.strictObject({
        what: z.enum(['unknown', 'unmatched', 'end', 'gone']),
        subscription: z.string(),
        trialId: z.string().nullable(),
        theirs: z.string().nullable(),
        ours: z.string().nullable(),
      }),
    )
    .readonly(),
  error: z.string().nullable(),
})
export type DriftReport = z.output<typeof driftReport>
