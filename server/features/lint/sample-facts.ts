import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import type { MessageRule, Playbook } from '../../../shared/playbook.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { type FixtureName, fixtures } from './fixtures.ts'

/** As long as a real token and host, because sizes and line lengths count. */
export const sampleLinks = mailLinks('https://mail.example.com', 'ABEiM0RVZneImaq7zN3u_w', { tracking: true })

/** What to write about when nobody in particular is meant. */
export interface Sample {
  readonly kind: MessageKind
  /** The rule whose milestone, sender and survey answer it is about. */
  readonly rule?: MessageRule | undefined
  /** Its own facts take the place of the invented product’s. */
  readonly playbook?: Playbook | undefined
  readonly fixture?: FixtureName | undefined
}

/** The folder’s own sample, else that of the kind. */
function readSample(templatesDir: string, { kind, rule }: Sample): MailFacts {
  const fileOf = (folder: string) => join(templatesDir, 'emails', folder, 'sample.json')
  const own = rule?.template && /^[\w-]+$/.test(rule.template) ? fileOf(rule.template) : null
  const file = own && existsSync(own) ? own : fileOf(kind)
  return JSON.parse(readFileSync(file, 'utf8')) as MailFacts
}

function productFacts(facts: MailFacts, { product }: Playbook): MailFacts['product'] {
  const { name, url, upgradeUrl, postalAddress, price, currency, paymentMethods } = product
  return {
    name,
    url,
    upgradeUrl,
    postalAddress,
    paymentMethods: facts.product.paymentMethods.length > 0 ? paymentMethods : [],
    ...(facts.product.price && price && price.amountMinor > 0 && { price: { ...price, currency } }),
  }
}

function milestoneFacts(
  { milestones: { reached, next } }: MailFacts,
  playbook: Playbook,
  rule: MessageRule | undefined,
): MailFacts['milestones'] {
  const all = playbook.milestones
  const asked = all.find(({ name }) => name === rule?.milestone) ?? all[0]
  return {
    reached: reached.length > 0 ? all.map(({ name }) => name) : [],
    ...(next &&
      asked && {
        next: {
          name: asked.name,
          threshold: asked.threshold,
          ...(asked.hint && { hint: asked.hint }),
          ...(asked.url && { url: asked.url }),
          ...(asked.label && { label: asked.label }),
          ...(next.count !== undefined && { count: next.count }),
        },
      }),
  }
}

/** The same numbers under the playbook’s own names; where the sample tells none, none is told. */
function numberFacts(facts: MailFacts, playbook: Playbook): Pick<MailFacts, 'values' | 'losses'> {
  const nth = (numbers: readonly { readonly n: number }[], index: number): number =>
    numbers[index % numbers.length]?.n ?? 1
  return {
    values:
      facts.values.length === 0
        ? []
        : Object.entries(playbook.values).map(([id, { label, round, unit, limit }], index) => ({
            id,
            label,
            n: nth(facts.values, index),
            ...(round > 1 && { about: true }),
            ...(unit !== 'count' && { unit }),
            ...(limit !== undefined && { limit }),
          })),
    losses:
      facts.losses.length === 0
        ? []
        : playbook.losses.map(({ value, text, textOne }, index) => {
            const n = nth(facts.losses, index)
            return { value, n, text: n === 1 && textOne !== undefined ? textOne : text }
          }),
  }
}

/** The invented product steps back behind the one of the playbook; the situation stays as it is. */
function ofPlaybook(facts: MailFacts, playbook: Playbook, rule: MessageRule | undefined): MailFacts {
  const { paidFeature: _, ...rest } = facts
  const { rep, product } = playbook.senders
  const { survey, paidFeature, extensions } = playbook
  const representative = { name: rep.name, ...(rep.title && { title: rep.title }) }
  const isFromRep = rule ? rule.sender === 'rep' : facts.sender.title !== undefined
  return {
    ...rest,
    product: productFacts(facts, playbook),
    rep: representative,
    sender: isFromRep ? representative : { name: product.name },
    milestones: milestoneFacts(facts, playbook, rule),
    ...numberFacts(facts, playbook),
    survey,
    ...(facts.offer && { offer: { ...facts.offer, days: extensions.selfServe.days } }),
    ...(facts.paidFeature && paidFeature && { paidFeature: { name: paidFeature.name } }),
  }
}

/** The answer a follow-up is about, in the words of the survey. */
function withAnswer(facts: MailFacts, rule: MessageRule | undefined): MailFacts {
  const { answer: told, ...rest } = facts
  const { answers } = facts.survey
  const about = rule?.when.surveyAnswer?.[0] ?? told?.id
  const answer = told && (answers.find(({ id }) => id === about) ?? answers[0])
  return answer ? { ...rest, answer } : rest
}

/** @throws when the kind’s `sample.json` cannot be read. */
export function sampleFacts(templatesDir: string, sample: Sample): MailFacts {
  const { playbook, rule, fixture = 'normal' } = sample
  const facts = fixtures[fixture](readSample(templatesDir, sample))
  return withAnswer(playbook ? ofPlaybook(facts, playbook, rule) : facts, rule)
}
