import { useEffect, useRef, useState } from 'preact/hooks'
import { moveBlock } from '../../../shared/content/edit.ts'
import type { BlockContent } from '../../../shared/playbook/content.ts'
import { levelCounts } from '../emails/findings.tsx'
import type { ContentFinding, Preview } from './types.ts'
import { blockTitle, notShownWords } from './words.ts'

/** null: the inbox row. */
export type Chosen = string | null

interface ListParts {
  readonly content: BlockContent
  readonly chosen: Chosen
  readonly preview: Preview | null
  readonly choose: (chosen: Chosen) => void
  readonly change: (content: BlockContent) => void
  /** Says it to people who do not see it. */
  readonly announce: (text: string) => void
}

/** Those of the language it is written in; the others are shown beside their translation. */
const findingsAt = (
  { source }: BlockContent,
  preview: Preview | null,
  block: Chosen,
): readonly ContentFinding[] =>
  preview?.findings.filter(
    (one) =>
      one.block === block && (block !== null || one.field !== null) && (one.locale ?? source) === source,
  ) ?? []

/** “3 of 12” */
const placeText = (content: BlockContent, id: string): string =>
  `${content.blocks.findIndex((block) => block.id === id) + 1} of ${content.blocks.length}`

/** The parts of the email from top to bottom: chosen by a click, moved by drag or by Alt and an arrow. */
export function BlockList(parts: ListParts) {
  const { content, chosen, preview, choose, change, announce } = parts
  const [dragged, setDragged] = useState<string | null>(null)
  const [over, setOver] = useState<number | null>(null)
  const list = useRef<HTMLOListElement>(null)
  const moved = useRef<string | null>(null)
  useEffect(() => {
    // A row that moves in the list loses the focus in some browsers.
    if (moved.current) list.current?.querySelector<HTMLElement>(`[data-block="${moved.current}"]`)?.focus()
    moved.current = null
  }, [content.blocks])
  const move = (id: string, to: number, isByKey: boolean) => {
    const next = moveBlock(content, id, to)
    if (next === content) return
    if (isByKey) moved.current = id
    change(next)
    announce(`Moved to ${placeText(next, id)}`)
  }
  const drop = (at: number) => {
    const from = content.blocks.findIndex(({ id }) => id === dragged)
    if (dragged !== null && from >= 0) move(dragged, at > from ? at - 1 : at, false)
    setDragged(null)
    setOver(null)
  }
  return (
    <nav class="block-nav" aria-label="Parts of the email">
      <button
        type="button"
        class="block-row"
        aria-current={chosen === null ? 'true' : undefined}
        onClick={() => choose(null)}
      >
        <span>Subject and preheader</span>
        <Counts findings={findingsAt(content, preview, null)} />
      </button>
      <ol ref={list} class="blocks" onDragLeave={(event) => event.target === list.current && setOver(null)}>
        {content.blocks.map((block, index) => (
          <li
            key={block.id}
            class={over === index ? 'drop-before' : over === index + 1 ? 'drop-after' : undefined}
            draggable
            onDragStart={(event) => {
              event.dataTransfer?.setData('text/plain', block.id)
              setDragged(block.id)
            }}
            onDragOver={(event) => {
              if (dragged === null) return
              event.preventDefault()
              const { top, height } = event.currentTarget.getBoundingClientRect()
              setOver(event.clientY < top + height / 2 ? index : index + 1)
            }}
            onDrop={(event) => {
              event.preventDefault()
              if (over !== null) drop(over)
            }}
            onDragEnd={() => {
              setDragged(null)
              setOver(null)
            }}
          >
            <button
              type="button"
              class="block-row"
              data-block={block.id}
              aria-current={chosen === block.id ? 'true' : undefined}
              aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
              onClick={() => choose(block.id)}
              onKeyDown={(event) => {
                const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
                if (!event.altKey || by === 0) return
                event.preventDefault()
                move(block.id, index + by, true)
              }}
            >
              <span class="block-grip" aria-hidden="true">
                ⠿
              </span>
              <span class="grow">
                <span>{blockTitle(content, block)}</span>
                <Shown preview={preview} id={block.id} />
              </span>
              <Counts findings={findingsAt(content, preview, block.id)} />
            </button>
          </li>
        ))}
      </ol>
      {content.blocks.length === 0 && <p class="quiet">No parts yet. Add the first one below.</p>}
    </nav>
  )
}

function Shown({ preview, id }: { preview: Preview | null; id: string }) {
  const shown = preview?.notSent === null ? preview.blocks.find((block) => block.id === id)?.shown : undefined
  const words = shown && notShownWords(shown)
  return words ? <small>{words}</small> : null
}

function Counts({ findings }: { findings: readonly ContentFinding[] }) {
  if (findings.length === 0) return null
  const errors = findings.filter(({ level }) => level === 'error').length
  const text = levelCounts(errors, findings.length - errors)
  return (
    <span class={`badge badge-${errors > 0 ? 'error' : 'warning'}`} title={text}>
      {findings.length}
      <span class="sr"> {text}</span>
    </span>
  )
}
