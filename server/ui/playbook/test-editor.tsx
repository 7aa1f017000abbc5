import type { EditorParts } from './slot-editor.tsx'

type Range = Readonly<Record<string, number>>
type Test = Readonly<Record<string, unknown>>

const without = <T extends Readonly<Record<string, unknown>>>(value: T, name: string, next: unknown): T => {
  const { [name]: _, ...rest } = value
  return (next === undefined ? rest : { ...rest, [name]: next }) as T
}

function Limit({
  label,
  value,
  set,
}: {
  label: string
  value: number | undefined
  set: (n?: number) => void
}) {
  return (
    <label class="row start">
      <span>{label}</span>
      <input
        class="short"
        type="number"
        step="any"
        value={value === undefined ? '' : String(value)}
        onInput={(event) => {
          const text = event.currentTarget.value
          if (text === '') set(undefined)
          else if (Number.isFinite(Number(text))) set(Number(text))
        }}
      />
    </label>
  )
}

/** Least and most; left empty, there is none. */
export function BoundsEditor({ value, set }: EditorParts<Range>) {
  return (
    <div class="row start">
      <Limit label="at least" value={value.atLeast} set={(n) => set(without(value, 'atLeast', n))} />
      <Limit label="at most" value={value.atMost} set={(n) => set(without(value, 'atMost', n))} />
    </div>
  )
}

/** `3` and `true` are a number and a truth, as traits are; in double quotes they are texts. */
function scalarOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? text : value
  } catch {
    return text
  }
}
const scalarText = (value: unknown): string =>
  typeof value === 'string' && scalarOf(value) === value ? value : JSON.stringify(value)

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** All that can be asked of a trait; what is left empty is not asked. */
export function TestEditor({ value, set }: EditorParts<Test>) {
  const say = (name: string, next: unknown) => set(without(value, name, next))
  const list = (name: string, text: string, of: (line: string) => unknown) => {
    const lines = linesOf(text).map(of)
    say(name, lines.length > 0 ? lines : undefined)
  }
  return (
    <div class="tests">
      <label>
        <span>is set</span>
        <select
          value={String(value.exists ?? '')}
          onChange={(event) =>
            say('exists', event.currentTarget.value === '' ? undefined : event.currentTarget.value === 'true')
          }
        >
          <option value="">as the other tests say</option>
          <option value="true">yes</option>
          <option value="false">no</option>
        </select>
      </label>
      <label>
        <span>is</span>
        <input
          defaultValue={value.is === undefined ? '' : scalarText(value.is)}
          onInput={(event) =>
            say('is', event.currentTarget.value === '' ? undefined : scalarOf(event.currentTarget.value))
          }
        />
      </label>
      <label>
        <span>is one of (one per line)</span>
        <textarea
          rows={3}
          defaultValue={((value.in as unknown[] | undefined) ?? []).map(scalarText).join('\n')}
          onInput={(event) => list('in', event.currentTarget.value, scalarOf)}
        />
      </label>
      <label>
        <span>ends with (one per line)</span>
        <textarea
          rows={3}
          defaultValue={((value.endsWith as string[] | undefined) ?? []).join('\n')}
          onInput={(event) => list('endsWith', event.currentTarget.value, (line) => line)}
        />
      </label>
      <Limit label="is at least" value={value.atLeast as number | undefined} set={(n) => say('atLeast', n)} />
      <Limit label="is at most" value={value.atMost as number | undefined} set={(n) => say('atMost', n)} />
    </div>
  )
}
