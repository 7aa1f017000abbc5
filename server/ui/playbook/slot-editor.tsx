import { durationPattern } from '../../../shared/clock.ts'
import type { Control, Slot } from '../../../shared/sentence/piece.ts'
import type { Words } from '../../../shared/sentence/words.ts'
import { Suggested } from './suggested.tsx'
import { BoundsEditor, TestEditor } from './test-editor.tsx'
import { TriggerEditor, WindowEditor } from './window-editor.tsx'

/** Names the workspace uses, to choose from. */
export type Names = Readonly<Record<string, readonly string[]>>

export interface EditorParts<T = unknown> {
  readonly value: T
  readonly words: Words
  readonly names: Names
  /** undefined: nothing is said. */
  readonly set: (value: unknown) => void
}

type Of<Type extends Control['type']> = Extract<Control, { type: Type }>

/** The form that chooses the value of one control; every change is said at once. */
export function SlotEditor({ slot, ...parts }: { slot: Slot } & Omit<EditorParts, 'value'>) {
  const { control, value } = slot
  const all = { ...parts, value }
  switch (control.type) {
    case 'choice':
      return <Choice control={control} {...all} />
    case 'choices':
      return <Choices control={control} {...all} />
    case 'flag':
      return <Flag control={control} {...all} />
    case 'number':
      return <NumberField control={control} {...all} />
    case 'dayCounts':
      return <DayCounts {...all} />
    case 'duration':
      return <Duration {...all} />
    case 'offset':
      return <Offset {...all} />
    case 'anchor':
      return <AnchorEditor {...all} />
    case 'name':
      return <NameField of={control.of} {...all} />
    case 'names':
      return <Lines of={control.of} {...all} />
    case 'texts':
      return <Lines {...all} />
    case 'text':
      return <TextField isLong={control.long === true} {...all} />
    case 'window':
      return <WindowEditor named={control.named} {...all} />
    case 'trigger':
      return <TriggerEditor {...all} />
    case 'bounds':
      return <BoundsEditor {...(all as EditorParts<Readonly<Record<string, number>>>)} />
    case 'test':
      return <TestEditor {...(all as EditorParts<Readonly<Record<string, unknown>>>)} />
    case 'json':
      return <JsonField {...all} />
  }
}

function Choice({ control, value, words, set }: EditorParts & { control: Of<'choice'> }) {
  return (
    <select aria-label="Choose" value={String(value)} onChange={(event) => set(event.currentTarget.value)}>
      {Object.entries(words.choices[control.of]).map(([choice, text]) => (
        <option key={choice} value={choice}>
          {text}
        </option>
      ))}
    </select>
  )
}

function Choices({ control, value, words, set }: EditorParts & { control: Of<'choices'> }) {
  const chosen = [value].flat() as readonly string[]
  const choices = Object.entries(words.choices[control.of])
  const toggle = (choice: string) => {
    const next = choices.map(([one]) => one).filter((one) => chosen.includes(one) !== (one === choice))
    // At least one: nothing chosen would ask for no one.
    if (next.length > 0) set(next)
  }
  return (
    <div class="row start">
      {choices.map(([choice, text]) => (
        <label key={choice} class="check">
          <input type="checkbox" checked={chosen.includes(choice)} onChange={() => toggle(choice)} /> {text}
        </label>
      ))}
    </div>
  )
}

function Flag({ control, value, words, set }: EditorParts & { control: Of<'flag'> }) {
  const { yes, no } = words.flags[control.of]
  return (
    <select
      aria-label="Choose"
      value={value ? 'yes' : 'no'}
      onChange={(event) => set(event.currentTarget.value === 'yes')}
    >
      <option value="yes">{yes}</option>
      <option value="no">{no}</option>
    </select>
  )
}

function NumberField({ control, value, words, set }: EditorParts & { control: Of<'number'> }) {
  const { min, max, whole, as, absent } = control
  const factor = as === 'percent' ? 100 : 1
  const edit = (text: string) => {
    if (text === '') return absent && set(undefined)
    const n = Number(text) / factor
    if (n >= min && n <= max && (!whole || Number.isInteger(n))) set(n)
  }
  return (
    <label class="row start">
      <input
        class="short"
        type="number"
        aria-label={`Number from ${min * factor} to ${max * factor}`}
        min={min * factor}
        max={max * factor}
        step={whole ? 1 : 'any'}
        value={typeof value === 'number' ? String(Number((value * factor).toPrecision(12))) : ''}
        placeholder={absent && words.absent[absent]}
        onInput={(event) => edit(event.currentTarget.value)}
      />
      <span class="quiet">
        {as === 'percent' ? '% · ' : ''}
        {min * factor} to {max * factor}
      </span>
    </label>
  )
}

function DayCounts({ value, set }: EditorParts) {
  const edit = (text: string) => {
    const days = text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number)
    if (days.length > 0 && days.every((n) => Number.isInteger(n) && n >= 1 && n <= 365)) set(days)
  }
  return (
    <label>
      <span class="quiet">Days, separated by commas</span>
      <input
        defaultValue={(value as readonly number[]).join(', ')}
        inputMode="numeric"
        onInput={(event) => edit(event.currentTarget.value)}
      />
    </label>
  )
}

