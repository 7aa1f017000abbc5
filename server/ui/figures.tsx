import { useState } from 'preact/hooks'
import type { MessageKind } from '../../shared/trial.ts'
import { type Session, serverNow } from './api.ts'
import { percentText } from './format.ts'
import { useApi } from './hooks.ts'
import { figureText, type Metric, Tile } from './kpi-tile.tsx'
import { BrakeBanner } from './mail-brake.tsx'
import { ErrorNote, Loading, Section } from './parts.tsx'
import { SubjectTests } from './subject-tests.tsx'
import { kindWords } from './words.ts'

interface Share {
  numerator: number
  denominator: number
  rate: number | null
}

interface FunnelFigures {
  steps: (Share & { name: string })[]
  statuses: { trialing: number; ended: number; converted: number }
  conversion: Share
}

interface Kpis {
  currency: string
  metrics: Metric[]
  series: { key: string; delivered: number; values: Record<string, number | null> }[]
}

const groups = [
  { id: 'acquire', title: 'Acquire: do the mails arrive and win people?' },
  { id: 'own', title: 'Own: do they bring customers and money?' },
  { id: 'engage', title: 'Engage: are they read and answered?' },
] as const

const periods = [7, 28, 90, 365]
const dayMs = 86_400_000
const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10)

function Funnel() {
  const loaded = useApi<FunnelFigures>('/api/funnel')
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
        In trial {data.statuses.trialing}, ended {data.statuses.ended}, customers {data.statuses.converted}.
        Conversion: {percentText(data.conversion)}.
      </p>
    </>
  )
}

const columns = [
  ['open_rate', 'Opened'],
  ['click_rate', 'Clicked'],
  ['positive_replies', 'Replied well'],
  ['conversion_rate', 'Converted'],
  ['unsubscribe_rate', 'Unsubscribed'],
  ['bounce_rate', 'Bounced'],
] as const

function ByKind({ series }: { series: Kpis['series'] }) {
  if (series.length === 0) return <p class="quiet">No mail has gone out in this period.</p>
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Mail</th>
            <th scope="col">Delivered</th>
            {columns.map(([id, title]) => (
              <th key={id} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.map(({ key, delivered, values }) => (
            <tr key={key}>
              <th scope="row">{kindWords[key as MessageKind] ?? key}</th>
              <td class="number" data-label="Delivered">
                {delivered}
              </td>
              {columns.map(([id, title]) => (
                <td key={id} class="number" data-label={title}>
                  {figureText(values[id] ?? null, 'share', 'USD')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function FiguresPage({ session }: { session: Session }) {
  const [days, setDays] = useState(28)
  const to = serverNow()
  const period = `from=${dayText(to - (days - 1) * dayMs)}&to=${dayText(to)}`
  const kpis = useApi<Kpis>(`/api/kpis?${period}&by=kind`)
  const { data } = kpis
  return (
    <>
      <div class="row head">
        <h1>Figures</h1>
        <div class="row start">
          <label>
            <span class="sr">Period</span>
            <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {periods.map((n) => (
                <option key={n} value={n}>
                  Last {n} days
                </option>
              ))}
            </select>
          </label>
          <a href={`/api/kpis?${period}&format=csv`} download>
            CSV
          </a>
        </div>
      </div>
      <BrakeBanner session={session} />
      <Section title="From sign-up to customer">
        <Funnel />
      </Section>
      {kpis.state === 'failed' && <ErrorNote error={kpis.error} retry={kpis.reload} />}
      {!data && kpis.state === 'loading' && <Loading what="figures" />}
      {data && (
        <div aria-busy={kpis.state === 'loading'}>
          {groups.map(({ id, title }) => (
            <section key={id} class="tiles-group">
              <h2>{title}</h2>
              <ul class="tiles">
                {data.metrics
                  .filter((metric) => metric.groups[0] === id)
                  .map((metric) => (
                    <Tile key={metric.id} metric={metric} currency={data.currency} />
                  ))}
              </ul>
            </section>
          ))}
          <Section title="Mails by kind">
            <ByKind series={data.series} />
          </Section>
        </div>
      )}
      <SubjectTests />
    </>
  )
}
