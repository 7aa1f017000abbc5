import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { currencyFormat, toMajor } from '../../../shared/currency.ts'

/** One of the 21 metrics as `/api/kpis` tells it. */
export type Metric = AnswerOf<'GET /api/kpis'>['metrics'][number]
export type NamedFigure = Metric['others'][number]

const qualityWords: Record<NamedFigure['quality'], { label: string; meaning: string }> = {
  verified: {
    label: 'Verified',
    meaning: 'Confirmed by your product, by the person’s own answer or by billing.',
  },
  adjusted: { label: 'Adjusted', meaning: 'Automatic opens and clicks are filtered out.' },
  raw: { label: 'Raw', meaning: 'As recorded, automatic opens and clicks included.' },
  not_measurable: { label: 'Not measured', meaning: 'Data is missing.' },
}

const digits = (value: number, share: boolean): number => {
  const shown = Math.abs(share ? value * 100 : value)
  return shown === 0 || shown >= 100 || Number.isInteger(shown) ? 0 : shown >= 10 ? 1 : 2
}

const write = (value: number, options: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(undefined, options).format(value)

/** @param currency of money, whose amounts are in its smallest unit */
export const percentText = (value: number | null): string =>
  value === null ? '–' : write(value, { style: 'percent', maximumFractionDigits: digits(value, true) })

export function figureText(value: number | null, unit: NamedFigure['unit'], currency: string): string {
  if (value === null) return '–'
  if (unit === 'share') return percentText(value)
  if (unit !== 'money') return write(value, { maximumFractionDigits: digits(value, false) })
  return write(toMajor(value, currency), currencyFormat(currency))
}

function Quality({ quality }: { quality: NamedFigure['quality'] }) {
  const { label, meaning } = qualityWords[quality]
  return (
    <span class={`badge badge-${quality}`} title={meaning}>
      {label}
    </span>
  )
}

const weekdays = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** `2-10` is Tuesday at 10 where the person lives. */
const breakdownName = (metric: Metric, name: string): string =>
  metric.id === 'open_times'
    ? name.replace(/^(\d)-(\d+)$/, (_, day: string, hour: string) => `${weekdays[Number(day)]} ${hour}:00`)
    : name

/** What leads the table, where the table is the point. */
function Leader({ metric }: { metric: Metric }) {
  const [first] = metric.breakdown
  if (!first || (metric.id !== 'open_times' && metric.id !== 'mail_programs')) return null
  return <p class="tile-line">Most: {breakdownName(metric, first.name)}</p>
}

function Range({ figure, currency }: { figure: NamedFigure; currency: string }) {
  const { interval, denominator, numerator, unit, n } = figure
  if (interval)
    return (
      <p class="tile-range">
        {figureText(interval.low, unit, currency)} to {figureText(interval.high, unit, currency)}
        {numerator !== null && denominator !== null && ` · ${numerator} of ${denominator}`}
      </p>
    )
  return (
    <p class="tile-range">{unit === 'score' ? 'of 10' : `n = ${write(n, { maximumFractionDigits: 1 })}`}</p>
  )
}

/** Where the value, its interval and the benchmark lie, on one line from 0. */
function Scale({ metric }: { metric: Metric }) {
  const { interval, benchmark, value } = metric
  if (!interval || value === null) return null
  const inUnit =
    benchmark && metric.id !== 'click_rate' && metric.id !== 'bounce_rate' ? benchmark.value : null
  const end = Math.min(1, Math.max(interval.high, inUnit ?? 0) * 1.15) || 1
  const at = (share: number): string => `${Math.min(100, Math.max(0, (100 * share) / end))}%`
  return (
    <div class="scale" aria-hidden="true">
      <i class="scale-range" style={{ left: at(interval.low), right: `calc(100% - ${at(interval.high)})` }} />
      <i class="scale-value" style={{ left: at(value) }} />
      {inUnit !== null && <i class="scale-aim" style={{ left: at(inUnit) }} />}
    </div>
  )
}

function Trend({ metric, currency }: { metric: Metric; currency: string }) {
  const { before, value, unit } = metric
  if (before === null || value === null) return null
  const sign = value > before ? '▲' : value < before ? '▼' : '='
  return (
    <p class="tile-line">
      <span aria-hidden="true">{sign}</span> before: {figureText(before, unit, currency)}
    </p>
  )
}

function Benchmark({ metric, currency }: { metric: Metric; currency: string }) {
  const { benchmark, unit, others, id } = metric
  if (!benchmark) return null
  // Some benchmarks belong to another definition of the metric, which is named with them.
  const of = id === 'click_rate' ? 'clicks to opens' : id === 'bounce_rate' ? 'hard bounces' : null
  const named = of === null ? '' : ` for ${of}`
  const known = others.length > 0 || of === null
  return (
    <p class="tile-line">
      Target{known ? named : ''}: {benchmark.better === 'above' ? 'at least' : 'at most'}{' '}
      {figureText(benchmark.value, unit, currency)}
    </p>
  )
}

export function Tile({ metric, currency }: { metric: Metric; currency: string }) {
  const { action, alarm, others, breakdown, why } = metric
  return (
    <li class="tile">
      <div class="tile-head">
        <h3>{metric.name}</h3>
        <Quality quality={metric.quality} />
      </div>
      {action ? (
        <p class="tile-action">
          {action} {metric.id === 'spam_score' && <a href="#/emails">Open Emails</a>}
        </p>
      ) : (
        <>
          <p class="tile-value">{figureText(metric.value, metric.unit, currency)}</p>
          {metric.value !== null && <Range figure={metric} currency={currency} />}
          <Leader metric={metric} />
          <Scale metric={metric} />
          <Trend metric={metric} currency={currency} />
          <Benchmark metric={metric} currency={currency} />
        </>
      )}
      {alarm && <p class="tile-alarm">{alarm}</p>}
      <details>
        <summary>
          More<span class="sr"> about {metric.name}</span>
        </summary>
        <p class="quiet">{why}</p>
        {metric.benchmark && <p class="quiet">Target from: {metric.benchmark.source}</p>}
        {others.length > 0 && (
          <dl class="pairs">
            {others.map((other) => (
              <div key={other.id}>
                <dt>{other.name}</dt>
                <dd title={qualityWords[other.quality].label}>
                  {figureText(other.value, other.unit, currency)}
                </dd>
              </div>
            ))}
          </dl>
        )}
        {breakdown.length > 0 && (
          <dl class="pairs">
            {breakdown.slice(0, 8).map(({ name, count, share }) => (
              <div key={name}>
                <dt>{breakdownName(metric, name)}</dt>
                <dd>
                  {count} {share !== null && <span class="quiet">{percentText(share)}</span>}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </details>
    </li>
  )
}
