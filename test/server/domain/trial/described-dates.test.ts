import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { Actor } from '../../../../server/domain/trial/model.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { deepFreeze } from '../../../support/freeze.ts'
import { address, api, compiled, dana, live, trialOf } from '../../../support/life.ts'

const playbook = compiled()
const start = Date.UTC(2026, 2, 4, 9)
const end = start + 14 * dayMs
const billing: Actor = { kind: 'billing', name: 'stripe' }

const begun = (book = playbook) => {
  const life = live(book, start)
  const say = (endsAt: number | null, by = api, more: object = {}) =>
    life.do({ type: 'describe', patch: { trial: { startsAt: start, endsAt } }, by, ...more })
  life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
  const extend = (days: number) =>
    life.do({ type: 'extend', id: `x${days}`, days, reason: 'asked', note: '', by: dana })
  return { life, say, extend }
}

describe('a sync that names the end of a trial', () => {
  it('is no news when it repeats itself: an extension in between stays', () => {
    const { life, say, extend } = begun()
    say(end)
    extend(7)
    const before = life.trial
    expect(say(end)).toEqual({ ok: true })
    expect(life.trial.clock).toEqual(before.clock)
  })

  it('is refused when its first word would take back an extension, and both dates are named', () => {
    const { life, say, extend } = begun()
    extend(7)
    expect(say(end)).toMatchObject({
      ok: false,
      reason: 'conflict',
      detail: expect.stringContaining('2026-03-25'),
    })
    expect(say(end)).toMatchObject({ detail: expect.stringContaining('2026-03-18') })
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
  })

  it('is refused when its changed word would take back an extension', () => {
    const { life, say, extend } = begun()
    say(end)
    extend(7)
    expect(say(end + 3 * dayMs)).toMatchObject({ ok: false, reason: 'conflict' })
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
  })

  it('moves the trial when its changed word is later, or nothing was granted', () => {
    const { life, say, extend } = begun()
    say(end)
    say(end - 2 * dayMs)
    expect(life.trial.clock.endsAt).toBe(end - 2 * dayMs)
    extend(7)
    say(end + 30 * dayMs)
    expect(life.trial.clock.endsAt).toBe(end + 30 * dayMs)
    say(end + 20 * dayMs)
    expect(life.trial.clock.endsAt).toBe(end + 20 * dayMs)
  })

  it('shortens below an extension when the speaker saw the end it replaces', () => {
    const { life, say, extend } = begun()
    extend(7)
    expect(say(end, api, { expectedEnd: end + 7 * dayMs }).ok).toBe(true)
    expect(life.trial.clock.endsAt).toBe(end)
  })

  it('decides when the playbook says so, but a repeated word is still no news', () => {
    const decides = compiled({ trial: { lengthDays: 14, endDecidedBy: 'product' } })
    const { life, say, extend } = begun(decides)
    say(end)
    extend(7)
    say(end)
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
    say(end + dayMs)
    expect(life.trial.clock.endsAt).toBe(end + dayMs)
  })

  it('keeps the rest of what an event says when its date is refused', () => {
    const { life, say, extend } = begun()
    extend(7)
    const outcome = life.do({
      type: 'describe',
      patch: { name: 'Ann', trial: { endsAt: end } },
      by: api,
      onShorten: 'keep',
    })
    expect(outcome.ok).toBe(true)
    expect(life.trial.person.name).toBe('Ann')
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
    expect(say(end).ok).toBe(true)
  })

  it('is remembered for each source by itself', () => {
    const { life, say } = begun()
    say(end)
    say(end + 7 * dayMs, billing)
    say(end)
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
  })

  it('never shortens below a granted extension, whatever is synced and however often', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ extend: fc.constantFrom(3, 7, 14) }),
            fc.record({ said: fc.integer({ min: 1, max: 40 }), billing: fc.boolean() }),
          ),
          { maxLength: 12 },
        ),
        (steps) => {
          const { life, say } = begun()
          let granted = 0
          steps.forEach((step, index) => {
            if ('said' in step) say(start + step.said * dayMs, step.billing ? billing : api)
            else {
              const id = `x${index}`
              const done = life.do({ type: 'extend', id, days: step.extend, reason: '', note: '', by: dana })
              if (done.ok) granted = Math.max(granted, life.trial.clock.endsAt ?? 0)
            }
            expect(life.trial.clock.endsAt ?? 0).toBeGreaterThanOrEqual(granted)
          })
        },
      ),
    )
  })
})

