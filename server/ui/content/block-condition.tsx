import { useId } from 'preact/hooks'
import type { Condition } from '../../../shared/condition.ts'
import type { ContentBlock } from '../../../shared/playbook/content.ts'
import { whoPieces } from '../../../shared/sentence/condition-pieces.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { words as textPiece } from '../../../shared/sentence/piece.ts'
import { useSentenceControls } from '../playbook/rule-card.tsx'
import { SentenceView } from '../playbook/sentence-view.tsx'
import type { Names } from '../playbook/slot-editor.tsx'
import { needNames } from './words.ts'

type ChangeMembers = (members: Readonly<Record<string, unknown>>) => void

const isAlways = (condition: Condition | undefined): boolean =>
  condition === undefined || Object.keys(condition).length === 0

/** Who gets this block, as a sentence whose parts can be changed. */
export function BlockCondition({
  block,
  names,
  change,
}: {
  block: ContentBlock
  names: Names
  change: ChangeMembers
}) {
  const rule = { when: block.when ?? {} }
  const controls = useSentenceControls(
    rule,
    (next) => {
      const { when } = next as { when?: Condition }
      change({ when: isAlways(when) ? undefined : when })
    },
    names,
  )
  const words = sentenceLanguages.en
  const pieces = [textPiece('For '), ...whoPieces(rule.when, ['when'], words), textPiece('.')]
  return (
    <div class="block-condition">
      <h3>Who gets this part</h3>
      <SentenceView
        pieces={pieces}
        isMain={false}
        words={words}
        names={names}
        readOnly={false}
        {...controls}
      />
    </div>
  )
}

/** What must be known about the person besides the variables in the words. */
export function BlockNeeds({ block, change }: { block: ContentBlock; change: ChangeMembers }) {
  const id = useId()
  const needs = block.needs ?? []
  const set = (next: readonly string[]) => change({ needs: next.length > 0 ? next : undefined })
  const others = Object.keys(needNames).filter((name) => !needs.includes(name))
  return (
    <details class="block-needs" open={needs.length > 0}>
      <summary>Only where something is known</summary>
      <p class="quiet">Left out where it is missing, unless its words say what to say instead.</p>
      <ul class="needs">
        {needs.map((name) => (
          <li key={name}>
            {needNames[name] ?? name}
            <button
              type="button"
              class="clause-remove"
              aria-label={`Remove: ${needNames[name] ?? name}`}
              onClick={() => set(needs.filter((one) => one !== name))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {needs.length < 5 && (
        <label for={id} class="row start">
          <span>Needs</span>
          <select
            id={id}
            value=""
            onChange={({ currentTarget: { value } }) => value && set([...needs, value])}
          >
            <option value="">choose …</option>
            {others.map((name) => (
              <option key={name} value={name}>
                {needNames[name]}
              </option>
            ))}
          </select>
        </label>
      )}
    </details>
  )
}
