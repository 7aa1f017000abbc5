import { useCallback } from 'preact/hooks'
import { setWords } from '../../../shared/content/edit.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import type { MessageRule } from '../../../shared/playbook.ts'
import type { Draft, Playbook } from '../playbook/use-draft.ts'

/** A rule of a draft: it need not be complete, but it has these. */
export type Rule = Partial<MessageRule> & Pick<MessageRule, 'id' | 'kind'>

const isRule = (value: unknown): value is Rule =>
  typeof value === 'object' && value !== null && 'id' in value && 'kind' in value

export const rulesOf = (playbook: Playbook): readonly Rule[] =>
  Array.isArray(playbook.messages) ? playbook.messages.filter(isRule) : []

const withRule = (playbook: Playbook, id: string, change: (rule: Rule) => Rule): Playbook => ({
  ...playbook,
  messages: (playbook.messages as readonly unknown[]).map((rule) =>
    isRule(rule) && rule.id === id ? change(rule) : rule,
  ),
})

/** The subjects that a rule tries go before those of its content. */
export const withSubjectsOf = ({ subjects = [] }: Rule, ours: EmailContent): EmailContent =>
  subjects
    .slice(0, 3)
    .reduce(
      (content, text, index) =>
        setWords(content, content.source, index === 0 ? 'subject' : `subject_${index + 1}`, { text }),
      ours,
    )

export interface Email {
  readonly rule: Rule
  /** What it says: its own words, else ours. */
  readonly content: EmailContent
  /** null: we bring no such email. */
  readonly ours: EmailContent | null
  readonly isOwn: boolean
  readonly isPublished: boolean
  /** @param step what is being typed, so that it is undone in one step. */
  change(content: EmailContent, step?: string): void
  changeRule(rule: Rule): void
  /** The whole email as we bring it. */
  reset(): void
}

/** An email of the draft; with the first change it becomes the team’s own. */
export function useEmail(
  { playbook, change: changeDraft }: Draft,
  rule: Rule,
  ours: EmailContent | null,
  isPublished: boolean,
): Email | null {
  const { id } = rule
  const content = rule.content ?? (ours && withSubjectsOf(rule, ours))
  const change = useCallback(
    (next: EmailContent, step?: string) =>
      changeDraft(
        withRule(playbook, id, (one) => ({ ...one, subjects: [], content: next })),
        step && `${id} ${step}`,
      ),
    [playbook, id, changeDraft],
  )
  if (!content) return null
  return {
    rule,
    content,
    ours,
    isOwn: rule.content !== undefined,
    isPublished,
    change,
    changeRule: (next) => changeDraft(withRule(playbook, id, () => next)),
    reset: () => changeDraft(withRule(playbook, id, ({ content: _, ...others }) => others)),
  }
}
