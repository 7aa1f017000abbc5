import { isoInstant } from '../../../shared/clock.ts'
import { toMajor } from '../../../shared/currency.ts'
import { type Cell, csvOf } from './csv.ts'
import type { RevenueEntry } from './money.ts'

const header = ['at', 'type', 'user_id', 'amount', 'currency', 'base_amount', 'base_currency', 'external_id']

/** One line for each payment, refund and chargeback, in whole units: to be compared with the books. */
export const revenueCsv = (entries: readonly RevenueEntry[], base: string): string =>
  csvOf([
    header,
    ...entries.map(({ at, type, userId, amountMinor, currency, baseMinor, externalId }): Cell[] => [
      isoInstant(at),
      type,
      userId,
      toMajor(amountMinor, currency),
      currency,
      toMajor(baseMinor, base),
      base,
      externalId,
    ]),
  ])
