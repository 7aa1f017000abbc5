import type { AnswerOf } from '../../../../shared/api/endpoints.ts'
import { call } from '../../shared/api.ts'

export type Connection = AnswerOf<'GET /api/billing/connections'>['connections'][number]
export type Provider = Connection['provider']
type OutboxPage = AnswerOf<'GET /api/billing/outbox'>
export type OutboxRow = OutboxPage['rows'][number]
export type PendingRead = AnswerOf<'GET /api/billing/reads'>['reads'][number]
export type PendingPayment = AnswerOf<'GET /api/billing/payments'>['payments'][number]
/** A webhook and what came of it. */
export type BillingEvent = AnswerOf<'GET /api/billing/connections/{id}/events'>['events'][number]
export type DriftReport = NonNullable<AnswerOf<'GET /api/billing/connections/{id}/drift'>['report']>
/** A subscription of no one here. */
export type Unmatched = AnswerOf<'GET /api/billing/unmatched'>['subscriptions'][number]

/** The dialog that is asked for. */
export type Asked =
  | { what: 'connect' }
  | { what: 'change' | 'remove' | 'set-up' | 'look'; connection: Connection }

/** All pages: dead rows may stand on any of them. */
export async function loadOutbox(signal: AbortSignal): Promise<OutboxRow[]> {
  const rows: OutboxRow[] = []
  let cursor: string | null = null
  do {
    const query = { limit: 200, ...(cursor !== null && { cursor }) }
    const page: OutboxPage = await call('GET /api/billing/outbox', { query, signal })
    rows.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== null)
  return rows
}
