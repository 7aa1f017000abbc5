import type * as z from 'zod'
import type { pendingPaymentSchema, unmatchedSchema } from '../../../shared/api/billing.ts'
import type { connectionPutSchema, driftReportSchema } from '../../../shared/api/billing-connections.ts'
import { isoInstant } from '../../../shared/clock.ts'

import type { Versioned } from '../../storage/port.ts'
import type { OutboxRow } from './billing-outbox.ts'

import type { ConnectionStatus } from './connection-status.ts'
import type { Connection, ConnectionSettings } from './connections.ts'
import type { LoggedWebhook } from './event-log.ts'
import type { PendingPayment } from './payment-inbox.ts'

import type { DriftReport } from './reconcile.ts'
import type { SubscriptionRecord } from './subscription-records.ts'
import type { UnmatchedSubscription } from './unmatched.ts'
import type { PendingRead } from './webhook-inbox.ts'

/** Schemas of the billing API, and how its things are shown. */

const iso = (at: number | null) => (at === null ? null : isoInstant(at))

const userIdOf = (trialId: string): string | null => /^[^:]*:u:(.*)$/s.exec(trialId)?.[1] ?? null

/** Absent keeps. */
export function settingsOf({
  paused: isPaused,
  products,
  matchBy,
  truth,
  pendingRestDays,
}: z.output<typeof connectionPutSchema>): Partial<ConnectionSettings> {
  const said = { isPaused, products, matchBy, truth, pendingRestDays }
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as Partial<ConnectionSettings>
}

export const shownConnection = (connection: Connection, status: ConnectionStatus, publicUrl: string) => ({
  id: connection.id,
  provider: connection.provider,
  name: connection.name,
  site: connection.site,
  region: connection.region,
  webhookUrl: `${publicUrl}/webhooks/${connection.provider}/${connection.id}`,
  createdAt: isoInstant(connection.createdAt),
  paused: connection.settings.isPaused,
  products: [...connection.settings.products],
  matchBy: connection.settings.matchBy,
  truth: connection.settings.truth,
  pendingRestDays: connection.settings.pendingRestDays,
  status: { ...status, says: [...status.says] },
})

export const shownEvent = ({ eventId, type, ref, at, outcome }: LoggedWebhook) => ({
  id: eventId,
  type,
  subscription: ref,
  at: isoInstant(at),
  outcome,
})

export const shownUnmatched = (
  { connectionId, ref, since }: UnmatchedSubscription,
  record: SubscriptionRecord | null,
): z.output<typeof unmatchedSchema> => ({
  connectionId,
  subscription: ref,
  since: isoInstant(since),
  userId: record?.seen?.userId ?? null,
  email: record?.seen?.emailHint ?? null,
  customer: record?.customerRef ?? null,
  status: record?.seen?.status ?? null,
  plan: record?.seen?.planId ?? null,
  trialEndsAt: iso(record?.seen?.trialEndsAt ?? null),
})

export const shownDrift = ({ drifts, ...report }: DriftReport): z.output<typeof driftReportSchema> => ({
  ...report,
  startedAt: isoInstant(report.startedAt),
  finishedAt: iso(report.finishedAt),
  drifts: drifts.map(({ trialId, ...drift }) => ({
    ...drift,
    userId: trialId === null ? null : userIdOf(trialId),
  })),
})

export const shownOutboxRow = ({ id, body }: Versioned<OutboxRow>) => ({
  id,
  userId: userIdOf(body.trialId),
  connectionId: body.connectionId,
  subscription: body.ref,
  endsAt: isoInstant(body.endsAt),
  state: body.state,
  failures: body.failures,
  nextAttemptAt: iso(body.nextAttemptAt),
  detail: body.detail,
  createdAt: isoInstant(body.createdAt),
  settledAt: iso(body.settledAt),
})

export const shownRead = ({ body }: Versioned<PendingRead>) => ({
  connectionId: body.connectionId,
  subscription: body.ref,
  since: isoInstant(body.since),
  failures: body.failures,
  nextAttemptAt: iso(body.nextAttemptAt),
  detail: body.detail,
})

/** One for each payment, or one for what is still to be read. */
export function shownPayments({ body }: Versioned<PendingPayment>): z.output<typeof pendingPaymentSchema>[] {
  const { connectionId, failures, detail } = body
  const state = { since: isoInstant(body.since), failures, nextAttemptAt: iso(body.nextAttemptAt), detail }
  if (body.ask !== null)
    return [
      { connectionId, externalId: null, amountMinor: null, currency: null, subscription: null, ...state },
    ]
  return body.payments.map(({ externalId, amountMinor, currency, subscriptionRef }) => ({
    connectionId,
    externalId,
    amountMinor,
    currency,
    subscription: subscriptionRef,
    ...state,
  }))
}
