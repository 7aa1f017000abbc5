import type { MessageKind } from '../../shared/trial.ts'
import { percentText } from './format.ts'
import { useApi } from './hooks.ts'
import { ErrorNote, Loading, Section } from './parts.tsx'
import { kindWords } from './words.ts'

interface Share {
  numerator: number
  denominator: number
  rate: number | null
}

interface Kpis {
  statuses: { trialing: number; ended: number; converted: number }
  conversion: Share
  mails: {
    kind: MessageKind
    sent: number
    failed: number
    unknown: number
    opened: Share
    clicked: Share
    replied: Share
    bounced: Share
  }[]
}

function Funnel() {
  const { state, data, reload, ...rest } = useApi<{ steps: (Share & { name: string })[] }>('/api/funnel')
  if (state === 'failed')
    return (
      <ErrorNote error={(rest as { error: Parameters<typeof ErrorNote>[0]['error'] }).error} retry={reload} />
    )
  if (!data) return <Loading what="the funnel" />
  return (
    <ol class="funnel">
      {data.steps.map((step) => (
        <li key={step.name}>
          <span>{step.name}</span>
          <meter min={0} max={Math.max(step.denominator, 1)} value={step.numerator} aria-label={step.name} />
          <span class="quiet">{percentText(step)}</span>
        </li>
      ))}
    </ol>
  )
}

export function FiguresPage() {
  const kpis = useApi<Kpis>('/api/kpis')
  const mails = kpis.data?.mails.filter(({ sent, failed, unknown }) => sent + failed + unknown > 0) ?? []
  return (
    <>
      <h1>Figures</h1>
      <Section title="From sign-up to customer">
        <Funnel />
        {kpis.data && (
          <p>
            In trial {kpis.data.statuses.trialing}, ended {kpis.data.statuses.ended}, customers{' '}
            {kpis.data.statuses.converted}; conversion {percentText(kpis.data.conversion)}.
          </p>
        )}
      </Section>
      <Section title="Mails by kind">
        {kpis.state === 'failed' && <ErrorNote error={kpis.error} retry={kpis.reload} />}
        {!kpis.data && kpis.state === 'loading' && <Loading what="figures" />}
        {kpis.data && mails.length === 0 && <p class="quiet">No mail has gone out yet.</p>}
        {mails.length > 0 && (
          <div class="scroll">
            <table class="list">
              <thead>
                <tr>
                  {['Mail', 'Sent', 'Opened', 'Clicked', 'Replied', 'Bounced', 'Failed', 'Unknown'].map(
                    (title) => (
                      <th key={title} scope="col">
                        {title}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
              <tbody>
                {mails.map((line) => (
                  <tr key={line.kind}>
                    <th scope="row">{kindWords[line.kind]}</th>
                    <td class="number" data-label="Sent">
                      {line.sent}
                    </td>
                    <td data-label="Opened">{percentText(line.opened)}</td>
                    <td data-label="Clicked">{percentText(line.clicked)}</td>
                    <td data-label="Replied">{percentText(line.replied)}</td>
                    <td data-label="Bounced">{percentText(line.bounced)}</td>
                    <td class="number" data-label="Failed">
                      {line.failed}
                    </td>
                    <td class="number" data-label="Unknown">
                      {line.unknown}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Section>
    </>
  )
}
