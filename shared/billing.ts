import * as z from 'zod'

/** What is known of a trialist’s subscription in the billing system; for reps, in words too. */

const at = z.iso.datetime()
const minor = z.int().nullable().describe('In the smallest unit of `currency`; null: not known.')

export const billingStateSchema = z
  .object({
    provider: z.string(),
    connection: z.string().describe('Name of the connection.'),
    connectionId: z.string(),
    subscription: z.string(),
    status: z.string().nullable(),
    plan: z.string().nullable(),
    currency: z.string().nullable(),
    mrrMinor: minor,
    potentialMrrMinor: minor,
    trialEndsAt: at.nullable(),
    cancelsAt: at.nullable().describe('A cancellation that is scheduled there.'),
    payment: z.enum(['paid', 'unpaid', 'unknown']),
    isProvisional: z.boolean().describe('Converted for the time being: no payment has been seen yet.'),
    readAt: at.nullable(),
    writeBack: z
      .object({
        state: z.enum(['waiting', 'refused']),
        endsAt: at,
        nextAttemptAt: at.nullable(),
        detail: z.string().nullable(),
        outboxId: z.string().nullable(),
      })
      .nullable()
      .describe('A new end that the billing system has not taken.'),
    notes: z.array(z.string()).describe('What someone should know, in sentences, most important first.'),
  })
  .meta({ id: 'BillingState' })

export type BillingState = z.output<typeof billingStateSchema>
