import { wireRequest } from '../../../shared/api/client.ts'
import type { RequestOf } from '../../../shared/api/endpoints.ts'
import { dayMs, dayText } from '../../../shared/clock.ts'
import { serverNow } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, TableHead } from '../shared/parts.tsx'
import { figureText } from './tile.tsx'

/** The first day of the month eleven months ago, until today. */
function lastTwelveMonths(now: number): { from: string; to: string } {
  const today = new Date(now)
  const first = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 11, 1)
  return { from: dayText(first / dayMs), to: dayText(Math.floor(now / dayMs)) }
}

/** Each payment, refund and chargeback, to be compared with the books. */
export const paymentsPath = (query: NonNullable<RequestOf<'GET /api/revenue'>['query']>): string =>
  wireRequest('GET /api/revenue', { query: { ...query, format: 'csv' } }).path

/** What the trialists of each month have paid so far: of a shorter period there would be one month alone. */
export function Cohorts() {
  const loaded = useApi('GET /api/revenue/cohorts', { query: lastTwelveMonths(serverNow()) })
  const { data } = loaded
  if (loaded.state === 'failed') return <ErrorNote error={loaded.error} retry={loaded.reload} />
  if (!data) return <Loading what="the revenue" />
  if (data.cohorts.length === 0) return <p class="quiet">No trials began in the last 12 months.</p>
  const money = (amountMinor: number | null) => figureText(amountMinor, 'money', data.currency)
  return (
    <div class="scroll">
      <table class="list">
        <TableHead titles={['Sign-up month', 'Trialists', 'Paying', 'Revenue so far', 'Per trialist']} />
        <tbody>
          {data.cohorts.map(({ month, trialists, paying, revenueMinor, perTrialistMinor }) => (
            <tr key={month}>
              <th scope="row">{month}</th>
              <td class="number" data-label="Trialists">
                {trialists}
              </td>
              <td class="number" data-label="Paying">
                {paying}
              </td>
              <td class="number" data-label="Revenue so far">
                {money(revenueMinor)}
              </td>
              <td class="number" data-label="Per trialist">
                {money(perTrialistMinor)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
