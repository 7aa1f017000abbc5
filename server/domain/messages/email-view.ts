import type { MailFacts, MailLinks, MailView } from '../../../shared/mail-view.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import { numberOf, numbersOf } from '../activation/facts.ts'
import { nameOfMember } from '../activation/members.ts'
import { asProven } from '../activation/proven.ts'
import type { CompiledMilestone, CompiledPlaybook } from '../playbook/compile.ts'
import { upgradeAsked } from '../playbook/upgrade-asked.ts'
import { namedEnd } from '../time/zoned-time.ts'
import { extendClock, statusAt, zoneOf } from '../trial/clock.ts'
import type { Extension, OutboxMessage, Trial } from '../trial/model.ts'
import { countOf } from '../trial/usage.ts'
import { seenBy } from './recipients.ts'

/** Member when there is something to say, nothing at all otherwise. */
const present = <Key extends string, Value>(key: Key, value: Value | null | undefined) =>
  (value === null || value === undefined || value === '' ? {} : { [key]: value }) as {
    readonly [K in Key]?: Value
  }

const longestFirstName = 40
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** @returns null when the name is nothing to greet someone by: an address, a URL, digits, too long. */
export function firstNameOf(name: string | null): string | null {
  const first = name?.trim().split(/\s+/)[0] ?? ''
  const isName = /^\p{L}[\p{L}\p{M}'’.-]*$/u.test(first) && !/\.\p{L}{2,}$/u.test(first)
  return isName && [...graphemes.segment(first)].length <= longestFirstName ? first : null
}

type Story = NonNullable<MailFacts['product']['story']>

const storyOf = ({
  quote,
  person,
  company,
  result,
  url,
}: NonNullable<Playbook['product']['story']>): Story => ({
  quote,
  person,
  company,
  ...present('result', result),
  ...present('url', url),
})

export function productFacts({ product }: Playbook): MailFacts['product'] {
  const { name, url, upgradeUrl, postalAddress, price, currency, paymentMethods, story } = product
  return {
    name,
    url,
    upgradeUrl,
    postalAddress,
    paymentMethods,
    currency,
    ...(price && price.amountMinor > 0 && { price: { ...price, currency } }),
    ...(story && { story: storyOf(story) }),
  }
}

function milestonesOf(
  trial: Trial,
  message: OutboxMessage,
  playbook: CompiledPlaybook,
): MailFacts['milestones'] {
  const isReached = ({ name }: CompiledMilestone) => trial.standing.reachedAt[name] !== undefined
  const named = playbook.ruleById.get(message.ruleId)?.milestone
  const asked = named === undefined ? undefined : playbook.milestoneByName.get(named)
  const next = asked && !isReached(asked) ? asked : playbook.milestones.find((m) => !isReached(m))
  const count = next ? countOf(trial.usage, next.event) : 0
  return {
    reached: playbook.milestones.filter(isReached).map((milestone) => milestone.name),
    ...(next && { open: playbook.milestones.filter((m) => !isReached(m)).map(({ name }) => name) }),
    ...(next && {
      next: {
        name: next.name,
        threshold: next.threshold,
        ...present('hint', next.hint),
        ...present('url', next.url),
        ...present('label', next.label),
        ...(count > 0 && { count }),
      },
    }),
  }
}

function lossesOf(trial: Trial, playbook: CompiledPlaybook): MailFacts['losses'] {
  return playbook.playbook.losses.flatMap(({ value, text, textOne }) => {
    const n = numberOf(value, trial, playbook)
    if (n === null || n <= 0) return []
    return [{ value, n, text: n === 1 && textOne !== undefined ? textOne : text }]
  })
}

const valuesOf = (trial: Trial, playbook: CompiledPlaybook): MailFacts['values'] =>
  Object.entries(numbersOf(trial, playbook)).flatMap(([id, n]) => {
    const value = playbook.values.get(id)
    if (!value) return []
    const { label, round, unit, limit } = value
    return {
      id,
      label,
      n,
      ...(round > 1 && { about: true }),
      ...(unit !== 'count' && { unit }),
      ...present('limit', limit),
    }
  })

/** What the trialist could take by the link in an email right now, as the policy stands. */
function selfServeOffer(
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): { readonly days: number; readonly endsAt: number } | null {
  const { days } = playbook.playbook.extensions.selfServe
  const zone = zoneOf(trial, playbook)
  const tried = extendClock(
    trial.clock,
    {
      type: 'extend',
      id: 'offer',
      days,
      reason: '',
      note: '',
      by: { kind: 'trialist', name: '' },
    },
    zone,
    playbook,
    now,
  )
  return 'ok' in tried ? null : { days, endsAt: namedEnd(tried.extension.after, zone) }
}

const latestExtension = ({ clock: { extensions } }: Trial): Extension | undefined =>
  extensions.findLast((extension) => extension.undoneAt === null)

function extensionOf(trial: Trial, zone: string): MailFacts['extension'] {
  const latest = latestExtension(trial)
  if (!latest) return undefined
  const { days, after, before, by } = latest
  return {
    days,
    endsAt: namedEnd(after, zone),
    ...present('before', before === null ? null : namedEnd(before, zone)),
    ...present('by', by.kind === 'rep' ? firstNameOf(by.name) : null),
  }
}

export function senderFacts({ senders }: Playbook, which: 'product' | 'rep'): MailFacts['sender'] {
  const { product, rep } = senders
  return which === 'product' ? { name: product.name } : { name: rep.name, ...present('title', rep.title) }
}

function personOf({ person: { name, company } }: Trial): MailFacts['person'] {
  return {
    ...present('name', name),
    ...present('firstName', firstNameOf(name)),
    ...present('company', company),
  }
}

/** Who of the company asked last that someone upgrades. */
function askerOf({ company }: Trial): MailFacts['asker'] | null {
  const asked = Object.entries(company?.members ?? {})
    .flatMap(([userId, member]) => {
      const { lastAt } = member.usage.counters[upgradeAsked] ?? {}
      return lastAt === undefined || member.left ? [] : [{ name: nameOfMember(userId, member), lastAt }]
    })
    .sort((a, b) => b.lastAt - a.lastAt)[0]
  return asked ? { name: asked.name } : null
}

/** `de-AT` takes from `de` what it has no word of its own for. */
export function ownTexts({ translations }: Playbook, locale: string): MailFacts['texts'] {
  const tag = locale.replaceAll('_', '-')
  const texts = { ...translations[tag.split('-')[0] ?? tag], ...translations[tag] }
  return Object.keys(texts).length > 0 ? texts : undefined
}

/**
 * Everything a template may say about this person at this moment. What is 0 or unknown is not in it: the template
 * has another sentence or the email is refused.
 */
export function mailView(
  stored: Trial,
  message: OutboxMessage,
  playbook: CompiledPlaybook,
  { now, links, locale }: { now: number; links: MailLinks; locale?: string | undefined },
): MailView {
  const trial = asProven(seenBy(stored, message), playbook, now)
  const { survey, paidFeature, product } = playbook.playbook
  const texts = ownTexts(playbook.playbook, locale ?? trial.person.locale ?? product.locale)
  const zone = zoneOf(trial, playbook)
  const { endsAt } = trial.clock
  const answer = survey.answers.find(({ id }) => id === trial.survey?.answer)
  const tried = paidFeature && countOf(trial.usage, paidFeature.event) > 0
  return {
    kind: message.kind,
    now,
    timeZone: zone,
    person: personOf(trial),
    product: productFacts(playbook.playbook),
    sender: senderFacts(playbook.playbook, playbook.ruleById.get(message.ruleId)?.sender ?? 'product'),
    rep: senderFacts(playbook.playbook, 'rep'),
    trial: {
      startsAt: trial.clock.startsAt,
      ...present('endsAt', endsAt === null ? null : namedEnd(endsAt, zone)),
      ended: statusAt(trial.clock, now) === 'ended',
    },
    milestones: milestonesOf(trial, message, playbook),
    values: valuesOf(trial, playbook),
    losses: lossesOf(trial, playbook),
    ...(tried && { paidFeature: { name: paidFeature.name } }),
    ...present('asker', askerOf(trial)),
    ...present('offer', selfServeOffer(trial, playbook, now)),
    ...present('extension', extensionOf(trial, zone)),
    survey,
    ...present('texts', texts),
    ...present('answer', answer),
    links,
  }
}
