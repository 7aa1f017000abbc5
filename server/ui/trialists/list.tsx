import { useState } from 'preact/hooks'
import type { AnswerOf, RequestOf } from '../../../shared/api/endpoints.ts'
import { kindLabels, segmentLabels } from '../../../shared/labels.ts'
import { type Segment, segments } from '../../../shared/trial.ts'
import { companyHref } from '../companies/address.ts'
import { BlockedEmails } from '../home/blocked-emails.tsx'
import { SendingTrouble } from '../home/sending-trouble.tsx'
import { ApiError, call, serverNow } from '../shared/api.ts'
import { dateText } from '../shared/format.ts'
import { useApi, useSettled } from '../shared/hooks.ts'
import { Chip, Empty, ErrorNote, Loading, TableHead, When } from '../shared/parts.tsx'
import { paceWords, segmentMeanings, statusWords } from '../shared/words.ts'

type PageOfLines = AnswerOf<'GET /api/trialists'>
type Line = PageOfLines['trialists'][number]

const sorts = [
  ['-lastSeenAt', 'Last seen'],
  ['endsAt', 'Trial ends soonest'],
  ['-score', 'Highest score'],
  ['-createdAt', 'Newest'],
] as const
type Sort = (typeof sorts)[number][0]

/** Activated first: they are the ones to talk to. */
const tabs: readonly (Segment | null)[] = [null, ...[...segments].reverse()]

function SegmentTabs({
  chosen,
  onChoose,
}: {
  chosen: Segment | null
  onChoose: (segment: Segment | null) => void
}) {
  const counts = useApi('GET /api/segments')
  return (
    <fieldset class="tabs">
      <legend class="sr">Segment</legend>
      {tabs.map((segment) => (
        <label key={segment ?? 'all'} class="tab" title={segment ? segmentMeanings[segment] : 'Everyone'}>
          <input
            type="radio"
            name="segment"
            checked={chosen === segment}
            onChange={() => onChoose(segment)}
          />
          <span>
            {segment ? segmentLabels[segment] : 'All'}{' '}
            <b>{counts.data ? (segment ? counts.data.segments[segment] : counts.data.total) : '…'}</b>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** A company is named by itself, with the most active of its people. */
function Name({ line: { userId, companyId, members = 0, name, email, company } }: { line: Line }) {
  if (companyId === undefined)
    return (
      <>
        <a href={`#/trialists/${encodeURIComponent(userId)}`}>{name ?? email ?? userId}</a>
        <small>{[company, name ? email : null].filter(Boolean).join(' · ')}</small>
      </>
    )
  return (
    <>
      <a href={companyHref(companyId)}>{company ?? companyId}</a>
      <small>
        {[`${members} ${members === 1 ? 'person' : 'people'}`, name && `champion ${name}`]
          .filter(Boolean)
          .join(' · ')}
      </small>
    </>
  )
}

function Row({ line, now }: { line: Line; now: number }) {
  const reached = line.milestones.filter((milestone) => milestone.reachedAt !== null).length
  return (
    <tr>
      <th scope="row">
        <Name line={line} />
      </th>
      <td>
        <Chip segment={line.segment} />
        <small>{paceWords[line.pace]}</small>
      </td>
      <td class="number" data-label="Score">
        <span class="score">{line.score}</span>
        <small>
          {reached}/{line.milestones.length} milestones
        </small>
      </td>
      <td data-label="Trial end">
        {line.trial.endsAt ? <When at={line.trial.endsAt} now={now} /> : 'No end'}
        <small>
          {statusWords[line.trial.status]}
          {line.trial.endsAt ? ` · ${dateText(line.trial.endsAt)}` : ''}
        </small>
      </td>
      <td data-label="Next email">
        {line.next ? kindLabels[line.next.kind] : 'Nothing'}
        <small>{line.next ? line.next.at ? <When at={line.next.at} now={now} /> : 'waiting' : ''}</small>
      </td>
      <td data-label="Last seen">
        {line.lastSeenAt ? <When at={line.lastSeenAt} now={now} /> : <span class="quiet">never</span>}
      </td>
    </tr>
  )
}

/** Further pages, and the question whose first page they follow. */
interface Added {
  question: string
  pages: PageOfLines[]
  error: ApiError | null
}

/** The first page by hook, further pages appended as they are asked for. */
function useLines(query: NonNullable<RequestOf<'GET /api/trialists'>['query']>) {
  const first = useApi('GET /api/trialists', { query })
  const question = JSON.stringify(query)
  const [added, setAdded] = useState<Added>({ question, pages: [], error: null })
  const { pages: more, error } = added.question === question ? added : { pages: [], error: null }
  const cursor = (more.at(-1) ?? first.data)?.cursor ?? null
  const loadMore = async () => {
    setAdded({ question, pages: more, error: null })
    try {
      const page = await call('GET /api/trialists', { query: { ...query, cursor: cursor ?? '' } })
      // Pages of another search or order do not belong to this list.
      setAdded((now) => (now.question === question ? { ...now, pages: [...more, page] } : now))
    } catch (cause) {
      if (cause instanceof ApiError)
        setAdded((now) => (now.question === question ? { ...now, error: cause } : now))
    }
  }
  const lines = [first.data, ...more].flatMap((page) => page?.trialists ?? [])
  return { first, lines, cursor, loadMore, moreError: error }
}

export function TrialistsPage() {
  const [segment, setSegment] = useState<Segment | null>(null)
  const [sort, setSort] = useState<Sort>('-lastSeenAt')
  const [search, setSearch] = useState('')
  const q = useSettled(search.trim())
  const query = { sort, limit: 50, ...(segment && { segment }), ...(q && { q }) }
  const { first, lines, cursor, loadMore, moreError } = useLines(query)
  const now = serverNow()
  return (
    <>
      <h1>Trialists</h1>
      <SendingTrouble />
      <BlockedEmails />
      <SegmentTabs chosen={segment} onChoose={setSegment} />
      <div class="row controls">
        <label class="grow">
          <span class="sr">Search</span>
          <input
            type="search"
            placeholder="Name, email, company or user ID"
            value={search}
            maxLength={200}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <label>
          <span class="sr">Order</span>
          <select value={sort} onChange={(event) => setSort(event.currentTarget.value as Sort)}>
            {sorts.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {first.state === 'failed' && <ErrorNote error={first.error} retry={first.reload} />}
      {first.state === 'loading' && lines.length === 0 && <Loading what="trialists" />}
      {first.state === 'ready' && lines.length === 0 && (
        <NothingHere filtered={segment !== null || q !== ''} />
      )}
      {lines.length > 0 && (
        <div class="card scroll" aria-busy={first.state === 'loading'}>
          <table class="list">
            <TableHead titles={['Trialist', 'Segment', 'Score', 'Trial end', 'Next email', 'Last seen']} />
            <tbody>
              {lines.map((line) => (
                <Row key={line.companyId ?? line.userId} line={line} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {moreError && <ErrorNote error={moreError} />}
      {cursor && (
        <p class="center">
          <button type="button" onClick={loadMore}>
            Show more
          </button>
        </p>
      )}
    </>
  )
}

function NothingHere({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty title="No match">
        <p>Choose another segment or a shorter search.</p>
      </Empty>
    )
  return (
    <Empty title="No trialists yet">
      <p>
        They appear with their first event. Add the snippet to your product: you find it under{' '}
        <a href="#/settings">Settings</a>.
      </p>
    </Empty>
  )
}
