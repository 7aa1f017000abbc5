import { useState } from 'preact/hooks'
import { type BlockType, blockFields, blockTypes } from '../../../shared/content/blocks.ts'
import { addBlock, blankBlock, freshBlockId, resetBlock } from '../../../shared/content/edit.ts'
import type { BlockContent } from '../../../shared/playbook/content.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote } from '../shared/parts.tsx'
import { blockNames, blockPurposes, blockTitle } from './words.ts'

/** The email of ours whose words a block with many of them begins with. */
const wordsFrom = 'expiring_activated'

/** A block with several places for words begins with ours; others begin empty. */
async function begun(content: BlockContent, type: BlockType, at: number) {
  const block = blankBlock(content, type)
  if (blockFields[type].length < 2 || type === 'html') return { content: addBlock(content, block, at), block }
  const ready = await call('GET /api/content/ready/{id}', { params: { id: wordsFrom } })
  const ours = ready.content
  const model = ours.format === 'blocks' ? ours.blocks.find((one) => one.type === type) : undefined
  if (ours.format !== 'blocks' || !model) return { content: addBlock(content, block, at), block }
  const id = freshBlockId(content, type)
  const words = Object.fromEntries(
    Object.entries(ours.texts).map(([locale, texts]) => [
      locale,
      Object.fromEntries(
        Object.entries(texts)
          .filter(([key]) => key.startsWith(`${model.id}.`))
          .map(([key, said]) => [`${id}.${key.slice(model.id.length + 1)}`, said]),
      ),
    ]),
  )
  const copy = { ...model, id }
  return { content: addBlock(content, copy, at, words), block: copy }
}

/** Puts another part into the email, below the one that is chosen. */
export function AddBlock({
  content,
  ours,
  at,
  change,
}: {
  content: BlockContent
  ours: BlockContent | null
  /** Where it goes, counted from 0. */
  at: number
  change: (content: BlockContent, added: string, title: string) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const { busy, error, run } = useAction()
  const lost = ours?.blocks.filter(({ id }) => !content.blocks.some((block) => block.id === id)) ?? []
  const add = (type: BlockType) =>
    run(async () => {
      const next = await begun(content, type, at)
      setOpen(false)
      change(next.content, next.block.id, blockNames[type])
    })
  return (
    <div class="add-block">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Add a part
      </button>
      {isOpen && (
        <ul class="picker picker-list" aria-label="Kinds of parts">
          {blockTypes.map((type) => (
            <li key={type}>
              <button type="button" class="plain" disabled={busy} onClick={() => add(type)}>
                <span>{blockNames[type]}</span>
                <small>{blockPurposes[type]}</small>
              </button>
            </li>
          ))}
          {ours && lost.length > 0 && (
            <li>
              <p class="picker-group">Removed from ours</p>
              {lost.map((block) => (
                <button
                  key={block.id}
                  type="button"
                  class="plain"
                  onClick={() => {
                    setOpen(false)
                    change(resetBlock(content, ours, block.id), block.id, blockNames[block.type])
                  }}
                >
                  Bring back “{blockTitle(ours, block)}”
                </button>
              ))}
            </li>
          )}
        </ul>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  )
}
