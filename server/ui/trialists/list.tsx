import { useState } from 'preact/hooks'
import { type Segment, segments } from '../../../shared/trial.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { ApiError, api, serverNow } from '../shared/api.ts'
import { dateText } from '../shared/format.ts'
import { useApi, useSettled } from '../shared/hooks.ts'
import { Chip, Empty, ErrorNote, Loading, TableHead, When } from '../shared/parts.tsx'
import { kindWords, paceWords, segmentWords, statusWords } from '../shared/words.ts'

type Line = Pick<
  Trialist,
  | 'email'
  | 'name'
  | 'company'
  | 'segment'
  | 'pace'
  | 'score'
  | 'reasons'
  | 'milestones'
  | 'trial'
  | 'next'
  | 'lastSeenAt'
> & { userId: string }

interface PageOfLines {
  trialists: Line[]
  cursor: string | null
}

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
  const counts = useApi<{ segments: Record<Segment, number>; total: number }>('/api/segments')
  return (
    <fieldset class="tabs">
      <legend class="sr">Segment</legend>
      {tabs.map((segment) => (
        <label
          key={segment ?? 'all'}
          class="tab"
          title={segment ? segmentWords[segment].meaning : 'Everybody'}
        >
          <input
            type="radio"
            name="segment"
            checked={chosen === segment}
            onChange={() => onChoose(segment)}
          />
          <span>
            {segment ? segmentWords[segment].label : 'All'}{' '}
            <b>{counts.data ? (segment ? counts.data.segments[segment] : counts.data.total) : '…'}</b>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

function Row({ line, now }: { line: Line; now: number }) {
  const reached = line.milestones.filter((milestone) => milestone.reachedAt !== null).length
  return (
    <tr>
      <th scope="row">
        <a href={`#/trialists/${encodeURIComponent(line.userId)}`}>
          {line.name ?? line.email ?? line.userId}
        </a>
        <small>{[line.company, line.name ? line.email : null].filter(Boolean).join(' · ')}</small>
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
      <td data-label="Next mail">
        {line.next ? kindWords[line.next.kind] : 'Nothing'}
        <small>{line.next ? line.next.at ? <When at={line.next.at} now={now} /> : 'waits' : ''}</small>
      </td>
      <td data-label="Last seen">
        {line.lastSeenAt ? <When at={line.lastSeenAt} now={now} /> : <span class="quiet">never</span>}
      </td>
    </tr>
  )
}

/** Further pages, and the path whose first page they follow. */
interface Added {
  path: string
  pages: PageOfLines[]
  error: ApiError | null
}

/** The first page by hook, further pages appended as they are asked for. */
function useLines(path: string) {
  const first = useApi<PageOfLines>(path)
  const [added, setAdded] = useState<Added>({ path, pages: [], error: null })
  const { pages: more, error } = added.path === path ? added : { pages: [], error: null }
  const cursor = (more.at(-1) ?? first.data)?.cursor ?? null
  const loadMore = async () => {
    setAdded({ path, pages: more, error: null })
    try {
      const page = await api<PageOfLines>('GET', `${path}&cursor=${encodeURIComponent(cursor ?? '')}`)
      // Pages of another search or order do not belong to this list.
      setAdded((now) => (now.path === path ? { ...now, pages: [...more, page] } : now))
    } catch (cause) {
      if (cause instanceof ApiError) setAdded((now) => (now.path === path ? { ...now, error: cause } : now))
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
  const query = new URLSearchParams({ sort, limit: '50' })
  if (segment) query.set('segment', segment)
  if (q) query.set('q', q)
  const { first, lines, cursor, loadMore, moreError } = useLines(`/api/trialists?${query}`)
  const now = serverNow()
  return (
    <>
      <h1>Trialists</h1>
      <SegmentTabs chosen={segment} onChoose={setSegment} />
      <div class="row controls">
        <label class="grow">
          <span class="sr">Search</span>
          <input
            type="search"
            placeholder="Name, e-mail, company or user id"
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
            <TableHead titles={['Trialist', 'Segment', 'Score', 'Trial end', 'Next mail', 'Last seen']} />
            <tbody>
              {lines.map((line) => (
                <Row key={line.userId} line={line} now={now} />
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
      <Empty title="Nobody matches">
        <p>Choose another segment or search for less.</p>
      </Empty>
    )
  return (
    <Empty title="No trialists yet">
      <p>
        They appear with their first event. Put the snippet into your product: it is under{' '}
        <a href="#/settings">Settings</a>.
      </p>
    </Empty>
  )
}
