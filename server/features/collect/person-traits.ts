import { parseInstant } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { PersonPatch } from '../../domain/trial/command.ts'
import { maxTraitChars, traitChars } from '../../domain/trial/person.ts'
import { localeOf, timeZoneOf } from './locale-names.ts'

export type Traits = Readonly<Record<string, unknown>>

/** Who vouches for an event: the team’s server, a signed identity, or no one but the browser. */
export type Voucher = 'secret' | 'signed' | 'none'

/** A signature proves who speaks, not that the team allows what they say about email, money or dates. */
const onlySigned = ['email', 'plan', 'trialStartsAt', 'trialEndsAt', 'trial'] as const
/** Everything with a meaning of its own: language and zone of an unvouched browser count as hints, the rest not. */
const onlyVouched = [...onlySigned, 'name', 'company', 'locale', 'timeZone', 'timezone', 'browser'] as const

/**
 * The traits of an identify call that its voucher may set: all from the team’s server; email, money and dates only
 * as signed claims when a browser speaks for a signed user; free ones when no one vouches. Dates of the trial come
 * back as `trial: { startsAt, endsAt }`, however they were written.
 * @param claims of the signed identity; they win over what stands beside them.
 */
export function permittedTraits(traits: Traits, voucher: Voucher, claims: Traits | null): Traits {
  const permitted: Record<string, unknown> = { ...traits }
  if (voucher !== 'secret')
    for (const name of voucher === 'signed' ? onlySigned : onlyVouched) delete permitted[name]
  if (voucher === 'signed' && claims)
    for (const name of onlyVouched) if (name in claims) permitted[name] = claims[name]
  if (!('trial' in permitted || 'trialStartsAt' in permitted || 'trialEndsAt' in permitted)) return permitted
  const { trial, trialStartsAt, trialEndsAt, ...rest } = permitted
  const nested: Traits = typeof trial === 'object' && trial !== null ? (trial as Traits) : {}
  const startsAt = trialStartsAt ?? nested.startsAt
  const endsAt = trialEndsAt === undefined ? nested.endsAt : trialEndsAt
  return {
    ...rest,
    trial: { ...(startsAt !== undefined && { startsAt }), ...(endsAt !== undefined && { endsAt }) },
  }
}

/** Those that must be exact and are not: an address, the dates of the trial; and what is too long to be a trait. */
export function faultyTraits(traits: Traits): string[] {
  const { startsAt, endsAt } = (traits.trial ?? {}) as { startsAt?: unknown; endsAt?: unknown }
  const isFaulty = (name: string): boolean => {
    const value = traits[name]
    if (name === 'email') return !isAbsent(value) && parseEmailAddress(value) === null
    if (name === 'trial')
      return (
        (!isAbsent(startsAt) && parseInstant(startsAt) === null) ||
        (!isAbsent(endsAt) && parseInstant(endsAt) === null)
      )
    return name.length > maxTraitNameChars || traitChars(value) > maxTraitChars
  }
  return Object.keys(traits).filter(isFaulty)
}

export const without = (traits: Traits, names: readonly string[]): Traits =>
  Object.fromEntries(Object.entries(traits).filter(([name]) => !names.includes(name)))

const maxTraitNameChars = 200

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

/**
 * What an identify call says about its person; the traits have passed {@link permittedTraits}. Absent keeps, null
 * clears, what cannot be used is not taken.
 * @returns null when it says nothing.
 */
export function patchOf(traits: Traits): PersonPatch | null {
  const free: Record<string, unknown> = {}
  for (const name of Object.keys(traits)) if (!meant.has(name)) free[name] = traits[name]
  const { company } = traits
  return notEmpty({
    ...present('email', traits.email === null ? null : (parseEmailAddress(traits.email) ?? undefined)),
    ...present('name', lineOf(traits.name)),
    ...present('locale', clearable(traits.locale, localeOf)),
    ...present('timeZone', clearable(traits.timeZone ?? traits.timezone, timeZoneOf)),
    // Segment’s spec has an object here, many send a plain name.
    ...present(
      'company',
      lineOf(typeof company === 'object' && company !== null ? (company as Traits).name : company),
    ),
    ...present('plan', lineOf(traits.plan)),
    ...present('trial', datesOf(traits.trial)),
    ...present('traits', notEmpty(free) ?? undefined),
  })
}

const meant: ReadonlySet<string> = new Set(onlyVouched)

const notEmpty = <Bag extends object>(bag: Bag): Bag | null => (Object.keys(bag).length > 0 ? bag : null)

const present = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value }

const maxLineChars = 200

/** One line without control characters: it may come to are in the subject of an email. */
function lineOf(value: unknown): string | null | undefined {
  if (value === null) return null
  if (typeof value !== 'string') return undefined
  const line = value
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, maxLineChars)
  return line === '' ? undefined : line
}

const clearable = (value: unknown, read: (text: unknown) => string | undefined): string | null | undefined =>
  value === null ? null : read(value)

/** No start keeps it, an end of null means that there is none. */
function datesOf(trial: unknown): NonNullable<PersonPatch['trial']> | undefined {
  if (typeof trial !== 'object' || trial === null) return undefined
  const dates = trial as { startsAt?: unknown; endsAt?: unknown }
  const startsAt = parseInstant(dates.startsAt)
  const endsAt = dates.endsAt === null ? null : (parseInstant(dates.endsAt) ?? undefined)
  return (
    notEmpty({ ...(startsAt !== null && { startsAt }), ...(endsAt !== undefined && { endsAt }) }) ?? undefined
  )
}

/** Where {@link withBrowserHints} keeps what a browser knows of its user, in the traits of an identify call. */
const hintKey = 'browser'

/** Adds language and zone as the browser has them; they hold as long as no one who vouches has said otherwise. */
export function withBrowserHints(
  permitted: Traits,
  said: Traits,
  context: Traits | null | undefined,
  pageLocale: string | null,
): Traits {
  const hint = {
    ...present('timeZone', timeZoneOf(said.timeZone ?? said.timezone ?? context?.timezone)),
    ...present('locale', localeOf(said.locale ?? context?.locale ?? pageLocale)),
  }
  return notEmpty(hint) ? { ...permitted, [hintKey]: hint } : permitted
}

export function hintsOf({ [hintKey]: hint }: Traits): PersonPatch | null {
  if (typeof hint !== 'object' || hint === null) return null
  const { timeZone, locale } = hint as Traits
  return notEmpty({
    ...present('timeZone', timeZoneOf(timeZone)),
    ...present('locale', localeOf(locale)),
  })
}