describe('an end given as a day', () => {
  const day = '2026-03-18'
  const onDay = (life: ReturnType<typeof begun>['life']) =>
    life.do({ type: 'describe', patch: { trial: { endsOn: day } }, by: api })
  const zone = (life: ReturnType<typeof begun>['life'], timeZone: string) =>
    life.do({ type: 'describe', patch: { timeZone }, by: api })
  const losAngeles = Date.UTC(2026, 2, 19, 7) - 1

  it('ends with that day where the person lives, also when that becomes known later', () => {
    const { life } = begun()
    onDay(life)
    zone(life, 'America/Los_Angeles')
    expect(life.trial.clock.endsAt).toBe(losAngeles)
  })

  it('follows a move', () => {
    const { life } = begun()
    zone(life, 'Asia/Tokyo')
    onDay(life)
    expect(life.trial.clock.endsAt).toBe(Date.UTC(2026, 2, 18, 15) - 1)
    life.now += 1
    zone(life, 'America/Los_Angeles')
    expect(life.trial.clock.endsAt).toBe(losAngeles)
  })

  it('is left alone once the end has moved by other means', () => {
    const { life, extend } = begun()
    onDay(life)
    extend(7)
    const { endsAt } = life.trial.clock
    zone(life, 'America/Los_Angeles')
    expect(life.trial.clock.endsAt).toBe(endsAt)
  })

  it('is no news when the same day is named again from another zone', () => {
    const { life, extend } = begun()
    onDay(life)
    extend(7)
    const { endsAt } = life.trial.clock
    zone(life, 'America/Los_Angeles')
    onDay(life)
    expect(life.trial.clock.endsAt).toBe(endsAt)
  })
})

type DatedWord = Extract<Command, { type: 'describe' }>

const datedWords = fc.array(
  fc.record({
    end: fc.oneof(
      fc.integer({ min: 6, max: 40 }).map((days) => ({ endsAt: start + days * dayMs })),
      fc.integer({ min: 10, max: 29 }).map((day) => ({ endsOn: `2026-03-${day}` })),
      fc.constant({ endsAt: null }),
      fc.constant({}),
    ),
    startsAt: fc.option(fc.integer({ min: -20, max: 0 }), { nil: undefined }),
    by: fc.constantFrom(api, billing),
  }),
  { minLength: 2, maxLength: 5 },
)

describe('words about one trial that are said in the same millisecond', () => {
  const at = start + 5 * dayMs
  const commandOf = ({ end, startsAt, by }: { end: object; startsAt: number | undefined; by: Actor }) =>
    ({
      type: 'describe',
      patch: { trial: { ...end, ...(startsAt !== undefined && { startsAt: start + startsAt * dayMs }) } },
      by,
      at,
      onShorten: 'keep',
    }) satisfies DatedWord

  it('come to the same dates in any order and any grouping', () => {
    fc.assert(
      fc.property(
        datedWords,
        fc.record({
          isNew: fc.boolean(),
          before: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
          extended: fc.option(fc.constantFrom(3, 7, 14), { nil: undefined }),
          endDecidedBy: fc.constantFrom('product' as const, 'latest' as const),
        }),
        fc.infiniteStream(fc.nat()),
        (words, { isNew, before, extended, endDecidedBy }, random) => {
          const book = compiled({
            trial: { lengthDays: 14, ...(endDecidedBy === 'product' && { endDecidedBy }) },
          })
          const playedOut = (order: readonly DatedWord[], isGrouped: boolean) => {
            const { life, say, extend } = begun(book)
            if (before !== undefined) say(start + before * dayMs)
            if (extended !== undefined) extend(extended)
            let trial = isNew ? trialOf(book, at, 'bea') : life.trial
            for (const word of order) {
              trial = reduce(deepFreeze(trial), word, book, at).trial
              if (!isGrouped) trial = { ...trial, version: trial.version + 1 }
            }
            const { clock, person } = trial
            return { clock: { ...clock, endsOn: clock.endsOn ?? null }, traitsAt: person.traitsAt }
          }
          const commands = words.map(commandOf)
          const shuffled = commands
            .map((command) => ({ command, key: random.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ command }) => command)
          const first = playedOut(commands, false)
          expect(playedOut(shuffled, false)).toEqual(first)
          expect(playedOut(shuffled, true)).toEqual(first)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('of the API are taken one after the other: the last one holds', () => {
    const { life, say } = begun()
    say(end)
    say(end - 3 * dayMs)
    say(end)
    expect(life.trial.clock.endsAt).toBe(end)
    for (const name of ['Bea', 'Ann'])
      life.do({ type: 'describe', patch: { name, traits: { city: name } }, by: api })
    expect(life.trial.person).toMatchObject({ name: 'Ann', traits: { city: 'Ann' } })
  })

  it('of the API hold against a host whose clock is ahead', () => {
    const { life, say } = begun()
    const ahead = life.now + 5000
    life.do({ type: 'describe', patch: { name: 'Bea', trial: { endsAt: end } }, by: api, at: ahead })
    life.do({ type: 'describe', patch: { name: 'Ann' }, by: api })
    say(end + dayMs)
    expect(life.trial.person).toMatchObject({ name: 'Ann', traitsAt: { '@name': ahead, '@trial': ahead } })
    expect(life.trial.clock.endsAt).toBe(end + dayMs)
  })
})
