import { dayMs } from '../../../shared/clock.ts'

/** UTC days, both included; `days` when it is one of the usual spans up to today. */
export interface Period {
  from: string
  to: string
  days: number | null
}

const spans = [7, 28, 90, 365]
const usualDays = 28

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10)
const isDay = (text: string | null): text is string => text !== null && /^\d{4}-\d\d-\d\d$/.test(text)

/** @param now the server’s clock */
export function readPeriod(query: URLSearchParams, now: number): Period {
  const [from, to] = [query.get('from'), query.get('to')]
  if (isDay(from) && isDay(to)) return { from, to, days: null }
  const asked = Number(query.get('days'))
  const days = spans.includes(asked) ? asked : usualDays
  return { from: dayText(now - (days - 1) * dayMs), to: dayText(now), days }
}

/** What the address holds of it. */
export const periodQuery = ({ from, to, days }: Period): Record<string, string> => {
  if (days === null) return { from, to }
  return days === usualDays ? {} : { days: String(days) }
}

export function PeriodSelect({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const { from, to, days } = period
  const other = (change: { from?: string; to?: string }) => {
    const next = { ...period, ...change, days: null }
    if (isDay(next.from) && isDay(next.to)) onChange(next)
  }
  const spanChosen = (value: string) => onChange({ ...period, days: value === '' ? null : Number(value) })
  return (
    <>
      <label>
        <span class="sr">Period</span>
        <select value={days ?? ''} onChange={(event) => spanChosen(event.currentTarget.value)}>
          {spans.map((n) => (
            <option key={n} value={n}>
              Last {n} days
            </option>
          ))}
          <option value="">Custom range</option>
        </select>
      </label>
      {days === null && (
        <>
          <label>
            <span class="sr">From</span>
            <input
              type="date"
              value={from}
              max={to}
              onChange={(event) => other({ from: event.currentTarget.value })}
            />
          </label>
          <label>
            <span class="sr">To</span>
            <input
              type="date"
              value={to}
              min={from}
              onChange={(event) => other({ to: event.currentTarget.value })}
            />
          </label>
        </>
      )}
    </>
  )
}
