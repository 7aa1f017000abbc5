import { api } from '../../shared/api.ts'

export type Provider = 'stripe' | 'chargebee' | 'maxio' | 'recurly' | 'paddle'

export interface Connection {
  id: string
  provider: Provider
  name: string
  site: string | null
  region: 'us' | 'eu' | 'sandbox'
  webhookUrl: string
  createdAt: string
  paused: boolean
  products: string[]
  matchBy: 'reference' | 'email'
  truth: 'later' | 'billing' | 'trialpace'
  pendingRestDays: number
  status: ConnectionStatus
}

interface ConnectionStatus {
  state: 'ok' | 'paused' | 'failing' | 'refusing' | 'stuck' | 'retrying' | 'silent'
  /** In sentences, most important first. */
  says: string[]
  check: { at: string; ok: boolean; detail: string | null } | null
  lastEvent: { at: string; type: string; outcome: string } | null
}

/** A webhook and what came of it. */
export interface BillingEvent {
  id: string
  type: string
  subscription: string | null
  at: string
  outcome: string
}

/** A subscription of no one here. */
export interface Unmatched {
  connectionId: string
  subscription: string
  userId: string | null
  email: string | null
  status: string | null
  plan: string | null
}

export interface DriftReport {
  startedAt: string
  finishedAt: string | null
  seen: number
  agreed: number
  drifted: number
  drifts: {
    what: string
    subscription: string
    userId: string | null
    theirs: string | null
    ours: string | null
  }[]
  error: string | null
}

/** The dialog that is asked for. */
export type Asked =
  | { what: 'connect' }
  | { what: 'change' | 'remove' | 'set-up' | 'look'; connection: Connection }

/** What the server tries until it works or until it gives up. */
interface Tried {
  connectionId: string
  failures: number
  /** null: given up. */
  nextAttemptAt: string | null
  /** The billing system’s words. */
  detail: string | null
}

export interface OutboxRow extends Tried {
  id: string
  userId: string | null
  subscription: string
  endsAt: string
  state: 'waiting' | 'sent' | 'superseded' | 'dead'
}

export interface PendingRead extends Tried {
  subscription: string
  since: string
}

export interface PendingPayment extends Tried {
  externalId: string | null
  amountMinor: number | null
  currency: string | null
  subscription: string | null
  since: string
}

/** All pages: dead rows may stand on any of them. */
export async function loadOutbox(signal: AbortSignal): Promise<OutboxRow[]> {
  const rows: OutboxRow[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor !== null && { cursor }) })
    const page: { rows: OutboxRow[]; cursor: string | null } = await api(
      'GET',
      `/api/billing/outbox?${query}`,
      { signal },
    )
    rows.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== null)
  return rows
}
