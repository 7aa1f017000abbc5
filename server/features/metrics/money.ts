import { createHash } from 'node:crypto'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { DocumentStore } from '../../storage/port.ts'

export interface MoneyEntry {
  readonly externalId: string
  readonly at: number
  /** Smallest unit of `currency`; refunds are negative. */
  readonly amountMinor: number
  readonly currency: string
  /** The same in the base currency. */
  readonly baseMinor: number
}

export interface RevenueEntry extends MoneyEntry {
  readonly type: 'new' | 'expansion' | 'renewal' | 'refund' | 'chargeback'
  readonly userId: string | null
}

interface CostEntry extends MoneyEntry {
  readonly category: 'staff' | 'tooling' | 'sending' | 'list'
  readonly note: string
}

export type Recorded = 'new' | 'repeated' | 'conflict'

/** What was paid and spent, each once by its `externalId`. Documents of kind `revenue`, `cost` and, by trial, `payment`. */
export interface Money {
  /** @param trialId whose payment it is; null when it belongs to nobody we know. */
  addRevenue(workspaceId: WorkspaceId, entry: RevenueEntry, trialId: TrialId | null): Promise<Recorded>
  findRevenue(workspaceId: WorkspaceId, externalId: string): Promise<RevenueEntry | null>
  addCost(workspaceId: WorkspaceId, entry: CostEntry): Promise<Recorded>
  /** Oldest first, `from` ≤ at < `to`. */
  costs(workspaceId: WorkspaceId, from: number, to: number): Promise<CostEntry[]>
  revenue(workspaceId: WorkspaceId, from: number, to: number): Promise<RevenueEntry[]>
  hasAny(workspaceId: WorkspaceId, kind: 'revenue' | 'cost'): Promise<boolean>
  paymentsOf(trialId: TrialId): Promise<RevenueEntry[]>
}

const hashOf = (externalId: string): string =>
  createHash('sha256').update(externalId).digest('base64url').slice(0, 22)
/** Ordered by time. */
const timeKey = (at: number): string => String(at).padStart(15, '0')
const maxPayments = 1000
const pageSize = 500

/** Whose payment it was may be unknown, or forgotten since. */
function isSame<T extends MoneyEntry & { userId?: string | null }>(stored: T, entry: T): boolean {
  const known = stored.userId === null ? { ...stored, userId: entry.userId } : stored
  return JSON.stringify(known) === JSON.stringify(entry)
}

const entryId = (workspaceId: WorkspaceId, { externalId }: Pick<MoneyEntry, 'externalId'>): string =>
  `${workspaceId}/${hashOf(externalId)}`
const entryKey = (workspaceId: WorkspaceId, { at, externalId }: MoneyEntry): string =>
  `${workspaceId}/${timeKey(at)}/${hashOf(externalId)}`

/** Takes a person off their payments, whose sums stay. To be done before their `payment` documents go. */
export async function forgetPayer(
  documents: DocumentStore,
  { id, workspaceId }: { id: TrialId; workspaceId: WorkspaceId },
): Promise<void> {
  const payments = await documents.list<RevenueEntry>('payment', {
    prefix: attachedTo(id),
    limit: maxPayments,
  })
  for (const { body } of payments)
    for (const [kind, key] of [
      ['revenue-id', entryId(workspaceId, body)],
      ['revenue', entryKey(workspaceId, body)],
    ] as const) {
      const found = await documents.get<RevenueEntry>(kind, key)
      if (found) await documents.put(kind, key, { ...found.body, userId: null }, found.version)
    }
}

export function createMoney(documents: DocumentStore): Money {
  /** The id tells entries apart; the time index lists them. Written first, so that a crash leaves a repeatable call. */
  async function add<T extends MoneyEntry>(
    kind: string,
    workspaceId: WorkspaceId,
    entry: T,
  ): Promise<Recorded> {
    const id = entryId(workspaceId, entry)
    const created = await documents.put(`${kind}-id`, id, entry, 0)
    const stored = created === null ? (await documents.get<T>(`${kind}-id`, id))?.body : entry
    if (stored && !isSame(stored, entry)) return 'conflict'
    await documents.put(kind, entryKey(workspaceId, entry), entry)
    return created === null ? 'repeated' : 'new'
  }

  async function between<T extends MoneyEntry>(
    kind: string,
    workspaceId: WorkspaceId,
    from: number,
    to: number,
  ) {
    const found: T[] = []
    const prefix = `${workspaceId}/`
    for (let after = `${prefix}${timeKey(from)}`; ; ) {
      const page = await documents.list<T>(kind, { prefix, after, limit: pageSize })
      for (const { body } of page) if (body.at < to) found.push(body)
      const last = page.at(-1)
      if (!last || page.length < pageSize || last.body.at >= to) return found
      after = last.id
    }
  }

  return {
    async addRevenue(workspaceId, entry, trialId) {
      const recorded = await add('revenue', workspaceId, entry)
      if (recorded !== 'conflict' && trialId !== null)
        await documents.put('payment', `${attachedTo(trialId)}${hashOf(entry.externalId)}`, entry)
      return recorded
    },
    findRevenue: async (workspaceId, externalId) =>
      (await documents.get<RevenueEntry>('revenue-id', entryId(workspaceId, { externalId })))?.body ?? null,
    addCost: (workspaceId, entry) => add('cost', workspaceId, entry),
    costs: (workspaceId, from, to) => between<CostEntry>('cost', workspaceId, from, to),
    revenue: (workspaceId, from, to) => between<RevenueEntry>('revenue', workspaceId, from, to),
    hasAny: async (workspaceId, kind) =>
      (await documents.list(kind, { prefix: `${workspaceId}/`, limit: 1 })).length > 0,
    paymentsOf: async (trialId) =>
      (
        await documents.list<RevenueEntry>('payment', { prefix: attachedTo(trialId), limit: maxPayments })
      ).map(({ body }) => body),
  }
}
