/**
 * What is counted about emails, and about people (rows without a rule). Plain sums, so that days, rules, variants and
 * languages add up, and so that a change is the difference of two sums.
 */
export const mailCounters = [
  /** Fell due for a person, whether or not it could be sent. */
  'targeted',
  'suppressed',
  'blocked',
  /** Handed to the mail server. */
  'handed',
  'accepted',
  'unknown',
  'rejectedHard',
  'rejectedSoft',
  'rejectedOther',
  'bouncedHard',
  'bouncedSoft',
  'bouncedOther',
  /** Accepted and not returned. */
  'delivered',
  'opensTracked',
  'clicksTracked',
  /** Delivered with the slow picture in them. */
  'viewingTracked',
  /** Emails by the best thing known of their opening; each in at most one of the three. */
  'openedHuman',
  'openedUnknown',
  'openedMachine',
  /** Of `openedHuman`: fetched too by a program that fetches everything. */
  'openedHumanFetched',
  'opensHuman',
  'opensRaw',
  'opensMobile',
  'opensKnownDevice',
  'opensKnownClient',
  /** Openings by how long they were looked at, and those of which it was not seen. */
  'viewed:glance',
  'viewed:skim',
  'viewed:read',
  'viewsUnmeasured',
  'clickedHuman',
  'clickedVerified',
  'clickedMobile',
  'clickedKnownDevice',
  'clicksHuman',
  'clicksRaw',
  'unsubscribed',
  'complained',
  'replied',
  'repliedPositive',
  'repliedNegative',
  'autoReplied',
  'surveyed',
  'extended',
  /** Reached what its rule is for. */
  'goal',
  'convertedVerified',
  'convertedUtm',
  'convertedEmail',
  'paying',
  'revenueMinor',
] as const

export const peopleCounters = [
  'started',
  'subscribed',
  'lost:unsubscribed',
  'lost:complaint',
  'lost:bounce',
  'lost:manual',
  'converted',
  /** Met at least one trial email, or would have had they not been held out. */
  'treated',
  'treatedConverted',
  'heldOut',
  'heldOutConverted',
  /** By calendar month, on its first day. */
  'mailedInMonth',
  'activeInMonth',
  'rawActiveInMonth',
  'revenueAllMinor',
  /** Subscribed and not lost, since the first day; of all days together. */
  'subscribers',
] as const

export type CounterName =
  | (typeof mailCounters)[number]
  | (typeof peopleCounters)[number]
  | `client:${string}`
  /** ISO weekday and hour, where the person lives. */
  | `reacted:${number}-${number}`
  | `sentAt:${number}-${number}`

export type Counters = Readonly<Partial<Record<CounterName, number>>>

export const countOf = (counters: Counters, name: CounterName): number => counters[name] ?? 0

export function addCounters(a: Counters, b: Counters, sign: 1 | -1 = 1): Counters {
  const sum: Partial<Record<CounterName, number>> = { ...a }
  for (const [name, value] of Object.entries(b) as [CounterName, number][]) {
    const next = (sum[name] ?? 0) + sign * value
    if (next === 0) delete sum[name]
    else sum[name] = next
  }
  return sum
}

/** The sum of many; nothing is copied on the way. */
export function sumOfCounters(all: Iterable<Counters>): Counters {
  const sum: Partial<Record<CounterName, number>> = {}
  // Read from JSON, so nothing is inherited; an array of entries for each would cost most of the time.
  for (const counters of all)
    for (const name in counters) {
      const counter = name as CounterName
      sum[counter] = (sum[counter] ?? 0) + (counters[counter] as number)
    }
  return Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== 0))
}

/** Sorted, so that equal counters are equal as text. */
export const sortedCounters = (counters: Counters): Counters =>
  Object.fromEntries(Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1)))
