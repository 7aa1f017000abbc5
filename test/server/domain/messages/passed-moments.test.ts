import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PersonPatch } from '../../../../server/domain/trial/command.ts'
import { dayMs, hourMs, isoInstant, minuteMs } from '../../../../shared/clock.ts'
import { address, api, compiled, event, live, trialOf } from '../../../support/life.ts'

const playbook = compiled()
/** A Wednesday at noon. */
const now = Date.UTC(2026, 2, 4, 12)

const known = (startsAt: number, endsAt: number) => {
  const life = live(playbook, now)
  life.do({
    type: 'describe',
    patch: { email: address('ann@example.com'), trial: { startsAt, endsAt } },
    by: api,
  })
  const kindsUntil = (at: number) => {
    life.until(at)
    return life.sent.map(({ message }) => message.kind)
  }
  return { life, kindsUntil }
}

describe('someone who becomes known', () => {
  it.each([
    ['long after the end', -400, -386],
    ['on the day after the end', -15, -1],
    ['minutes after the end', -14, -1 / 1440],
  ])('%s gets nothing, and no survey later', (_, start, end) => {
    const { kindsUntil } = known(now + start * dayMs, now + end * dayMs)
    expect(kindsUntil(now + 30 * dayMs)).toEqual([])
  })

  it('in the middle of a trial gets what is still to come, and no late welcome', () => {
    const { kindsUntil } = known(now - 8 * dayMs, now + 6 * dayMs)
    expect(kindsUntil(now + hourMs)).toEqual([])
    expect(kindsUntil(now + 6 * dayMs)).toContain('expiring_passive')
  })

  it('at sign-up gets the welcome, also when the first word is a little late', () => {
    expect(known(now - 20 * minuteMs, now + 14 * dayMs).kindsUntil(now)).toContain('welcome')
  })

  it('and is extended afterwards hears of the new end', () => {
    const { life, kindsUntil } = known(now - 15 * dayMs, now - dayMs)
    life.do({ type: 'extend', id: 'x', days: 7, reason: '', note: '', by: api })
    expect(kindsUntil(now + 8 * dayMs)).toEqual(
      expect.arrayContaining(['extension_granted', 'expiring_passive']),
    )
  })
})

describe('old events that make someone known', () => {
  const imported = (firstDaysAgo: number, names: readonly string[]) => {
    const first = now - firstDaysAgo * dayMs
    const life = live(playbook, now, { trial: trialOf(playbook, first, 'ann', now) })
    life.do({ type: 'track', events: names.map((name, n) => event(name, first + n * hourMs)) })
    life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api, at: first })
    return life
  }

  it('of twenty days ago send no survey, and nothing else', () => {
    const life = imported(20, ['Board Created', 'Teammate Invited', 'Card Completed'])
    life.until(now + 30 * dayMs)
    expect(life.sent).toEqual([])
    expect(life.trial.decisions.map(({ why }) => why)).toContain(
      'its time had passed when this person became known',
    )
  })

  it('send nothing when the time zone, and with it every moment, moves later', () => {
    const life = imported(16, [])
    life.until(now + hourMs)
    life.do({ type: 'describe', patch: { timeZone: 'Pacific/Honolulu' }, by: api })
    life.until(now + 30 * dayMs)
    expect(life.sent).toEqual([])
  })

  it('do not keep the upgrade email from someone who comes back to value', () => {
    const life = imported(40, ['Board Created', 'Teammate Invited'])
    life.until(now + 3 * dayMs)
    for (const name of ['Board Created', ...Array(3).fill('Card Completed')])
      life.do({ type: 'track', events: [event(name, life.now)] })
    life.until(now + 6 * dayMs)
    expect(life.sent.map(({ message }) => message.kind)).toEqual(['upgrade_now'])
  })
})

