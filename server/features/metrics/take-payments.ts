import type { EmailAddress, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { Currencies } from './currencies.ts'
import type { Measures } from './measures.ts'
import type { Money, RevenueEntry } from './money.ts'
import type { EarlyRevenue } from './unmatched-revenue.ts'

/** Payments as billing systems tell them, into the figures. */
export interface TakePayments {
  /** Whether an amount in this currency can be taken; where not, the figures ask for the rate. */
  canTake(workspaceId: WorkspaceId, currency: string): Promise<boolean>
  /**
   * Once by its `externalId`, in the rate of the first time: a repeated call finishes what a crash left, and may add
   * whose payment it is.
   * @throws Error when another process is recording the same payment: try again.
   */
  take(
    workspaceId: WorkspaceId,
    payment: Pick<RevenueEntry, 'externalId' | 'at' | 'amountMinor' | 'currency' | 'type'>,
    trialId: TrialId | null,
  ): Promise<void>
  /** What was recorded is of someone who has no trial here yet: it is theirs once they appear. */
  awaitPayer(
    workspaceId: WorkspaceId,
    externalId: string,
    payer: { readonly userId: string } | { readonly email: EmailAddress },
  ): Promise<void>
  /** What was recorded turns out to be this person’s, or no longer that one’s. What is not recorded yet is passed over. */
  attach(
    workspaceId: WorkspaceId,
    externalIds: readonly string[],
    owner: { readonly to: TrialId | null; readonly from: TrialId | null },
  ): Promise<void>
}

export function createTakePayments({
  money,
  currencies,
  measures,
  early,
}: {
  money: Pick<Money, 'addRevenue' | 'findRevenue' | 'attach'>
  currencies: Currencies
  measures: Pick<Measures, 'mark' | 'settled'>
  early: Pick<EarlyRevenue, 'note'>
}): TakePayments {
  async function canTake(workspaceId: WorkspaceId, currency: string): Promise<boolean> {
    if ((await currencies.toBase(workspaceId, { amountMinor: 0, currency })) !== null) return true
    await currencies.want(workspaceId, currency)
    return false
  }

  return {
    canTake,
    awaitPayer: early.note,
    async take(workspaceId, payment, trialId) {
      const known = await money.findRevenue(workspaceId, payment.externalId)
      const baseMinor = known?.baseMinor ?? (await currencies.toBase(workspaceId, payment))
      if (baseMinor === null) throw new Error(`There is no exchange rate for ${payment.currency}.`)
      const { externalId, at, amountMinor, currency, type } = payment
      // Of no one by name: whose payment it is stands where an erasure finds it.
      const entry: RevenueEntry = known ?? {
        externalId,
        at,
        amountMinor,
        currency,
        baseMinor,
        type,
        userId: null,
      }
      if ((await money.addRevenue(workspaceId, entry, trialId)) === 'conflict')
        throw new Error('The payment is being recorded elsewhere.')
      if (trialId === null) return
      measures.mark(trialId)
      await measures.settled()
    },
    async attach(workspaceId, externalIds, owner) {
      let isMoved = false
      for (const externalId of externalIds)
        isMoved = (await money.attach(workspaceId, externalId, owner)) || isMoved
      if (!isMoved) return
      for (const trialId of [owner.to, owner.from]) if (trialId !== null) measures.mark(trialId)
      await measures.settled()
    },
  }
}
