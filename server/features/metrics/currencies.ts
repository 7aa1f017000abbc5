import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Rates } from '../../storage/documents/metrics.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/** The one place where an amount becomes one in the currency that figures are in, which is the playbook’s. */
export interface Currencies {
  base(workspaceId: WorkspaceId): string
  rates(workspaceId: WorkspaceId): Promise<Rates>
  /** Holds for what is recorded from now on. */
  setRates(workspaceId: WorkspaceId, rates: Rates): Promise<void>
  /**
   * @param fxToBase a rate that came along and holds instead of the stored one.
   * @returns null when no rate is known.
   */
  toBase(
    workspaceId: WorkspaceId,
    amount: { readonly amountMinor: number; readonly currency: string },
    fxToBase?: number,
  ): Promise<number | null>
  /** Notes that something waits for the rate of this currency. */
  want(workspaceId: WorkspaceId, currency: string): Promise<void>
  /** Currencies that something waits for and that still have no rate. */
  wanted(workspaceId: WorkspaceId): Promise<string[]>
}

const ratesKind = 'exchange-rates'
const wantedKind = 'exchange-rate-wanted'
const maxWanted = 200

export function createCurrencies({
  documents,
  playbooks,
}: {
  documents: DocumentStore
  playbooks: Pick<Playbooks, 'current'>
}): Currencies {
  const base = (workspaceId: WorkspaceId) => playbooks.current(workspaceId).playbook.product.currency
  const rates = async (workspaceId: WorkspaceId) => (await documents.get(ratesKind, workspaceId))?.body ?? {}
  const rateOf = async (workspaceId: WorkspaceId, currency: string) =>
    currency === base(workspaceId) ? 1 : ((await rates(workspaceId))[currency] ?? null)

  return {
    base,
    rates,
    async setRates(workspaceId, changed) {
      await documents.put(ratesKind, workspaceId, changed)
    },
    async toBase(workspaceId, { amountMinor, currency }, fxToBase) {
      const said = currency === base(workspaceId) ? 1 : fxToBase
      const rate = said ?? (await rateOf(workspaceId, currency))
      return rate === null ? null : Math.round(amountMinor * rate)
    },
    async want(workspaceId, currency) {
      await documents.put(wantedKind, `${workspaceId}/${currency}`, { currency })
    },
    async wanted(workspaceId) {
      const found = await documents.list(wantedKind, {
        prefix: `${workspaceId}/`,
        limit: maxWanted,
      })
      const known = found.map(({ body }) => rateOf(workspaceId, body.currency))
      const hasRate = (await Promise.all(known)).map((rate) => rate !== null)
      return found.flatMap(({ body }, index) => (hasRate[index] ? [] : [body.currency]))
    },
  }
}
