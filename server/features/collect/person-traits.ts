import { parseInstant } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import type { PersonPatch } from '../../domain/model.ts'

export type Traits = Readonly<Record<string, unknown>>

/** Who vouches for an event: the team’s server, a signed identity, or nobody but the browser. */
export type Voucher = 'secret' | 'signed' | 'none'

/** A signature proves who speaks, not that the team allows what they say about mail, money or dates. */
const onlySigned = ['email', 'plan', 'trialStartsAt', 'trialEndsAt', 'trial'] as const
/** Neither of use nor of harm without anybody who vouches; language and zone count, as hints. */
const onlyVouched = [...onlySigned, 'name', 'company', 'locale', 'timeZone', 'timezone'] as const
const claimed = onlyVouched

/**
 * The traits of an identify call that its voucher may set: all from the team’s server; mail, money and dates only
 * as signed claims when a browser speaks for a signed user; free ones when nobody vouches. Dates of the trial come
 * back as `trial: { startsAt, endsAt }`, however they were written.
 * @param claims of the signed identity; they win over what stands beside them.
 */
export function permittedTraits(traits: Traits, voucher: Voucher, claims: Traits | null): Traits {
  const permitted: Record<string, unknown> = { ...traits }
  if (voucher !== 'secret')
    for (const name of voucher === 'signed' ? onlySigned : onlyVouched) delete permitted[name]
  if (voucher === 'signed' && claims)
    for (const name of claimed) if (name in claims) permitted[name] = claims[name]
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

/** Whether what must be exact is: an address, the dates of the trial. Other faulty values are merely not taken. */
export function areTraitsSound({ email, trial }: Traits): boolean {
  const { startsAt, endsAt } = (trial ?? {}) as { startsAt?: unknown; endsAt?: unknown }
  return (
    (isAbsent(email) || parseEmailAddress(email) !== null) &&
    (isAbsent(startsAt) || parseInstant(startsAt) !== null) &&
    (isAbsent(endsAt) || parseInstant(endsAt) !== null)
  )
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

/**
 * The dates among {@link permittedTraits}: no start keeps it, an end of null means that there is none.
 * @returns null when there are none.
 */
export function trialDatesOf({ trial }: Traits): NonNullable<PersonPatch['trial']> | null {
  if (typeof trial !== 'object' || trial === null) return null
  const dates = trial as { startsAt?: unknown; endsAt?: unknown }
  const startsAt = parseInstant(dates.startsAt)
  const endsAt = dates.endsAt === null ? null : (parseInstant(dates.endsAt) ?? undefined)
  if (startsAt === null && endsAt === undefined) return null
  return { ...(startsAt !== null && { startsAt }), ...(endsAt !== undefined && { endsAt }) }
}

/** Language and zone that a browser tells of its user, to fill in what nobody vouched for has said. */
export function browserHints(
  traits: Traits | null | undefined,
  context: Traits | null | undefined,
  pageLocale: string | null,
): { timeZone: string | null; locale: string | null } {
  return {
    timeZone: textOf(traits?.timeZone) ?? textOf(traits?.timezone) ?? textOf(context?.timezone),
    locale: textOf(traits?.locale) ?? textOf(context?.locale) ?? pageLocale,
  }
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 64 ? value : null
