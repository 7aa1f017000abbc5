import { figureText } from '../../metrics/tile.tsx'
import { serverNow } from '../../shared/api.ts'
import { When } from '../../shared/parts.tsx'
import { sentence } from '../../shared/words.ts'
import type { PendingPayment, PendingRead } from './types.ts'

interface Row {
  key: string
  what: string
  since: string
  nextAttemptAt: string | null
  detail: string | null
}

const rowOfRead = ({ subscription, ...rest }: PendingRead): Row => ({
  ...rest,
  key: `read ${rest.connectionId} ${subscription}`,
  what: `Subscription ${subscription} is waiting to be read`,
})

const rowOfPayment = (payment: PendingPayment, index: number): Row => {
  const { amountMinor, currency } = payment
  return {
    ...payment,
    key: `payment ${payment.connectionId} ${payment.externalId ?? index}`,
    what:
      amountMinor === null || currency === null
        ? 'A payment is waiting to be read'
        : `${figureText(amountMinor, 'money', currency)} not in the metrics yet`,
  }
}

/** What billing systems told of and what is not done yet, with the reason. */
export function WaitingList({
  reads,
  payments,
}: {
  reads: readonly PendingRead[]
  payments: readonly PendingPayment[]
}) {
  const rows = [...reads.map(rowOfRead), ...payments.map(rowOfPayment)]
  if (rows.length === 0) return null
  return (
    <details class="waiting">
      <summary>
        {rows.length} {rows.length === 1 ? 'item is' : 'items are'} waiting to be read or counted
      </summary>
      <ul class="plain-list stuck">
        {rows.map((row) => (
          <li key={row.key} class="row start">
            <div class="grow">
              {row.what}
              {row.detail && <small>{sentence(row.detail)}</small>}
            </div>
            <span class="quiet">
              {row.nextAttemptAt === null ? (
                'Given up'
              ) : (
                <>
                  Next try <When at={row.nextAttemptAt} now={serverNow()} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
