import { parseInstant } from '../../../shared/clock.ts'
import { type EmailAddress, parseEmailAddress } from '../../../shared/trial.ts'
import type { Person, PersonPatch, TrackedEvent } from '../../domain/model.ts'
import { isLocale, isTimeZone } from './locale-names.ts'

export type Traits = Readonly<Record<string, unknown>>

/** Who vouches for an event: the team’s server, a signed identity, or nobody but the browser. */
export type Voucher = 'secret' | 'signed' | 'none'

/** What the browser itself knows of its user; only fills in what nobody has said. */
export const browserLocale = 'browser_locale'
export const browserTimeZone = 'browser_time_zone'

/** Traits with a meaning of their own; everything else is a free trait for fit rules and templates. */
const reserved = new Set([
  'email',
  'name',
  'locale',
  'timeZone',
  'timezone',
  'company',
  'plan',
  'trialStartsAt',
  'trialEndsAt',
  'trial',
  browserLocale,
  browserTimeZone,
])
const harmless = new Set(['locale', 'timeZone', 'timezone', browserLocale, browserTimeZone])
/** A signature proves who speaks, not that the team allows what they say about mail, money or dates. */
const needsSignature = new Set(['email', 'plan', 'trialStartsAt', 'trialEndsAt', 'trial'])

/**
 * The traits of an identify call that its voucher may set: all from the team’s server; mail, money and dates only
 * as signed claims when a browser speaks for a signed user; of reserved ones only the harmless when nobody vouches.
 * @param claims of the signed identity; they win over what stands beside them.
 */
export function permittedTraits(traits: Traits, voucher: Voucher, claims: Traits | null): Traits {
  if (voucher === 'secret') return traits
  const permitted: Record<string, unknown> = {}
  for (const key of Object.keys(traits)) {
    const refused = voucher === 'signed' ? needsSignature.has(key) : reserved.has(key) && !harmless.has(key)
    if (!refused) permitted[key] = traits[key]
  }
  if (voucher === 'signed' && claims)
    for (const key of reserved) if (key in claims) permitted[key] = claims[key]
  return permitted
}

/** Whether what must be exact is: an address, the dates of the trial. Other faulty values are merely not taken. */
export function areTraitsSound(traits: Traits): boolean {
  const { startsAt, endsAt } = datesOf(traits)
  return (
    (isAbsent(traits.email) || parseEmailAddress(traits.email) !== null) &&
    (isAbsent(startsAt) || parseInstant(startsAt) !== null) &&
    (isAbsent(endsAt) || parseInstant(endsAt) !== null)
  )
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

function datesOf(traits: Traits): { startsAt: unknown; endsAt: unknown } {
  const { trial } = traits
  const nested = (typeof trial === 'object' && trial !== null ? trial : {}) as Traits
  return {
    startsAt: traits.trialStartsAt ?? nested.startsAt,
    endsAt: traits.trialEndsAt !== undefined ? traits.trialEndsAt : nested.endsAt,
  }
}

/**
 * What an identify call says about its person: absent keeps, null clears. The traits must have passed
 * {@link permittedTraits} and {@link areTraitsSound}.
 * @returns null when it says nothing.
 */
export function patchOf({ type, traits }: TrackedEvent, person: Person): PersonPatch | null {
  if (type !== 'identify') return null
  const free: Record<string, unknown> = {}
  for (const key of Object.keys(traits)) if (!reserved.has(key)) free[key] = traits[key]
  const locale = traits.locale === undefined && !person.locale ? traits[browserLocale] : traits.locale
  const said = traits.timeZone === undefined ? traits.timezone : traits.timeZone
  const timeZone = said === undefined && !person.timeZone ? traits[browserTimeZone] : said
  const patch = {
    ...present('email', emailOf(traits.email)),
    ...present('name', textOf(traits.name)),
    ...present('locale', checkedName(locale, isLocale)),
    ...present('timeZone', checkedName(timeZone, isTimeZone)),
    ...present('company', textOf(companyName(traits.company))),
    ...present('plan', textOf(traits.plan)),
    ...present('trial', trialOf(traits)),
    ...present('traits', Object.keys(free).length > 0 ? free : undefined),
  }
  return Object.keys(patch).length > 0 ? patch : null
}

const present = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value }

const emailOf = (value: unknown): EmailAddress | null | undefined =>
  value === null ? null : (parseEmailAddress(value) ?? undefined)

const maxTextChars = 200

function textOf(value: unknown): string | null | undefined {
  if (value === null) return null
  if (typeof value !== 'string') return undefined
  const text = value
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, maxTextChars)
  return text === '' ? undefined : text
}

/** Segment’s spec has an object here, many send a plain name. */
const companyName = (company: unknown): unknown =>
  typeof company === 'object' && company !== null ? (company as Traits).name : company

const checkedName = (value: unknown, check: (name: string) => boolean): string | null | undefined =>
  value === null ? null : typeof value === 'string' && check(value) ? value : undefined

function trialOf(traits: Traits): PersonPatch['trial'] | undefined {
  const dates = datesOf(traits)
  const startsAt = parseInstant(dates.startsAt)
  const endsAt = dates.endsAt === null ? null : (parseInstant(dates.endsAt) ?? undefined)
  const trial = { ...(startsAt !== null && { startsAt }), ...(endsAt !== undefined && { endsAt }) }
  return Object.keys(trial).length > 0 ? trial : undefined
}
