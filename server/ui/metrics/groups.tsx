import { wireRequest } from '../../../shared/api/client.ts'
import type { AnswerOf, RequestOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { languageName } from '../emails/words.ts'
import { dateText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'
import { percentText } from './tile.tsx'

type Group = NonNullable<AnswerOf<'GET /api/kpis'>['series']>[number]
type Days = Pick<NonNullable<RequestOf<'GET /api/kpis'>['query']>, 'from' | 'to'>

/** Where the metrics are to be had as a file. */
export const csvPath = (query: NonNullable<RequestOf<'GET /api/kpis'>['query']>): string =>
  wireRequest('GET /api/kpis', { query: { ...query, format: 'csv' } }).path

const groupings = ['kind', 'rule', 'variant', 'locale', 'day'] as const
export type Grouping = (typeof groupings)[number]

export const readGrouping = (query: URLSearchParams): Grouping =>
  groupings.find((each) => each === query.get('by')) ?? 'kind'

const groupingWords: Record<Grouping, { choice: string; column: string; name: (key: string) => string }> = {
  kind: { choice: 'kind', column: 'Email', name: (key) => kindLabels[key as MessageKind] ?? key },
  rule: { choice: 'rule', column: 'Rule', name: (key) => key },
  variant: {
    choice: 'subject line',
    column: 'Subject line',
    name: (key) => `Subject line ${Number(key) + 1}`,
  },
  locale: { choice: 'language', column: 'Language', name: languageName },
  day: { choice: 'day', column: 'Day (UTC)', name: (key) => dateText(`${key}T12:00:00Z`) },
}

const columns = [
  ['open_rate', 'Opened'],
  ['click_rate', 'Clicked'],
  ['positive_replies', 'Positive replies'],
  ['conversion_rate', 'Converted'],
  ['unsubscribe_rate', 'Unsubscribed'],
  ['bounce_rate', 'Bounced'],
] as const

function Table({ groups, by }: { groups: readonly Group[]; by: Grouping }) {
  const { column, name } = groupingWords[by]
  return (
    <div class="scroll">
      <table class="list">
        <TableHead titles={[column, 'Delivered', ...columns.map(([, title]) => title)]} />
        <tbody>
          {groups.map(({ key, delivered, values }) => (
            <tr key={key}>
              <th scope="row">{name(key)}</th>
              <td class="number" data-label="Delivered">
                {delivered}
              </td>
              {columns.map(([id, title]) => (
                <td key={id} class="number" data-label={title}>
                  {percentText(values[id] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Anew for each grouping, so that keys of one are never read as those of another. */
function Groups({ asked, by }: { asked: Days; by: Grouping }) {
  const loaded = useApi('GET /api/kpis', { query: { ...asked, by } })
  const { data } = loaded
  if (loaded.state === 'failed') return <ErrorNote error={loaded.error} retry={loaded.reload} />
  if (!data) return <Loading what="the emails" />
  const series = data.series ?? []
  if (series.length === 0) return <p class="quiet">No email was sent in this period.</p>
  return (
    <div aria-busy={loaded.state === 'loading'}>
      <Table groups={by === 'day' ? [...series].reverse() : series} by={by} />
    </div>
  )
}

/**
 * The emails of the period, each group beside the others; the newest day first.
 * @param asked the days of the period
 */
export function MailGroups({
  asked,
  by,
  onChange,
}: {
  asked: Days
  by: Grouping
  onChange: (by: Grouping) => void
}) {
  return (
    <Section title="Compare emails">
      <div class="row start group-tools">
        <label class="row">
          By
          <select value={by} onChange={(event) => onChange(event.currentTarget.value as Grouping)}>
            {groupings.map((each) => (
              <option key={each} value={each}>
                {groupingWords[each].choice}
              </option>
            ))}
          </select>
        </label>
        <a href={csvPath({ ...asked, by })} download>
          CSV<span class="sr"> of the emails by {groupingWords[by].choice}</span>
        </a>
      </div>
      <Groups key={by} asked={asked} by={by} />
    </Section>
  )
}
