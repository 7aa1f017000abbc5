import type { ComponentChildren } from 'preact'
import { blockFields } from '../../../shared/content/blocks.ts'
import {
  changeBlock,
  duplicateBlock,
  isSameBlock,
  moveBlock,
  removeBlock,
  resetBlock,
  setWords,
} from '../../../shared/content/edit.ts'
import type { BlockContent, ContentBlock } from '../../../shared/playbook/content.ts'
import type { Fault } from '../../../shared/problems.ts'
import type { Names } from '../playbook/slot-editor.tsx'
import { BlockCondition, BlockNeeds } from './block-condition.tsx'
import { BlockMembers } from './block-members.tsx'
import type { ContentFinding, Variable } from './types.ts'
import { blockNames, blockPurposes, fieldName } from './words.ts'
import { FieldFindings, type Said, WordsField } from './words-field.tsx'

export interface InspectorParts {
  readonly content: BlockContent
  readonly ours: BlockContent | null
  readonly variables: readonly Variable[]
  readonly findings: readonly ContentFinding[]
  readonly names: Names
  /** Ids and labels of the playbook’s values. */
  readonly values: Readonly<Record<string, string>>
  readonly change: (content: BlockContent, step?: string) => void
}

/** Everything about one block. */
export function Inspector({
  block,
  faults,
  act,
  ...parts
}: InspectorParts & {
  block: ContentBlock
  /** Why the server could not read it. */
  faults: readonly Fault[]
  /** A change of the list itself. @param chosen the block to go on with */
  act: (content: BlockContent, chosen: string | null, said: string) => void
}) {
  const { content, variables, change } = parts
  const { source } = content
  const own = parts.findings.filter((finding) => finding.block === block.id)
  const fieldOf = (field: string) =>
    own.filter((finding) => finding.field === field && (finding.locale ?? source) === source)
  const fields = blockFields[block.type]
  const isPlaced = ({ field, locale }: ContentFinding) =>
    fields.some(({ name }) => name === field) && (locale ?? source) === source
  const members = (next: Readonly<Record<string, unknown>>, step?: string) =>
    change(changeBlock(content, block.id, next), step && `${block.id} ${step}`)
  return (
    <section class="card inspector" aria-labelledby="inspector-title">
      <h2 id="inspector-title" tabIndex={-1}>
        {blockNames[block.type]}
      </h2>
      <p class="quiet">{blockPurposes[block.type]}</p>
      <BlockTools block={block} act={act} {...parts} />
      {fields.map((field) => (
        <WordsField
          key={`${block.id} ${field.name}`}
          label={fieldName(field.name, block.type) + (field.required ? '' : ' (if needed)')}
          field={field}
          said={content.texts[source]?.[`${block.id}.${field.name}`]}
          locale={source}
          variables={variables}
          findings={fieldOf(field.name)}
          allowsElse={field.hasElse && (block.needs ?? []).length > 0}
          change={(said) =>
            change(
              setWords(content, source, `${block.id}.${field.name}`, isEmpty(said, field) ? null : said),
              `${block.id}.${field.name}`,
            )
          }
        />
      ))}
      <BlockMembers key={block.id} block={block} values={parts.values} faults={faults} change={members} />
      <FieldFindings id="block-findings" findings={own.filter((finding) => !isPlaced(finding))} />
      <BlockCondition key={`${block.id} when`} block={block} names={parts.names} change={members} />
      <BlockNeeds block={block} change={members} />
    </section>
  )
}

/** Where nothing need be said, an empty field says nothing. */
const isEmpty = ({ text, else: otherwise }: Said, { required }: { required: boolean }): boolean =>
  !required && text === '' && otherwise === undefined

function BlockTools({
  block,
  content,
  ours,
  act,
}: Pick<InspectorParts, 'content' | 'ours'> & {
  block: ContentBlock
  act: (content: BlockContent, chosen: string | null, said: string) => void
}) {
  const { id } = block
  const at = content.blocks.findIndex((one) => one.id === id)
  const last = content.blocks.length - 1
  const move = (to: number) => act(moveBlock(content, id, to), id, `Moved to ${to + 1} of ${last + 1}`)
  const isOurs = ours?.blocks.some((one) => one.id === id)
  return (
    <div class="row start block-tools">
      <Tool disabled={at === 0} act={() => move(at - 1)}>
        Move up
      </Tool>
      <Tool disabled={at === last} act={() => move(at + 1)}>
        Move down
      </Tool>
      <Tool
        act={() => {
          const copy = duplicateBlock(content, id)
          act(copy.content, copy.id, 'Duplicated')
        }}
      >
        Duplicate
      </Tool>
      <Tool
        act={() => {
          const next = content.blocks[at + 1] ?? content.blocks[at - 1]
          act(removeBlock(content, id), next?.id ?? null, 'Removed')
        }}
      >
        Remove
      </Tool>
      {ours && isOurs && !isSameBlock(content, ours, id) && (
        <Tool act={() => act(resetBlock(content, ours, id), id, 'Reset to ours')}>Reset to ours</Tool>
      )}
    </div>
  )
}

const Tool = ({
  act,
  disabled = false,
  children,
}: {
  act: () => void
  disabled?: boolean
  children: ComponentChildren
}) => (
  <button type="button" class="plain" disabled={disabled} onClick={act}>
    {children}
  </button>
)
