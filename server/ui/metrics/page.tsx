import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { BrakeBanner } from '../deliverability/sending-brake.tsx'
import { isAtLeast, type Session, serverNow } from '../shared/api.ts'
import { percentText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { Cohorts, paymentsPath } from './cohorts.tsx'
import { csvPath, type Grouping, MailGroups, readGrouping } from './groups.tsx'
import { type Period, PeriodSelect, periodQuery, readPeriod } from './period.tsx'
import { SubjectTests } from './subject-tests.tsx'
import { Tile } from './tile.tsx'

type Kpis = AnswerOf<'GET /api/kpis'>

const groups = [
  { id: 'acquire', title: 'Acquire: do emails arrive and win people over?' },
  { id: 'own', title: 'Own: do they bring in customers and revenue?' },
  { id: 'engage', title: 'Engage: do people read and answer them?' },
] as const

function Funnel() {
  const loaded = useApi('GET /api/funnel')
  const { data } = loaded
  if (loaded.state === 'failed') return <ErrorNote error={loaded.error} retry={loaded.reload} />
  if (!data) return <Loading what="the funnel" />
  return (
    <>
      <ol class="funnel">
        {data.steps.map((step) => (
          <li key={step.name}>
            <span>{step.name}</span>
            <meter
              min={0}
              max={Math.max(step.denominator, 1)}
              value={step.numerator}
              aria-label={step.name}
            />
            <span class="quiet">{percentText(step)}</span>
          </li>
        ))}
      </ol>
      <p>
        In trial: {data.statuses.trialing}. Ended: {data.statuses.ended}. Customers: {data.statuses.converted}
        . Conversion: {percentText(data.conversion)}.
      </p>
    </>
  )
}

const href = (period: Period, by: Grouping): string => {
  const query = new URLSearchParams({ ...periodQuery(period), ...(by !== 'kind' && { by }) })
  return `#/metrics${query.size > 0 ? `?${query}` : ''}`
}

export function MetricsPage({ session, query }: { session: Session; query: URLSearchParams }) {
  const period = readPeriod(query, serverNow())
  const by = readGrouping(query)
  const asked = { from: period.from, to: period.to }
  const kpis = useApi('GET /api/kpis', { query: asked })
  const { data } = kpis
  const go = (next: Period, nextBy: Grouping) => {
    window.location.hash = href(next, nextBy)
  }
  return (
    <>
      <div class="row head">
        <h1>Metrics</h1>
        <div class="row start period">
          <PeriodSelect period={period} onChange={(next) => go(next, by)} />
          <a href={csvPath(asked)} download>
            CSV<span class="sr"> of all metrics</span>
          </a>
        </div>
      </div>
      <BrakeBanner session={session} />
      <Section title="From sign-up to customer">
        <Funnel />
      </Section>
      {kpis.state === 'failed' && <ErrorNote error={kpis.error} retry={kpis.reload} />}
      {!data && kpis.state === 'loading' && <Loading what="the metrics" />}
      {data && kpis.state !== 'failed' && (
        <div aria-busy={kpis.state === 'loading'}>
          <Tiles data={data} />
        </div>
      )}
      <MailGroups asked={asked} by={by} onChange={(next) => go(period, next)} />
      <Section title="Revenue by month of sign-up, last 12 months">
        <Cohorts />
        {isAtLeast(session, 'admin') && (
          <p>
            <a href={paymentsPath(asked)} download>
              Payments and refunds of the chosen period (CSV)
            </a>
          </p>
        )}
      </Section>
      <SubjectTests />
    </>
  )
}

const Tiles = ({ data: { metrics, currency } }: { data: Kpis }) =>
  groups.map(({ id, title }) => (
    <section key={id} class="tiles-group">
      <h2>{title}</h2>
      <ul class="tiles">
        {metrics
          .filter((metric) => metric.groups[0] === id)
          .map((metric) => (
            <Tile key={metric.id} metric={metric} currency={currency} />
          ))}
      </ul>
    </section>
  ))
