import { Fragment } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Group, type Piece, plainText, type Slot } from '../../../shared/sentence/piece.ts'
import type { Words } from '../../../shared/sentence/words.ts'
import { ConditionEditor } from './condition-editor.tsx'
import { type Names, SlotEditor } from './slot-editor.tsx'

/** What of a sentence is being edited: a slot by its place, or the condition that gets another question. */
export type Open = { readonly key: string; readonly adds: boolean } | null

export interface SentenceParts {
  readonly words: Words
  readonly names: Names
  readonly readOnly: boolean
  readonly open: Open
  readonly setOpen: (open: Open) => void
  readonly setSlot: (slot: Slot, value: unknown) => void
  readonly removeGroup: (group: Group) => void
  readonly addQuestion: Parameters<typeof ConditionEditor>[0]['add']
}

const keyOf = ({ path, merge }: { path: readonly unknown[]; merge?: true }): string =>
  JSON.stringify(path) + (merge ? '+' : '')

/** A sentence whose parts are controls; what is chosen opens below it. */
export function SentenceView({
  pieces,
  isMain,
  ...parts
}: SentenceParts & { pieces: readonly Piece[]; isMain: boolean }) {
  const { open, setOpen, words, names } = parts
  const slot = open && !open.adds ? slotsOf(pieces).find((one) => keyOf(one) === open.key) : undefined
  const adds = open?.adds && groupsOf(pieces).find((one) => keyOf(one) === open.key)
  const line = useRef<HTMLParagraphElement>(null)
  const close = () => {
    setOpen(null)
    line.current?.querySelector<HTMLElement>('[aria-expanded="true"]')?.focus()
  }
  return (
    <>
      <p ref={line} class={isMain ? 'sentence main' : 'sentence'}>
        <Pieces pieces={pieces} {...parts} />
      </p>
      {slot && (
        <Panel label={`Change ${slot.text}`} close={close}>
          <SlotEditor slot={slot} words={words} names={names} set={(value) => parts.setSlot(slot, value)} />
        </Panel>
      )}
      {adds && (
        <Panel label="Add a condition" close={close}>
          <ConditionEditor group={adds} words={words} add={parts.addQuestion} />
        </Panel>
      )}
    </>
  )
}

function Panel({
  label,
  close,
  children,
}: {
  label: string
  close: () => void
  children: preact.ComponentChildren
}) {
  const panel = useRef<HTMLFieldSetElement>(null)
  // Before the paint, so that the next key goes into it.
  useLayoutEffect(() => {
    panel.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus()
  }, [])
  return (
    <fieldset
      ref={panel}
      class="slot-panel"
      onKeyDown={(event) => {
        const isLine = event.target instanceof HTMLInputElement
        if (event.key !== 'Escape' && !(event.key === 'Enter' && isLine)) return
        event.preventDefault()
        event.stopPropagation()
        close()
      }}
    >
      <legend class="sr">{label}</legend>
      <div class="slot-fields">{children}</div>
      <button type="button" onClick={close}>
        Done
      </button>
    </fieldset>
  )
}

function Pieces({ pieces, ...parts }: Omit<SentenceParts, never> & { pieces: readonly Piece[] }) {
  return (
    <>
      {pieces.map((piece, index) => (
        <Fragment key={index}>
          {piece.type === 'text' ? (
            piece.text
          ) : piece.type === 'slot' ? (
            <SlotButton slot={piece} {...parts} />
          ) : (
            <GroupView group={piece} {...parts} />
          )}
        </Fragment>
      ))}
    </>
  )
}

function SlotButton({ slot, open, setOpen, readOnly }: SentenceParts & { slot: Slot }) {
  const key = keyOf(slot)
  const isOpen = open?.key === key && !open.adds
  if (readOnly) return <b>{slot.text}</b>
  return (
    <button
      type="button"
      class="slot"
      aria-expanded={isOpen}
      onClick={() => setOpen(isOpen ? null : { key, adds: false })}
    >
      {shortened(slot.text)}
    </button>
  )
}

function GroupView({ group, ...parts }: SentenceParts & { group: Group }) {
  const inner = <Pieces pieces={group.pieces} {...parts} />
  if (parts.readOnly) return inner
  if (group.of === 'question' || group.of === 'denial')
    return (
      <span class="clause">
        {inner}
        <button
          type="button"
          class="clause-remove"
          aria-label={`Remove: ${plainText(group.pieces)}`}
          title="Remove this condition"
          onClick={() => parts.removeGroup(group)}
        >
          ×
        </button>
      </span>
    )
  return group.of === 'condition' && !isInsideDenial(group) ? (
    <>
      {inner}
      <AddButton group={group} {...parts} />
    </>
  ) : (
    inner
  )
}

/** Its only question is denied by its own words; another one would need brackets first. */
const isInsideDenial = (group: Group): boolean => group.path.at(-1) === 'not'

function AddButton({ group, open, setOpen }: SentenceParts & { group: Group }) {
  const key = keyOf(group)
  const isOpen = open?.key === key && open.adds
  return (
    <button
      type="button"
      class="clause-add"
      aria-expanded={isOpen}
      aria-label="Add a condition"
      title="Add a condition"
      onClick={() => setOpen(isOpen ? null : { key, adds: true })}
    >
      +
    </button>
  )
}

/** Content of an email, as JSON, would fill the page. */
const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text)

const slotsOf = (pieces: readonly Piece[]): Slot[] =>
  pieces.flatMap((piece) =>
    piece.type === 'slot' ? [piece] : piece.type === 'group' ? slotsOf(piece.pieces) : [],
  )

const groupsOf = (pieces: readonly Piece[]): Group[] =>
  pieces.flatMap((piece) => (piece.type === 'group' ? [piece, ...groupsOf(piece.pieces)] : []))
