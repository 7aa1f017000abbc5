import { useEffect, useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { kindLabels } from '../../../shared/labels.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { type ApiError, call, serverNow } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section, TableHead } from '../shared/parts.tsx'

type Import = AnswerOf<'GET /api/imports/{id}'>
type Rejected = AnswerOf<'GET /api/imports/{id}/rejected'>['rows'][number]

const lookEveryMs = 400
const mostShown = 50

const isRunning = ({ job }: Import): boolean => job.state === 'queued' || job.state === 'running'
const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`

/** Follows an import to its end. */
function useFollowed() {
  const [state, setState] = useState<Import | null>(null)
  const [rejected, setRejected] = useState<readonly Rejected[]>([])
  const [error, setError] = useState<ApiError | null>(null)
  const waits = state !== null && isRunning(state)
  useEffect(() => {
    if (!state || !waits) return
    const leaving = new AbortController()
    const { signal } = leaving
    const params = { id: state.id }
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      try {
        const next = await call('GET /api/imports/{id}', { params, signal })
        if (next.rejected > 0 && !isRunning(next))
          setRejected((await call('GET /api/imports/{id}/rejected', { params, signal })).rows)
        setError(null)
        setState(next)
        if (!isRunning(next)) return
      } catch (cause) {
        if (!signal.aborted) setError(cause as ApiError)
      }
      if (!signal.aborted) timer = setTimeout(look, lookEveryMs)
    }
    timer = setTimeout(look, lookEveryMs)
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [state?.id, waits])
  const follow = (next: Import | null) => {
    setRejected([])
    setError(null)
    setState(next)
  }
  return { state, rejected, error, follow }
}

function RejectedRows({ rows }: { rows: readonly Rejected[] }) {
  if (rows.length === 0) return null
  const text = rows.map(({ line, userId, why }) => JSON.stringify({ line, userId, why })).join('\n')
  return (
    <>
      <div class="scroll">
        <table class="list">
          <TableHead titles={['Line', 'User', 'Why it is refused']} />
          <tbody>
            {rows.slice(0, mostShown).map(({ line, userId, why }) => (
              <tr key={line}>
                <td class="number" data-label="Line">
                  {line}
                </td>
                <td data-label="User">{userId ?? '–'}</td>
                <td data-label="Why it is refused">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <a download="refused-rows.ndjson" href={`data:application/x-ndjson,${encodeURIComponent(text)}`}>
          Download all {count(rows.length, 'refused row')}
        </a>
      </p>
    </>
  )
}

function Outcome({ state }: { state: Import }) {
  const { rehearsal, created, updated, rejected, quiet } = state
  const encoding = state.encoding && (
    <p>The file is not UTF-8 and is read as Windows-1252: look at a few names.</p>
  )
  const people = `${count(created, 'person', 'people')} created, ${count(updated, 'row')} for people you know, ${count(rejected, 'row')} refused.`
  if (!rehearsal)
    return (
      <div class="note note-good">
        <p>Imported: {people}</p>
        {encoding}
      </div>
    )
  const { held } = rehearsal
  const kinds = Object.entries(rehearsal.kinds).map(
    ([kind, number]) => `${kindLabels[kind as MessageKind] ?? kind}: ${number}`,
  )
  return (
    <div class="note">
      <p>Nothing is stored yet. This import would be: {people}</p>
      <p>
        {quiet
          ? 'No one would be emailed until you end their pause.'
          : held
            ? `No one would be emailed now: ${held.why}. ${count(held.people, 'person', 'people')} would be once that is over.`
            : `It would email ${count(rehearsal.emailNow, 'person', 'people')} now${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''} and ${count(rehearsal.emailWithinDay, 'more person', 'more people')} within 24 hours.`}
      </p>
      {encoding}
    </div>
  )
}

type Undated = 'today' | 'before'
const noneUndated = { people: 0, choice: null, since: '' }

/** Whether people without a date are new customers or old ones is asked, never guessed. */
function UndatedChoice({
  people,
  choice,
  since,
  onChange,
}: {
  people: number
  choice: Undated | null
  since: string
  onChange: (choice: Undated, since: string) => void
}) {
  const option = (value: Undated, label: string) => (
    <label class="option">
      <input type="radio" name="undated" checked={choice === value} onChange={() => onChange(value, since)} />
      <span>{label}</span>
    </label>
  )
  return (
    <fieldset>
      <legend>{count(people, 'new person has', 'new people have')} no date. When did they begin?</legend>
      {option('today', 'They start today: welcome them')}
      {option('before', 'They are here already: send nothing about moments that have passed')}
      {choice === 'before' && (
        <label>
          Since
          <input
            type="date"
            required
            value={since}
            max={isoInstant(serverNow()).slice(0, 10)}
            onChange={(event) => onChange('before', event.currentTarget.value)}
          />
        </label>
      )}
    </fieldset>
  )
}

/** People from a file: first what it would do and whom it would email, then the import itself. */
export function ImportSection() {
  const [file, setFile] = useState<File | null>(null)
  const [quiet, setQuiet] = useState(false)
  const [undated, setUndated] = useState<{ people: number; choice: Undated | null; since: string }>(
    noneUndated,
  )
  const { busy, error, run } = useAction()
  const { state, rejected, error: lost, follow } = useFollowed()
  const send = (dryRun: boolean) =>
    run(async () => {
      if (!file) return
      const format = /\.(nd)?json[l]?$/i.test(file.name) ? 'ndjson' : 'csv'
      const since = undated.choice === 'before' ? undated.since : undated.choice
      const query = {
        format,
        quiet: quiet ? 'true' : 'false',
        dryRun: dryRun ? 'true' : 'false',
        ...(since && { undated: since }),
      } as const
      const body = new Uint8Array(await file.arrayBuffer())
      follow(await call('POST /api/imports', { query, body }))
    })
  const isBusy = busy || (state !== null && isRunning(state))
  const isChecked = state?.dryRun === true && state.job.state === 'done'
  const people = Math.max(undated.people, state?.rehearsal?.undated ?? 0)
  const isDecided = quiet || people === 0 || undated.choice !== null
  return (
    <Section title="Import people">
      <p>
        A CSV or NDJSON file with <code>userId</code>, <code>email</code>, <code>trial.startsAt</code>,{' '}
        <code>trial.endsAt</code> and any other columns. No one is emailed about a moment that has passed.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(true)
        }}
      >
        <label>
          File
          <input
            type="file"
            accept=".csv,.tsv,.ndjson,.jsonl,.txt"
            required
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null)
              setUndated(noneUndated)
              follow(null)
            }}
          />
        </label>
        <label class="option">
          <input
            type="checkbox"
            checked={quiet}
            onChange={(event) => {
              setQuiet(event.currentTarget.checked)
              follow(null)
            }}
          />
          <span>Send nothing to these people until someone ends their pause</span>
        </label>
        {people > 0 && !quiet && (
          <UndatedChoice
            {...undated}
            people={people}
            onChange={(choice, since) => {
              setUndated({ people, choice, since })
              follow(null)
            }}
          />
        )}
        <button type="submit" disabled={isBusy || !file}>
          {people > 0 && !quiet ? 'Check the file again' : 'Check the file'}
        </button>
        {isChecked && isDecided && state.imported > 0 && (
          <button type="button" class="primary" disabled={isBusy} onClick={() => void send(false)}>
            Import {count(state.imported, 'row')}
          </button>
        )}
      </form>
      {error && <ErrorNote error={error} />}
      {lost && <ErrorNote error={lost} />}
      <div role="status">
        {state && isRunning(state) && (
          <progress value={state.job.done} max={state.job.total ?? 1} aria-label="Rows read" />
        )}
        {state?.job.state === 'done' && <Outcome state={state} />}
        {(state?.job.state === 'failed' || state?.job.state === 'cancelled') && (
          <p class="note">It stopped: {state.job.error ?? state.job.state}. Check the file again.</p>
        )}
      </div>
      {state?.job.state === 'done' && <RejectedRows rows={rejected} />}
    </Section>
  )
}
