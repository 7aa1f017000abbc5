import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FixtureName } from '../../../shared/api/lint.ts'
import { dayMs } from '../../../shared/clock.ts'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import type { MessageRule, Playbook } from '../../../shared/playbook.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { ownTexts, productFacts, senderFacts } from '../../domain/messages/email-view.ts'
import { fixtures } from './fixtures.ts'

/** As long as a real token and host, because sizes and line lengths count. */
export const sampleLinks = mailLinks('https://mail.example.com', 'ABEiM0RVZneImaq7zN3u_w', { tracking: true })

/** What to write about when no one in particular is meant. */
export interface Sample {
  readonly kind: MessageKind
  /** The rule whose milestone, sender and survey answer it is about. */
  readonly rule?: MessageRule | undefined
  /** Its own facts take the place of the invented product’s. */
  readonly playbook?: Playbook | undefined
  readonly fixture?: FixtureName | undefined
  readonly locale?: string | undefined
}

/** Whom an email of the team’s own is shown for. */
const usualSample = 'upgrade_now'

/** The folder’s own sample, else that of the kind. */
function readSample(templatesDir: string, { kind, rule }: Sample): MailFacts {
  const fileOf = (folder: string) => join(templatesDir, 'emails', folder, 'sample.json')
  const own = rule?.template && /^[\w-]+$/.test(rule.template) ? fileOf(rule.template) : null
  const file = own && existsSync(own) ? own : fileOf(kind === 'custom' ? usualSample : kind)
  return JSON.parse(readFileSync(file, 'utf8')) as MailFacts
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
    ...(next && { open: all.slice(reached.length).map(({ name }) => name) }),
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
  const values = facts.values.length === 0 ? [] : Object.entries(playbook.values)
  const losses = facts.losses.length === 0 ? [] : playbook.losses
  return {
    values: values.map(([id, { label, round, unit, limit }], index) => ({
      id,
      label,
      n: nth(facts.values, index),
      ...(round > 1 && { about: true }),
      ...(unit !== 'count' && { unit }),
      ...(limit !== undefined && { limit }),
    })),
    losses: losses.map(({ value, text }, index) => ({ value, text, n: nth(facts.losses, index) })),
  }
}

const offerOf = ({ trial, now }: MailFacts, days: number): NonNullable<MailFacts['offer']> => ({
  days,
  endsAt: (trial.endsAt ?? now) + days * dayMs,
})

/** The invented product steps back behind the one of the playbook; the situation stays as it is. */
function ofPlaybook(facts: MailFacts, playbook: Playbook, rule: MessageRule | undefined): MailFacts {
  const { paidFeature: _, ...rest } = facts
  const { survey, paidFeature, extensions } = playbook
  const isFromRep = rule ? rule.sender === 'rep' : facts.sender.title !== undefined
  return {
    ...rest,
    product: productFacts(playbook),
    rep: senderFacts(playbook, 'rep'),
    sender: senderFacts(playbook, isFromRep ? 'rep' : 'product'),
    milestones: milestoneFacts(facts, playbook, rule),
    ...numberFacts(facts, playbook),
    survey,
    ...(facts.offer && { offer: offerOf(facts, extensions.selfServe.days) }),
    ...(facts.paidFeature && paidFeature && { paidFeature: { name: paidFeature.name } }),
  }
}

/** Which words a loss is told with depends on its number, and that on the situation. */
const withLossTexts = (facts: MailFacts, { losses }: Playbook): MailFacts => ({
  ...facts,
  losses: facts.losses.map((loss, index) => ({
    ...loss,
    text: (loss.n === 1 && losses[index]?.textOne) || loss.text,
  })),
})

/** The answer a follow-up is about, in the words of the survey. */
function withAnswer(facts: MailFacts, rule: MessageRule | undefined): MailFacts {
  const { answer: told, ...rest } = facts
  const { answers } = facts.survey
  const about = rule?.when.surveyAnswer?.[0] ?? told?.id
  const answer = told && (answers.find(({ id }) => id === about) ?? answers[0])
  return answer ? { ...rest, answer } : rest
}

/** The same situation today: every instant later by the same number of days, so that times of day stay. */
export function asOf(facts: MailFacts, now: number): MailFacts {
  const later = Math.floor((now - facts.now) / dayMs) * dayMs
  const { trial, offer, extension } = facts
  return {
    ...facts,
    now: facts.now + later,
    trial: {
      ...trial,
      startsAt: trial.startsAt + later,
      ...(trial.endsAt !== undefined && { endsAt: trial.endsAt + later }),
    },
    ...(offer && { offer: { ...offer, endsAt: offer.endsAt + later } }),
    ...(extension && {
      extension: {
        ...extension,
        endsAt: extension.endsAt + later,
        ...(extension.before !== undefined && { before: extension.before + later }),
      },
    }),
  }
}

/**
 * @param sample.locale for texts of the playbook that are translated.
 * @throws when the kind’s `sample.json` cannot be read.
 */
export function sampleFacts(templatesDir: string, sample: Sample): MailFacts {
  const { playbook, rule, locale, fixture = 'normal' } = sample
  const read = readSample(templatesDir, sample)
  if (!playbook) return withAnswer(fixtures[fixture](read), rule)
  const facts = withLossTexts(fixtures[fixture](ofPlaybook(read, playbook, rule)), playbook)
  const texts = ownTexts(playbook, locale ?? playbook.product.locale)
  return withAnswer({ ...facts, ...(texts && { texts }) }, rule)
}
