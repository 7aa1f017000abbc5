import type { MessageRule, Playbook } from '../../../shared/playbook.ts'
import { type MessageKind, messageKinds } from '../../../shared/trial.ts'

/** One wording of an email, before languages and situations. */
export interface MailText {
  readonly kind: MessageKind
  /** null: no rule of the playbook sends this kind. */
  readonly rule: MessageRule | null
  /** Index into the rule’s subjects; 0 where it has none. */
  readonly variant: number
  /** In Liquid; null: the template’s own. */
  readonly subject: string | null
}

const ofRule = (kind: MessageKind, rule: MessageRule): MailText[] =>
  (rule.subjects.length > 0 ? rule.subjects : [null]).map((subject, variant) => ({
    kind,
    rule,
    variant,
    subject,
  }))

/** Every kind × rule × subject of a playbook; a kind without a rule stands for itself. */
export const mailTexts = (
  { messages }: Pick<Playbook, 'messages'>,
  kinds: readonly MessageKind[] = messageKinds,
): MailText[] =>
  kinds.flatMap((kind) => {
    const rules = messages.filter((rule) => rule.kind === kind)
    if (rules.length === 0 && kind === 'custom') return []
    return rules.length > 0
      ? rules.flatMap((rule) => ofRule(kind, rule))
      : [{ kind, rule: null, variant: 0, subject: null }]
  })
