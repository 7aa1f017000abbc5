import { type Counters, countOf, sumOfCounters } from './counters.ts'
import { daysBetween, daysLater, monthStart, type Period } from './days.ts'

/** What is counted about the people of one UTC day. */
export interface PeopleDay {
  readonly day: string
  readonly counters: Counters
}

/** What a report says of people, from some day on, and how many could be mailed before it. */
export interface People {
  readonly days: readonly PeopleDay[]
  readonly subscribersBefore: number
}

const weeksCompared = 9

/** The first day that a report on this period asks for: months count as a whole, and weeks are compared with earlier ones. */
export const firstDayFor = ({ from, to }: Period): string =>
  [monthStart(from), daysLater(to, 1 - 7 * weeksCompared)].sort()[0] as string

const lost = (counters: Counters): number =>
  (['unsubscribed', 'complaint', 'bounce', 'manual'] as const).reduce(
    (sum, cause) => sum + countOf(counters, `lost:${cause}`),
    0,
  )
const gained = ({ counters }: PeopleDay): number => countOf(counters, 'subscribed') - lost(counters)

/**
 * The subscribers before the first of some days, from those of all days ever: what the days added is taken off again.
 * @param days without a gap up to the last day there is
 */
export const peopleSince = (days: readonly PeopleDay[], subscribers: number): People => ({
  days,
  subscribersBefore: days.reduce((sum, day) => sum - gained(day), subscribers),
})

/** What is counted by month belongs to each month the period touches, the rest to its day. */
export function peopleIn({ days }: People, { from, to }: Period): Counters {
  const month = monthStart(from)
  return sumOfCounters(
    days.flatMap(({ day, counters }) => {
      if (day < month || day > to) return []
      if (day >= from) return [counters]
      return [Object.fromEntries(Object.entries(counters).filter(([name]) => name.endsWith('InMonth')))]
    }),
  )
}

/** Mean over the days of how many people could be mailed. */
export function meanSubscribers({ days, subscribersBefore }: People, { from, to }: Period): number {
  const byDay = new Map(days.map((day) => [day.day, gained(day)]))
  let now = subscribersBefore
  for (const [day, change] of byDay) if (day < from) now += change
  let sum = 0
  const length = daysBetween(from, to)
  for (let index = 0; index < length; index++) {
    now += byDay.get(daysLater(from, index)) ?? 0
    sum += now
  }
  return sum / length
}

/** Of the weeks up to the last day, oldest first. */
export function weeklyUnsubscribes({ days }: People, { to }: Pick<Period, 'to'>): number[] {
  const weeks = Array<number>(weeksCompared).fill(0)
  for (const { day, counters } of days) {
    const age = daysBetween(day, to) - 1
    const week = weeksCompared - 1 - Math.floor(age / 7)
    if (age >= 0 && week >= 0) weeks[week] = (weeks[week] ?? 0) + countOf(counters, 'lost:unsubscribed')
  }
  return weeks
}
