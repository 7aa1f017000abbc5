import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import {
  type CostEntry,
  entryId,
  entryKey,
  hashOf,
  type MoneyEntry,
  type RevenueEntry,
  timeKey,
} from '../../storage/documents/metrics.ts'
import { eachDocument } from '../../storage/each.ts'
import { anyDocuments, type DocumentStore } from '../../storage/port.ts'

export type { MoneyEntry, RevenueEntry }

export type Recorded = 'new' | 'repeated' | 'conflict'

/** What was paid and spent, each once by its `externalId`. Documents of kind `revenue`, `cost` and, by trial, `payment`. */
export interface Money {
  /** @param trialId whose payment it is; null when it belongs to no one we know. */
  addRevenue(workspaceId: WorkspaceId, entry: RevenueEntry, trialId: TrialId | null): Promise<Recorded>
  /**
   * A payment turns out to be this person’s, or no longer that one’s; null: no one’s.
   * @returns false when there is no such payment.
   */
  attach(
    workspaceId: WorkspaceId,
    externalId: string,
    owner: { readonly to: TrialId | null; readonly from: TrialId | null },
  ): Promise<boolean>
  findRevenue(workspaceId: WorkspaceId, externalId: string): Promise<RevenueEntry | null>
  addCost(workspaceId: WorkspaceId, entry: CostEntry): Promise<Recorded>
  /** Oldest first, `from` ≤ at < `to`. */
  costs(workspaceId: WorkspaceId, from: number, to: number): Promise<CostEntry[]>
  revenue(workspaceId: WorkspaceId, from: number, to: number): Promise<RevenueEntry[]>
  hasAny(workspaceId: WorkspaceId, kind: 'revenue' | 'cost'): Promise<boolean>
  paymentsOf(trialId: TrialId): Promise<RevenueEntry[]>
}

const maxPayments = 1000

interface Entries {
  readonly revenue: RevenueEntry
  readonly cost: CostEntry
}

/** Whose payment it was may be unknown, or forgotten since. */
function isSame<T extends MoneyEntry & { userId?: string | null }>(stored: T, entry: T): boolean {
  const known = stored.userId === null ? { ...stored, userId: entry.userId } : stored
  return JSON.stringify(known) === JSON.stringify(entry)
}

export function createMoney(documents: DocumentStore): Money {
  const byTime: DocumentStore<Entries> = documents
  const byId = anyDocuments(documents)
  /** The id tells entries apart; the time index lists them. Written first, so that a crash leaves a repeatable call. */
  async function add<Kind extends keyof Entries>(
    kind: Kind,
    workspaceId: WorkspaceId,
    entry: Entries[Kind],
  ): Promise<Recorded> {
    const id = entryId(workspaceId, entry)
    const created = await byId.put(`${kind}-id`, id, entry, 0)
    const found = created === null ? await byId.get(`${kind}-id`, id) : null
    const stored = found && (found.body as Entries[Kind])
    if (stored && !isSame(stored, entry)) return 'conflict'
    await byTime.put(kind, entryKey(workspaceId, entry), entry)
    return created === null ? 'repeated' : 'new'
  }

  async function between<Kind extends keyof Entries>(
    kind: Kind,
    workspaceId: WorkspaceId,
    from: number,
    to: number,
  ): Promise<Entries[Kind][]> {
    const found: Entries[Kind][] = []
    const prefix = `${workspaceId}/`
    const after = `${prefix}${timeKey(from)}`
    for await (const { body } of eachDocument(byTime, kind, { prefix, after })) {
      const entry: Entries[Kind] = body
      if (entry.at >= to) break
      found.push(entry)
    }
    return found
  }

  const paymentId = (trialId: TrialId, externalId: string) => `${attachedTo(trialId)}${hashOf(externalId)}`
  const findRevenue: Money['findRevenue'] = async (workspaceId, externalId) =>
    (await documents.get('revenue-id', entryId(workspaceId, { externalId })))?.body ?? null

  return {
    async addRevenue(workspaceId, entry, trialId) {
      const recorded = await add('revenue', workspaceId, entry)
      if (recorded !== 'conflict' && trialId !== null)
        await documents.put('payment', paymentId(trialId, entry.externalId), entry)
      return recorded
    },
    async attach(workspaceId, externalId, { to, from }) {
      const entry = await findRevenue(workspaceId, externalId)
      if (!entry) return false
      if (to !== null) await documents.put('payment', paymentId(to, externalId), entry)
      if (from !== null && from !== to) await documents.delete('payment', paymentId(from, externalId))
      return true
    },
    findRevenue,
    addCost: (workspaceId, entry) => add('cost', workspaceId, entry),
    costs: (workspaceId, from, to) => between('cost', workspaceId, from, to),
    revenue: (workspaceId, from, to) => between('revenue', workspaceId, from, to),
    hasAny: async (workspaceId, kind) =>
      (await documents.list(kind, { prefix: `${workspaceId}/`, limit: 1 })).length > 0,
    paymentsOf: async (trialId) =>
      (await documents.list('payment', { prefix: attachedTo(trialId), limit: maxPayments })).map(
        ({ body }) => body,
      ),
  }
}
