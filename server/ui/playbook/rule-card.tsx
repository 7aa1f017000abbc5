import { useState } from 'preact/hooks'
import { withAlternative, withoutQuestion, withQuestion } from '../../../shared/sentence/change-condition.ts'
import { mergedMembers } from '../../../shared/sentence/condition-pieces.ts'
import { type Clause, type Field, type Grammar, messageGrammar } from '../../../shared/sentence/grammar.ts'
import { atPath, withPath } from '../../../shared/sentence/paths.ts'
import type { Group, Slot } from '../../../shared/sentence/piece.ts'
import { type Sentence, writeSentences } from '../../../shared/sentence/sentence.ts'
import type { Question, Words } from '../../../shared/sentence/words.ts'
import { beginningOf, questionOf } from './beginnings.ts'
import type { Joint } from './condition-editor.tsx'
import { type Open, SentenceView } from './sentence-view.tsx'
import type { Names } from './slot-editor.tsx'

export interface RuleParts {
  readonly grammar: Grammar
  readonly words: Words
  readonly names: Names
  readonly readOnly: boolean
}

/** @returns null for what the grammar cannot read, as someone may have written in JSON. */
function sentencesOf(rule: unknown, grammar: Grammar, words: Words): Sentence[] | null {
  try {
    return writeSentences(rule, grammar, words)
  } catch {
    return null
  }
}

/** A rule in sentences: the main one, and the others when asked for. */
export function RuleSentences({
  rule,
  change,
  isFolded,
  ...parts
}: RuleParts & { rule: unknown; change: (rule: unknown) => void; isFolded: boolean }) {
  const { grammar, words, readOnly } = parts
  const controls = useSentenceControls(rule, change, parts.names)
  // What an email says is changed where it is seen.
  const { content, ...spoken } = (rule ?? {}) as { content?: unknown }
  const isEmail = grammar === messageGrammar && content !== undefined
  const sentences = sentencesOf(isEmail ? spoken : rule, grammar, words)
  if (!sentences) return <p class="note">This cannot be said in sentences as it is. Mend it in the JSON.</p>

  const view = (sentence: Sentence, index: number, isMain: boolean) => (
    <SentenceView
      key={`${sentence.phrase} ${index}`}
      pieces={sentence.pieces}
      isMain={isMain}
      {...controls}
      {...parts}
    />
  )
  const [main, ...rest] = sentences
  const missing = readOnly ? [] : grammar.filter((clause) => isMissing(rule, clause))
  const more = (
    <>
      {rest.map((sentence, index) => view(sentence, index, false))}
      {missing.length > 0 && (
        <p class="row start">
          {missing.map((clause) => (
            <button
              key={clause.phrase}
              type="button"
              class="plain"
              onClick={() => change(withClause(rule, clause, parts.names))}
            >
              + {words.phrases[clause.phrase].replace(/\{\w+\}/g, '…')}
            </button>
          ))}
        </p>
      )}
    </>
  )
  return (
    <>
      {main && view(main, 0, true)}
      {isFolded && rest.length > 0 ? (
        <details>
          <summary>More about it</summary>
          {more}
        </details>
      ) : (
        more
      )}
    </>
  )
}

/** What the controls of a sentence do to the rule it says. */
export function useSentenceControls(rule: unknown, change: (rule: unknown) => void, names: Names) {
  const [open, setOpen] = useState<Open>(null)
  return {
    open,
    setOpen,
    setSlot: (slot: Slot, value: unknown) => change(withSlot(rule, slot, value)),
    removeGroup(group: Group) {
      setOpen(null)
      change(withoutQuestion(rule, group.path, rootLength(group.path)))
    },
    addQuestion(group: Group, question: Question, joint: Joint) {
      const asked = questionOf(question, names)
      setOpen(null)
      change(
        joint === 'or'
          ? withAlternative(rule, group.path, question, asked)
          : withQuestion(rule, group.path, question, asked, joint === 'andNot'),
      )
    },
  }
}

/** How much of a path names the condition itself: `when`, or `fitTraits, 0, when`. */
const rootLength = (path: Group['path']): number => path.indexOf('when') + 1

function withSlot(rule: unknown, { path, control, merge }: Slot, value: unknown): unknown {
  if (!merge) return withPath(rule, path, value)
  const members: readonly string[] = mergedMembers[control.type as keyof typeof mergedMembers]
  const others = Object.entries(atPath(rule, path) as object).filter(([name]) => !members.includes(name))
  return withPath(rule, path, { ...Object.fromEntries(others), ...(value as object) })
}

const fieldsOf = ({ slots }: Clause): Field[] => Object.values(slots)

/** An optional sentence that is not said. */
const isMissing = (rule: unknown, clause: Clause): boolean =>
  !clause.each &&
  fieldsOf(clause).every((field) => !('absent' in field.control) && atPath(rule, field.path) === undefined)

const withClause = (rule: unknown, clause: Clause, names: Names): unknown =>
  fieldsOf(clause).reduce((changed, field) => withPath(changed, field.path, beginningOf(field, names)), rule)
