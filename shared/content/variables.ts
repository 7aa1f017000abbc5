/** What words may name. The renderer makes the phrases; this says what there is, for checks and pickers. */

import type { MessageKind } from '../trial.ts'

export interface ContentVariable {
  readonly name: string
  readonly group: 'person' | 'product' | 'trial' | 'progress' | 'numbers' | 'links' | 'traits'
  readonly label: string
  /** Where the facts of an email have it; null: everyone has it. */
  readonly fact: string | null
}

const variable = (
  group: ContentVariable['group'],
  name: string,
  label: string,
  fact: string | null = name,
): ContentVariable => ({ group, name, label, fact })

const fixed: readonly ContentVariable[] = [
  variable('person', 'person.callName', 'Name to greet by', 'person.firstName'),
  variable('person', 'person.firstName', 'First name'),
  variable('person', 'person.name', 'Full name'),
  variable('person', 'person.company', 'Company'),
  variable('person', 'asker.name', 'Colleague who asked to upgrade', 'asker'),
  variable('product', 'product.name', 'Product', null),
  variable('product', 'product.url', 'Address of the product', null),
  variable('product', 'product.upgradeUrl', 'Address to upgrade', null),
  variable('product', 'price', 'Price, in words', 'product.price'),
  variable('product', 'product.story.company', 'Company of the customer’s story', 'product.story'),
  variable('product', 'product.story.person', 'Person of the customer’s story', 'product.story'),
  variable('product', 'product.story.quote', 'Quote of the customer’s story', 'product.story'),
  variable('product', 'product.story.result', 'Result of the customer’s story'),
  variable('product', 'sender.name', 'Name of the sender', null),
  variable('product', 'sender.title', 'Title of the sender'),
  variable('product', 'rep.name', 'Name of the rep', null),
  variable('product', 'rep.title', 'Title of the rep'),
  variable('trial', 'trial.endsAt', 'End of the trial'),
  variable('trial', 'trial.deadline', 'End of the trial, while it is to come', 'trial.endsAt'),
  variable('trial', 'trial.weekday', 'Weekday of the end, 2 to 6 days before it', 'trial.endsAt'),
  variable('trial', 'trial.startsAt', 'Start of the trial', null),
  variable('trial', 'offer.days', 'Days the person may add by themselves'),
  variable('trial', 'offer.endsAt', 'End with those days'),
  variable('trial', 'extension.days', 'Days of the latest extension'),
  variable('trial', 'extension.endsAt', 'End after the latest extension'),
  variable('trial', 'extension.by', 'Who granted it'),
  variable('progress', 'milestones.reached', 'Milestones reached'),
  variable('progress', 'milestones.next.step', 'Next step, as its button says', 'milestones.next'),
  variable('progress', 'milestones.next.name', 'Next milestone', 'milestones.next'),
  variable('progress', 'milestones.next.label', 'Button of the next step'),
  variable('progress', 'milestones.next.hint', 'Hint of the next step'),
  variable('progress', 'milestones.next.count', 'How often it was done so far'),
  variable('progress', 'milestones.next.threshold', 'How often it takes', 'milestones.next'),
  variable('progress', 'paidFeature.name', 'Paid feature that was tried'),
  variable('progress', 'answer.text', 'Answer to the survey', 'answer'),
  variable('numbers', 'best', 'The number that impresses most', 'values'),
  variable('numbers', 'loss', 'What is lost first', 'losses'),
]

/** Names that only `needs` may ask for. */
const asked: ReadonlySet<string> = new Set([
  'milestones.next',
  'milestones.next.url',
  'milestones.open',
  'numbers',
  'values',
  'losses',
  'offer',
  'extension',
  'answer',
  'paidFeature',
  'product.story',
  'product.story.url',
  'product.price',
])

/** @param values the playbook’s, by id. */
export const contentVariables = (
  values: Readonly<Record<string, { readonly label: string }>>,
): readonly ContentVariable[] => [
  ...fixed,
  ...Object.entries(values).map(([id, { label }]) => variable('numbers', `value.${id}`, label)),
]

const ofValue = /^value\.([A-Za-z0-9_]+)(\.n)?$/

/** @param values ids of the playbook’s values; null: not known, any will do. */
export function isKnownVariable(name: string, values: readonly string[] | null): boolean {
  const id = ofValue.exec(name)?.[1]
  if (id !== undefined) return values === null || values.includes(id)
  return fixed.some((known) => known.name === name)
}

export const mayBeNeeded = (name: string, values: readonly string[] | null): boolean =>
  asked.has(name) || isKnownVariable(name, values)

const afterTheEndIsSet = ['trial.endsAt']

/** Facts that everyone has who gets an email of this kind. */
const certainFacts: Partial<Record<MessageKind, readonly string[]>> = {
  expiring_activated: afterTheEndIsSet,
  expiring_passive: afterTheEndIsSet,
  trial_ended: afterTheEndIsSet,
  ended_survey: afterTheEndIsSet,
  survey_follow_up: [...afterTheEndIsSet, 'answer'],
  extension_granted: [...afterTheEndIsSet, 'extension.days', 'extension.endsAt'],
}

/** Whether a person may lack it. @param kind of the email; null: any. */
export const mayBeMissing = (name: string, kind: MessageKind | null = null): boolean => {
  const certain = (kind && certainFacts[kind]) ?? []
  return (
    ofValue.test(name) ||
    fixed.some((known) => known.name === name && known.fact !== null && !certain.includes(known.fact))
  )
}