const units = { m: 'minutes', h: 'hours', d: 'days', w: 'weeks', s: 'seconds' }

const splitDuration = (text: string): { count: number; unit: string } => {
  const match = durationPattern.exec(text)
  return { count: Math.abs(Number(match?.[1] ?? 0)), unit: match?.[2] ?? 'd' }
}

function Span({ text, set }: { text: string; set: (count: number, unit: string) => void }) {
  const { count, unit } = splitDuration(text)
  return (
    <>
      <input
        class="short"
        type="number"
        aria-label="How many"
        min={0}
        max={999_999}
        step={1}
        value={String(count)}
        onInput={(event) => {
          const n = event.currentTarget.valueAsNumber
          if (Number.isInteger(n) && n >= 0 && n <= 999_999) set(n, unit)
        }}
      />
      <select aria-label="Unit" value={unit} onChange={(event) => set(count, event.currentTarget.value)}>
        {Object.entries(units).map(([short, name]) => (
          <option key={short} value={short}>
            {name}
          </option>
        ))}
      </select>
    </>
  )
}

function Duration({ value, set }: EditorParts) {
  return (
    <div class="row start">
      <Span text={String(value)} set={(count, unit) => set(`${count}${unit}`)} />
    </div>
  )
}

function Offset({ value, words, set }: EditorParts) {
  const text = String(value)
  const { count, unit } = splitDuration(text)
  const side = count === 0 ? 'at' : text.startsWith('-') ? 'before' : 'after'
  const say = (n: number, of: string, on: string) =>
    set(on === 'at' || n === 0 ? '0s' : `${on === 'before' ? '-' : ''}${n}${of}`)
  const sideText = (of: 'before' | 'after') => words.offsets[of].replace('{duration}', '').trim()
  return (
    <div class="row start">
      {side !== 'at' && <Span text={text} set={(n, of) => say(n, of, side)} />}
      <select
        aria-label="Before or after"
        value={side}
        onChange={(event) => say(count || 1, count ? unit : 'd', event.currentTarget.value)}
      >
        <option value="before">{sideText('before')}</option>
        <option value="after">{sideText('after')}</option>
        <option value="at">{words.offsets.at}</option>
      </select>
    </div>
  )
}

function AnchorEditor({ value, words, names, set }: EditorParts) {
  const [of = '', ...rest] = String(value).split(':')
  const name = rest.join(':')
  const isNamed = of === 'milestone' || of === 'event'
  const known = names[of] ?? []
  const choose = (next: string) =>
    set(next === 'milestone' || next === 'event' ? `${next}:${names[next]?.[0] ?? 'Name'}` : next)
  return (
    <div class="row start">
      <select aria-label="Moment" value={of} onChange={(event) => choose(event.currentTarget.value)}>
        {Object.entries(words.anchors).map(([anchor, text]) => (
          <option key={anchor} value={anchor}>
            {text.replace('{name}', '…')}
          </option>
        ))}
      </select>
      {isNamed && (
        <Suggested
          label="Name"
          value={name}
          known={known}
          set={(text) => text.trim() && set(`${of}:${text}`)}
        />
      )}
    </div>
  )
}

function NameField({ of, value, names, set }: EditorParts & { of: string }) {
  return (
    <Suggested
      label="Name"
      value={String(value ?? '')}
      known={names[of] ?? []}
      set={(text) => text.trim() !== '' && set(text)}
    />
  )
}

function Lines({ of, value, names, set }: EditorParts & { of?: string }) {
  const edit = (text: string) =>
    set(
      text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    )
  const known = (of && names[of]) || []
  return (
    <label>
      <span class="quiet">One per line{known.length > 0 && `: ${known.slice(0, 8).join(', ')} …`}</span>
      <textarea
        rows={4}
        defaultValue={((value ?? []) as readonly unknown[]).map(String).join('\n')}
        onInput={(event) => edit(event.currentTarget.value)}
      />
    </label>
  )
}

function TextField({ isLong, value, set }: EditorParts & { isLong: boolean }) {
  return isLong ? (
    <textarea
      aria-label="Text"
      rows={4}
      maxLength={2000}
      value={String(value ?? '')}
      onInput={(event) => set(event.currentTarget.value)}
    />
  ) : (
    <input
      aria-label="Text"
      maxLength={500}
      value={String(value ?? '')}
      onInput={(event) => set(event.currentTarget.value)}
    />
  )
}

function JsonField({ value, set }: EditorParts) {
  const edit = (text: string) => {
    try {
      set(JSON.parse(text))
    } catch {
      // Said once it is JSON.
    }
  }
  return (
    <textarea
      class="snippet"
      aria-label="JSON"
      rows={6}
      spellcheck={false}
      defaultValue={JSON.stringify(value, null, 2)}
      onInput={(event) => edit(event.currentTarget.value)}
    />
  )
}