describe('someone new whose account is old', () => {
  const firstSeen = (createdAt: unknown) => {
    const life = live(playbook, now)
    life.do({
      type: 'describe',
      patch: { email: address('ann@example.com'), traits: { createdAt } },
      by: api,
      at: now,
    })
    life.until(now + hourMs)
    return life
  }

  it.each(['2024-05-01T10:00:00Z', '2024-05-01', 1714557600])('is not welcomed (%s)', (createdAt) => {
    const life = firstSeen(createdAt)
    expect(life.sent).toEqual([])
    expect(life.trial.clock.status).toBe('ended')
  })

  it('is welcomed when it was made just now, or never', () => {
    for (const createdAt of [isoInstant(now - hourMs), 'soon', null])
      expect(firstSeen(createdAt).sent.map(({ message }) => message.kind)).toEqual(['welcome'])
  })
})

const patchOf = ({ start, length, day }: { start: number; length: number | null; day: boolean }) => {
  const startsAt = now - start * minuteMs
  const endsAt = length === null ? null : startsAt + length * minuteMs
  return {
    startsAt,
    ...(day && endsAt !== null ? { endsOn: isoInstant(endsAt + 2 * dayMs).slice(0, 10) } : { endsAt }),
  }
}

const dates = fc
  .record({
    start: fc.integer({ min: 1440, max: 500 * 1440 }),
    length: fc.option(fc.integer({ min: 60, max: 90 * 1440 }), { freq: 8 }),
    day: fc.boolean(),
  })
  .map(patchOf)

const later = fc.oneof(
  fc.record({ zone: fc.constantFrom('Asia/Tokyo', 'Pacific/Honolulu', 'Europe/Berlin') }),
  fc.record({
    event: fc.constantFrom('Board Created', 'Teammate Invited', 'Card Completed', 'Login'),
    ago: fc.integer({ min: 0, max: 400 * 1440 }),
  }),
  fc.record({ email: fc.boolean() }),
)

const playImport = (
  { how, said, words, gap }: { how: string; said: ReturnType<typeof patchOf>; words: unknown[]; gap: number },
  isQuiet: boolean,
) => {
  const say = (patch: PersonPatch) => ({ type: 'describe', patch, by: api }) as const
  const first = how === 'events' ? said.startsAt : how === 'known' ? now - 60 * dayMs : now
  const trial = trialOf(playbook, first, 'ann', how === 'events' ? now : first)
  const life = live(playbook, first, { trial })
  if (how === 'known') {
    life.do(say({ name: 'Ann' }))
    life.until(now)
  }
  life.now = now
  if (how === 'events') life.do({ type: 'track', events: [event('Login', said.startsAt)] })
  else life.do(say({ email: address('ann@example.com'), trial: said }))
  if (isQuiet) life.do({ type: 'silence' })
  for (const word of words as { zone?: string; event?: string; ago: number; email?: boolean }[]) {
    life.until(life.now + gap * minuteMs)
    if (word.zone) life.do(say({ timeZone: word.zone }))
    else if (word.event) life.do({ type: 'track', events: [event(word.event, now - word.ago * minuteMs)] })
    else life.do(say({ email: address(word.email ? 'ann@example.com' : 'bea@example.com') }))
  }
  life.until(life.now + 90 * dayMs)
  return life
}

const anImport = fc.record({
  how: fc.constantFrom('row', 'events', 'known'),
  said: dates,
  words: fc.array(later, { maxLength: 8 }),
  gap: fc.constantFrom(0, 1, 600),
})

it('no email leaves whose moment had passed before an import, and none about a trial that was over', () => {
  fc.assert(
    fc.property(anImport, (history) => {
      const life = playImport(history, false)
      for (const { message } of life.sent) expect(message.dueAt).toBeGreaterThanOrEqual(now - hourMs)
      const { endsAt } = life.trial.clock
      if (endsAt !== null && endsAt <= now - dayMs) expect(life.sent).toEqual([])
    }),
    { numRuns: 200 },
  )
})

it('nothing leaves after a quiet import until its pause is ended', () => {
  fc.assert(
    fc.property(anImport, (history) => {
      const life = playImport(history, true)
      expect(life.sent).toEqual([])
      life.do({ type: 'pause', until: null })
      life.until(life.now + 30 * dayMs)
      for (const { message } of life.sent) expect(message.dueAt).toBeGreaterThanOrEqual(now - hourMs)
    }),
    { numRuns: 200 },
  )
})
