import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { TrackedEvent, Usage } from '../../../../server/domain/trial/model.ts'
import {
  counterLimit,
  countOf,
  emptyUsage,
  foldUsage,
  mergeUsage,
} from '../../../../server/domain/trial/usage.ts'
import { hourMs, minuteMs } from '../../../../shared/clock.ts'
import { deepFreeze } from '../../../support/freeze.ts'
import { compiled, event, trialOf } from '../../../support/life.ts'

const playbook = compiled()
const start = Date.UTC(2026, 2, 2, 9)

const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('Board Created', 'Teammate Invited', 'Card Completed', 'Login') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '') },
)
const tracked: fc.Arbitrary<TrackedEvent> = fc
  .record({
    name,
    type: fc.constantFrom('track', 'track', 'track', 'page', 'identify' as const),
    minutes: fc.integer({ min: -600, max: 600_000 }),
  })
  .map(({ name, type, minutes }) => event(name, start + minutes * minuteMs, { type }))

/** A list, the same list shuffled, and the same cut into batches. */
const arrangements = fc
  .array(tracked, { maxLength: 60 })
  .chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 60 }),
    ),
  )

function inBatches<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = []
  for (let from = 0, n = 0; from < list.length; n++) {
    const size = sizes[n % sizes.length] as number
    batches.push(list.slice(from, from + size))
    from += size
  }
  return batches
}

const fold = (usage: Usage, events: readonly TrackedEvent[]) =>
  foldUsage(deepFreeze(usage), deepFreeze(events), playbook)

describe('usage', () => {
  it('does not depend on the order or the grouping of events', () => {
    fc.assert(
      fc.property(arrangements, ([events, shuffled, sizes]) => {
        const once = fold(emptyUsage, events)
        expect(inBatches(shuffled, sizes).reduce(fold, emptyUsage)).toEqual(once)
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same whether folded by one person or merged from two', () => {
    fc.assert(
      fc.property(arrangements, fc.integer({ min: 0, max: 60 }), ([events, shuffled], cut) => {
        const [a, b] = [fold(emptyUsage, shuffled.slice(0, cut)), fold(emptyUsage, shuffled.slice(cut))]
        const once = fold(emptyUsage, events)
        expect(mergeUsage(deepFreeze(a), deepFreeze(b), playbook)).toEqual(once)
        expect(mergeUsage(b, a, playbook)).toEqual(once)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps a bounded number of names, the same ones in any order, and always those of the playbook', () => {
    const many = Array.from({ length: 400 }, (_, n) => event(`Event ${(n * 7919) % 400}`, start + n))
    const named = ['Card Completed', 'Teammate Invited'].map((known) => event(known, start))
    const forward = fold(emptyUsage, [...named, ...many])
    const backward = inBatches([...many].reverse(), [13]).reduce(fold, fold(emptyUsage, named))
    expect(Object.keys(forward.counters)).toHaveLength(counterLimit + named.length)
    expect(backward).toEqual(forward)
    expect(countOf(forward, 'Card Completed')).toBe(1)
    expect(forward.total).toBe(402)
    expect(forward.otherCount).toBe(200)
  })

  it('counts events that are named like members of every object', () => {
    const usage = fold(emptyUsage, [
      event('__proto__', start),
      event('constructor', start),
      event('toString', start),
    ])
    expect(usage.total).toBe(3)
    expect(countOf(usage, 'constructor')).toBe(1)
    expect(countOf(usage, 'valueOf')).toBe(0)
    expect(({} as Record<string, unknown>).count).toBeUndefined()
  })
})

describe('standing', () => {
  it('does not depend on the order or the grouping of events', () => {
    const now = start + 700_000 * minuteMs
    fc.assert(
      fc.property(arrangements, ([events, shuffled, sizes]) => {
        const track = (trial: ReturnType<typeof trialOf>, batch: readonly TrackedEvent[]) =>
          reduce(deepFreeze(trial), { type: 'track', events: batch }, playbook, now).trial
        const once = track(trialOf(playbook, start), events)
        const many = inBatches(shuffled, sizes).reduce(track, trialOf(playbook, start))
        expect(many.standing).toEqual(once.standing)
        expect(many.usage).toEqual(once.usage)
      }),
      { numRuns: 1000 },
    )
  })

  it('is activated at the instant of the last milestone, and stays so', () => {
    const events = [
      event('Card Completed', start + 3 * hourMs),
      event('Card Completed', start + 1 * hourMs),
      event('Board Created', start + 2 * hourMs),
      event('Card Completed', start + 5 * hourMs),
      event('Teammate Invited', start + 4 * hourMs),
    ]
    const { trial } = reduce(
      trialOf(playbook, start),
      { type: 'track', events },
      playbook,
      start + 6 * hourMs,
    )
    expect(trial.standing).toMatchObject({
      segment: 'activated',
      activatedAt: start + 5 * hourMs,
      pace: 'ahead',
    })
    expect(trial.standing.reachedAt['Card Completed']).toBe(start + 5 * hourMs)
    expect(countOf(trial.usage, 'Card Completed')).toBe(3)
  })
})
