import { useEffect, useRef, useState } from 'preact/hooks'
import type { Fault } from '../../../shared/problems.ts'
import { jsonPosition, lineOf } from './json-position.ts'

type Playbook = Readonly<Record<string, unknown>>

/** @returns the playbook, or the place and reason why the text is no JSON. */
function parse(text: string): { value: Playbook } | { fault: Fault } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Playbook }
    return { fault: { pointer: '', detail: 'A playbook is an object: { … }.' } }
  } catch (error) {
    return {
      fault: { pointer: '', detail: error instanceof Error ? error.message : 'This is not JSON.' },
    }
  }
}

const written = (playbook: Playbook): string => JSON.stringify(playbook, null, 2)

/** The whole playbook as text, in step with its sentences: what is no JSON yet stays here and changes nothing. */
export function JsonEditor({
  playbook,
  faults,
  change,
}: {
  playbook: Playbook
  faults: readonly Fault[]
  change: (playbook: Playbook) => void
}) {
  const [text, setText] = useState(() => written(playbook))
  const [broken, setBroken] = useState<Fault | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const own = useRef(playbook)
  useEffect(() => {
    // Ours comes back as it was typed; anyone else’s change (undo, a sentence) is written anew.
    if (own.current === playbook) return
    own.current = playbook
    setText(written(playbook))
    setBroken(null)
  }, [playbook])

  const edit = (next: string) => {
    setText(next)
    const parsed = parse(next)
    setBroken('fault' in parsed ? parsed.fault : null)
    if ('fault' in parsed) return
    own.current = parsed.value
    change(parsed.value)
  }
  const show = (pointer: string) => {
    const area = field.current
    if (!area) return
    const offset = jsonPosition(text, pointer)
    const end = text.indexOf('\n', offset)
    area.focus()
    area.setSelectionRange(offset, end < 0 ? text.length : end)
    const lineHeight = area.scrollHeight / text.split('\n').length
    area.scrollTop = Math.max(0, (lineOf(text, offset) - 4) * lineHeight)
  }
  const shown = broken ? [broken] : faults
  return (
    <section class="card">
      <p class="quiet">
        The schema is at <a href="/playbook.schema.json">/playbook.schema.json</a>.
      </p>
      <label>
        <span class="sr">Playbook as JSON</span>
        <textarea
          ref={field}
          class="editor"
          spellcheck={false}
          value={text}
          aria-invalid={shown.length > 0}
          aria-describedby="faults"
          onInput={(event) => edit(event.currentTarget.value)}
        />
      </label>
      <div id="faults" aria-live="polite">
        {shown.length > 0 && <FaultList text={text} faults={shown} onShow={show} />}
      </div>
    </section>
  )
}

function FaultList({
  text,
  faults,
  onShow,
}: {
  text: string
  faults: readonly Fault[]
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
