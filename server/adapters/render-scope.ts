import type { MailView } from '../../shared/mail-view.ts'
import { callName } from '../locales/call-name.ts'
import type { ResolvedLocale } from '../locales/catalog.ts'
import { calendarDaysBetween, writeDate, writeMoney, writeNumber } from '../locales/write.ts'

/** What words may name, beside the facts that templates read: a variable is a whole phrase wherever it can be. */

type Values = MailView['values']
type Facts = Omit<MailView, 'links'>

/** Below this no one is impressed: one of something, five minutes, a few cents. */
const leastWorthTelling = { count: 2, minutes: 10, money: 100 }

/** What was achieved, the largest first. */
export const worthTelling = (values: Values): Values =>
  values
    .filter(({ n, unit, limit }) => limit === undefined && n >= leastWorthTelling[unit ?? 'count'])
    .toSorted((a, b) => b.n - a.n)

/** What is used up of a limit, once that is a quarter of it, the fullest first. */
export const quotasOf = (values: Values): Values => {
  const used = ({ n, limit = Number.POSITIVE_INFINITY }: Values[number]) => n / limit
  return values.filter((value) => used(value) >= 0.25).toSorted((a, b) => used(b) - used(a))
}

export interface WordScope {
  readonly [name: string]: unknown
}

type Own = (text: string) => string

function stepScope({ milestones: { next, reached } }: Facts, own: Own): WordScope {
  return {
    reached: reached.map(own),
    ...(next && {
      next: {
        ...next,
        name: own(next.name),
        step: own(next.label ?? next.name),
        ...(next.hint && { hint: own(next.hint) }),
        ...(next.label && { label: own(next.label) }),
        ...(next.label && next.url && { labelled: own(next.label) }),
      },
    }),
  }
}

function productScope({ product }: Facts, own: Own): WordScope {
  const { story, price, ...rest } = product
  return {
    ...rest,
    ...(price && { price }),
    ...(story && {
      story: {
        ...story,
        quote: own(story.quote),
        person: own(story.person),
        ...(story.result && { result: own(story.result) }),
      },
    }),
  }
}

/** The price in words, “$12 per person a month”. */
function priceWords({ product: { price } }: Facts, locale: ResolvedLocale): string | undefined {
  if (!price) return undefined
  const amount = writeMoney(price, locale.tag)
  return locale.text('common.price', { amount, per: price.per, seat: price.seat })
}

const titled = <T extends { readonly title?: string }>(person: T, own: Own): T =>
  person.title ? { ...person, title: own(person.title) } : person

/** Sooner it is “tomorrow”; later a weekday could be that of another week. */
const daysWithAWeekday = { least: 2, most: 6 }

/** `deadline`: the end while it is to come; `weekday`: its name, where that tells the day. */
function trialScope({ trial, now, timeZone }: Facts, locale: ResolvedLocale): WordScope {
  const { endsAt, ended } = trial
  if (endsAt === undefined) return { ...trial }
  const days = calendarDaysBetween(now, endsAt, timeZone)
  const tells = days >= daysWithAWeekday.least && days <= daysWithAWeekday.most
  return {
    ...trial,
    ...(!ended && { deadline: endsAt }),
    ...(tells && { weekday: writeDate(endsAt, 'weekday', { locale: locale.tag, timeZone, now }) }),
  }
}

/** A text of the playbook with its `{{n}}` filled. */
const fillNumber = (text: string, n: number, locale: ResolvedLocale): string =>
  text.replace(/\{\{\s*n\s*\}\}/g, writeNumber(n, locale.tag))

/** @param own texts of the playbook in this person’s language. */
export function wordScope({ links: _, ...view }: MailView, locale: ResolvedLocale, own: Own): WordScope {
  const { values, answer, paidFeature, losses } = view
  const told = worthTelling(values)
  return {
    ...view,
    person: { ...view.person, callName: callName(view.person, locale.tag) },
    product: productScope(view, own),
    price: priceWords(view, locale),
    sender: titled(view.sender, own),
    rep: titled(view.rep, own),
    trial: trialScope(view, locale),
    milestones: stepScope(view, own),
    value: Object.fromEntries(values.map((value) => [value.id, value])),
    numbers: [...told, ...quotasOf(values)],
    best: told[0],
    ...(paidFeature && { paidFeature: { name: own(paidFeature.name) } }),
    ...(answer && { answer: { ...answer, text: own(answer.text) } }),
    ...(losses[0] && { loss: fillNumber(own(losses[0].text), losses[0].n, locale) }),
  }
}
