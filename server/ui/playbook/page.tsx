import { useEffect, useRef, useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import type { Fault } from '../../../shared/problems.ts'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { dateTimeText } from '../shared/format.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { Chip, ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'
import { jsonPosition, lineOf } from './json-position.ts'

type Version = AnswerOf<'GET /api/playbook'>
type DryRun = AnswerOf<'POST /api/playbook/dry-run'>
type Moment = DryRun['changes'][number]['before']

const momentText = (moment: Moment): string =>
  moment ? `${kindLabels[moment.kind]}${moment.at ? `, ${dateTimeText(moment.at)}` : ', waiting'}` : 'nothing'

/** @returns the playbook, or the place and reason why the text is no JSON. */
function parse(text: string): { ok: true; value: Record<string, unknown> } | { ok: false; fault: Fault } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return {
      ok: false,
      fault: { pointer: '', detail: error instanceof Error ? error.message : 'This is not JSON.' },
    }
  }
}

export function PlaybookPage({ session }: { session: Session }) {
  const published = useApi('GET /api/playbook')
  return (
    <>
      <h1>Playbook</h1>
      <p class="quiet">
        Everything you can decide, in one document: milestones, fit, messages, nudges, extensions. The schema
        is at <a href="/playbook.schema.json">/playbook.schema.json</a>.
      </p>
      {published.state === 'failed' && <ErrorNote error={published.error} retry={published.reload} />}
      {!published.data && published.state === 'loading' && <Loading what="the playbook" />}
      {published.data && (
        <Editor
          key={published.data.version}
          published={published.data}
          session={session}
          onPublished={published.set}
        />
      )}
    </>
  )
}

function Editor({
  published,
  session,
  onPublished,
}: {
  published: Version
  session: Session
  onPublished: (version: Version) => void
}) {
  const original = JSON.stringify(published.playbook, null, 2)
  const [text, setText] = useState(original)
  const [faults, setFaults] = useState<Fault[]>([])
  const [dryRun, setDryRun] = useState<DryRun | null>(null)
  const { busy, error, run, setError } = useAction()
  const field = useRef<HTMLTextAreaElement>(null)
  const changed = text !== original

  const edit = (next: string) => {
    setText(next)
    setDryRun(null)
    setFaults([])
    setError(null)
  }
  const attempt = (work: (value: Record<string, unknown>) => Promise<void>) => {
    const parsed = parse(text)
    if (!parsed.ok) return setFaults([parsed.fault])
    setFaults([])
    void run(() => work(parsed.value))
  }
  useEffect(() => {
    if (error?.problem.type.endsWith('/invalid-playbook')) setFaults(error.problem.errors ?? [])
  }, [error])

  const compare = () => attempt(async (body) => setDryRun(await call('POST /api/playbook/dry-run', { body })))
  const publish = () =>
    attempt(async (body) => {
      const headers = { 'If-Match': `"${published.version}"` }
      onPublished(await call('PUT /api/playbook', { body, headers }))
    })
  const show = (pointer: string) => {
    const offset = jsonPosition(text, pointer)
    const area = field.current
    if (!area) return
    area.focus()
    area.setSelectionRange(offset, text.indexOf('\n', offset) < 0 ? text.length : text.indexOf('\n', offset))
    const lineHeight = area.scrollHeight / text.split('\n').length
    area.scrollTop = Math.max(0, (lineOf(text, offset) - 4) * lineHeight)
  }

  return (
    <Section title={`Version ${published.version}, ${dateTimeText(published.at)}`}>
      <label>
        <span class="sr">Playbook as JSON</span>
        <textarea
          ref={field}
          class="editor"
          spellcheck={false}
          value={text}
          aria-invalid={faults.length > 0}
          aria-describedby="faults"
          onInput={(event) => edit(event.currentTarget.value)}
        />
      </label>
      <div id="faults" aria-live="polite">
        {faults.length > 0 && <FaultList text={text} faults={faults} onShow={show} />}
        {error && faults.length === 0 && <ErrorNote error={error} />}
      </div>
      <div class="row start">
        <button type="button" disabled={busy || !changed} onClick={compare}>
          Preview impact
        </button>
        {isAdmin(session) ? (
          <button type="button" class="primary" disabled={busy || !changed || !dryRun} onClick={publish}>
            Publish version {published.version + 1}
          </button>
        ) : (
          <span class="quiet">Only admins can publish.</span>
        )}
        {changed && (
          <button type="button" class="plain" disabled={busy} onClick={() => edit(original)}>
            Discard changes
          </button>
        )}
        {changed && !dryRun && isAdmin(session) && (
          <span class="quiet">Preview the impact before publishing.</span>
        )}
      </div>
      {dryRun && <Effect dryRun={dryRun} />}
    </Section>
  )
}

function FaultList({
  text,
  faults,
  onShow,
}: {
  text: string
  faults: Fault[]
  onShow: (pointer: string) => void
}) {
  return (
    <div class="note note-error">
      <p>{faults.length === 1 ? '1 error:' : `${faults.length} errors:`}</p>
      <ul>
        {faults.map((fault) => (
          <li key={`${fault.pointer} ${fault.detail}`}>
            {fault.pointer !== '' && (
              <button type="button" class="plain" onClick={() => onShow(fault.pointer)}>
                line {lineOf(text, jsonPosition(text, fault.pointer))}, <code>{fault.pointer}</code>
              </button>
            )}{' '}
            {fault.detail}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Effect({ dryRun }: { dryRun: DryRun }) {
  return (
    <div>
      <h3>
        {dryRun.changed} of {dryRun.looked} trialists would get a different email
        {dryRun.complete ? '' : ' (not every trialist was checked)'}
      </h3>
      {dryRun.changes.length > 0 && (
        <div class="scroll">
          <table class="list">
            <TableHead titles={['Trialist', 'Segment', 'Now', 'After']} />
            <tbody>
              {dryRun.changes.map((change) => (
                <tr key={change.userId}>
                  <th scope="row">
                    <a href={`#/trialists/${encodeURIComponent(change.userId)}`}>{change.userId}</a>
                  </th>
                  <td>
                    <Chip segment={change.segment.before} />
                    {change.segment.before !== change.segment.after && (
                      <>
                        {' → '}
                        <Chip segment={change.segment.after} />
                      </>
                    )}
                  </td>
                  <td>{momentText(change.before)}</td>
                  <td>{momentText(change.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
