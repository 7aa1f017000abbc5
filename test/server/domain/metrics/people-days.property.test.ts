import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addCounters, type Counters, countOf } from '../../../../server/domain/metrics/counters.ts'
import { daysLater, type Period } from '../../../../server/domain/metrics/days.ts'
import {
  firstDayFor,
  meanSubscribers,
  type PeopleDay,
  peopleIn,
  peopleSince,
  weeklyUnsubscribes,
} from '../../../../server/domain/metrics/people-days.ts'

const firstDay = '2024-11-20'

const counters: fc.Arbitrary<Counters> = fc.record(
  {
    started: fc.integer({ min: 1, max: 9 }),
    subscribed: fc.integer({ min: 1, max: 9 }),
    'lost:unsubscribed': fc.integer({ min: 1, max: 4 }),
    'lost:bounce': fc.integer({ min: 1, max: 4 }),
    mailedInMonth: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: [] },
)
const history: fc.Arbitrary<PeopleDay[]> = fc
  .uniqueArray(fc.nat(700), { maxLength: 60 })
  .chain((offsets) =>
    fc.tuple(
      ...offsets
        .sort((a, b) => a - b)
        .map((at) => counters.map((c) => ({ day: daysLater(firstDay, at), counters: c }))),
    ),
  )
const period: fc.Arbitrary<Period> = fc
  .tuple(fc.integer({ min: -40, max: 740 }), fc.integer({ min: 0, max: 100 }))
  .map(([from, length]) => ({ from: daysLater(firstDay, from), to: daysLater(firstDay, from + length) }))

const gained = (c: Counters) =>
  countOf(c, 'subscribed') - countOf(c, 'lost:unsubscribed') - countOf(c, 'lost:bounce')
const told = (people: Parameters<typeof peopleIn>[0], of: Period) => ({
  mean: meanSubscribers(people, of),
  weeks: weeklyUnsubscribes(people, of),
  sums: peopleIn(people, of),
})

it('says the same from the days it asks for and the sum of all as from every day there is', () => {
  fc.assert(
    fc.property(history, period, period, (days, one, other) => {
      const first = [firstDayFor(one), firstDayFor(other)].sort()[0] as string
      const subscribers = days.reduce((sum, day) => sum + gained(day.counters), 0)
      const some = peopleSince(
        days.filter(({ day }) => day >= first),
        subscribers,
      )
      for (const each of [one, other])
        expect(told(some, each)).toEqual(told({ days, subscribersBefore: 0 }, each))
    }),
  )
})

it('is the mean of what each day ends with', () => {
  fc.assert(
    fc.property(history, period, (days, of) => {
      let sum = 0
      let length = 0
      for (let day = of.from; day <= of.to; day = daysLater(day, 1)) {
        const until = days.filter((each) => each.day <= day).map((each) => each.counters)
        sum += gained(until.reduce<Counters>((a, b) => addCounters(a, b), {}))
        length++
      }
      expect(meanSubscribers({ days, subscribersBefore: 0 }, of)).toBeCloseTo(sum / length, 9)
    }),
  )
})
