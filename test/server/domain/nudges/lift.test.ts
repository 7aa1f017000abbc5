import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countExposures, liftOf } from '../../../../server/domain/nudges/lift.ts'
import type { NudgeState } from '../../../../server/domain/trial/model.ts'
import { buildTrial, someTime } from '../../../support/build-trial.ts'

const met = (heldOut: boolean): NudgeState => ({
  shownAt: heldOut ? [] : [someTime],
  dismissals: 0,
  snoozedUntil: null,
  clickedAt: null,
  heldOut,
})
const person = (heldOut: boolean, converted: boolean) =>
  buildTrial({ nudges: { n: met(heldOut) }, clock: { convertedAt: converted ? someTime + 1 : null } })

test('people are counted once each, by group, over several pages', () => {
  const first = countExposures([person(false, true), person(false, false), person(true, false)])
  const all = countExposures([person(true, true), buildTrial()], first)
  expect(all.get('n')).toEqual({ shown: { people: 2, converted: 1 }, heldOut: { people: 2, converted: 1 } })
})

test('a lift of one half, with an interval around it', () => {
  const { lift, interval } = liftOf({ people: 10_000, converted: 1500 }, { people: 10_000, converted: 1000 })
  expect(lift).toBeCloseTo(0.5, 2)
  // exp(±1.96·√(1/1500 − 1/10000 + 1/1000 − 1/10000)) around 1.5.
  expect(interval?.[0]).toBeCloseTo(0.391, 2)
  expect(interval?.[1]).toBeCloseTo(0.617, 2)
})

test('nothing is claimed while a group is empty', () => {
  expect(liftOf({ people: 5, converted: 1 }, { people: 0, converted: 0 })).toMatchObject({
    lift: null,
    interval: null,
  })
})

test('the interval holds the lift, and always says something finite', () => {
  const group = fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([people, share]) => ({ people, converted: Math.floor(people * share) }))
  fc.assert(
    fc.property(group, group, (shown, heldOut) => {
      const { lift, interval } = liftOf(shown, heldOut)
      const [low, high] = interval as readonly [number, number]
      expect(low).toBeLessThanOrEqual(lift as number)
      expect(high).toBeGreaterThanOrEqual(lift as number)
      expect(Number.isFinite(high)).toBe(true)
    }),
  )
})
