import { describe, expect, it } from 'vitest'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import { address, api, compiled, dana, live } from '../../../support/life.ts'

const playbook = compiled()
/** A Wednesday, and so is the end: the reminders fall on Monday and Tuesday. */
const start = Date.UTC(2026, 2, 4, 9)
const end = start + 14 * dayMs
const trialist = { kind: 'trialist', name: 'Ann' } as const

const begun = (timeZone: string | null = null) => {
  const life = live(playbook, start)
  life.do({ type: 'describe', patch: { email: address('ann@example.com'), timeZone }, by: api })
  return life
}
let ids = 0
const extend = (more: object) =>
  ({ type: 'extend', id: `x${++ids}`, reason: 'asked', note: '', by: dana, ...more }) as const

describe('extending', () => {
  it('adds calendar days where the person lives: the end keeps its wall-clock time', () => {
    const life = begun('America/New_York')
    expect(life.trial.clock.endsAt).toBe(end)
    life.do(extend({ days: 7 }))
    expect(life.trial.clock.endsAt).toBe(end + 7 * dayMs)
    const before = live(playbook, Date.UTC(2026, 2, 1, 15))
    before.do({
      type: 'describe',
      patch: { timeZone: 'America/New_York', trial: { endsAt: Date.UTC(2026, 2, 7, 15) } },
      by: api,
    })
    before.do(extend({ days: 3 }))
    // Clocks go forward on 8 March: three days there are 71 hours.
    expect(before.trial.clock.endsAt).toBe(Date.UTC(2026, 2, 10, 14))
  })

  it('opens an ended trial again, counted from today', () => {
    const life = begun()
    life.until(end + 5 * dayMs)
    expect(life.trial.clock.status).toBe('ended')
    expect(life.do(extend({ days: 7 })).ok).toBe(true)
    expect(life.trial.clock).toMatchObject({ status: 'trialing', endsAt: end + 12 * dayMs })
  })

  it.each([
    ['conflict', extend({ days: 7, expectedEnd: end - 1 })],
    ['conflict', extend({ days: 7, expectedEnd: null })],
    ['policy', extend({ days: 46 })],
    ['policy', extend({ days: 8, by: trialist })],
    ['invalid', extend({ days: 0 })],
    ['invalid', extend({ days: 1.5 })],
    ['invalid', extend({})],
    ['invalid', extend({ days: 1, until: end + dayMs })],
    ['invalid', extend({ until: end })],
    ['invalid', extend({ until: Number.NaN })],
  ])('is refused with %s', (reason, command) => {
    const life = begun()
    expect(life.do(command)).toMatchObject({ ok: false, reason })
    expect(life.trial.clock.endsAt).toBe(end)
  })

  it('keeps to the policy of number and days, and to that of trialists themselves', () => {
    const life = begun()
    expect(life.do(extend({ days: 7, by: trialist })).ok).toBe(true)
    expect(life.do(extend({ days: 7, by: trialist }))).toMatchObject({ ok: false, reason: 'policy' })
    expect(life.do(extend({ days: 14 })).ok).toBe(true)
    expect(life.do(extend({ days: 25 }))).toMatchObject({ ok: false, reason: 'policy' })
    expect(life.do(extend({ days: 3 })).ok).toBe(true)
    expect(life.do(extend({ days: 1 }))).toMatchObject({ ok: false, reason: 'policy' })
  })

  it('once more with the same id answers the same and changes nothing', () => {
    const life = begun()
    const command = extend({ days: 7, expectedEnd: end })
    const first = life.do(command)
    const before = life.trial
    expect(life.do(command)).toEqual(first)
    expect(life.trial).toBe(before)
  })

  it('is refused on a free plan and after a conversion', () => {
    const free = begun()
    free.do({ type: 'describe', patch: { trial: { endsAt: null } }, by: api })
    expect(free.do(extend({ days: 7 }))).toMatchObject({ ok: false, reason: 'policy' })
    const paid = begun()
    paid.do({ type: 'convert', plan: 'team', at: start, by: api })
    expect(paid.do(extend({ days: 7 }))).toMatchObject({ ok: false, reason: 'policy' })
  })
})

describe('undoing an extension', () => {
  it('puts back the end, until an email has named the new one', () => {
    const life = begun()
    const command = extend({ days: 7 })
    life.do(command)
    expect(life.do({ type: 'undoExtension', id: command.id, by: dana }).ok).toBe(true)
    expect(life.trial.clock).toMatchObject({ endsAt: end, cycle: 0 })
    const second = extend({ days: 7 })
    life.do(second)
    life.until(life.now + hourMs)
    expect(life.sent.at(-1)?.message.kind).toBe('extension_granted')
    expect(life.do({ type: 'undoExtension', id: second.id, by: dana })).toMatchObject({
      ok: false,
      reason: 'policy',
    })
  })
})

describe('the cycle', () => {
  const told = () => {
    const life = begun()
    life.until(end - 2 * dayMs + hourMs)
    expect(life.sent.at(-1)?.message).toMatchObject({ kind: 'expiring_passive', cycle: 0, endsAtQuoted: end })
    return life
  }
  const moveTo = (endsAt: number) => ({ type: 'describe', patch: { trial: { endsAt } }, by: api }) as const

  it('does not rise for a move no one was told another date for', () => {
    const life = begun()
    life.do(moveTo(end + 10 * dayMs))
    expect(life.trial.clock.cycle).toBe(0)
  })

  it.each([
    [hourMs, 0],
    [-dayMs, 0],
    [dayMs - 1, 0],
    [dayMs, 1],
    [7 * dayMs, 1],
  ])('after an email with the date, a move by %d ms makes it %d', (moved, cycle) => {
    const life = told()
    life.do(moveTo(end + moved))
    expect(life.trial.clock.cycle).toBe(cycle)
  })

  it('rises when small moves add up to a day', () => {
    const life = told()
    life.do(moveTo(end + 16 * hourMs))
    life.do(moveTo(end + 32 * hourMs))
    expect(life.trial.clock.cycle).toBe(1)
  })

  it('earns the reminders again, and without it they come once', () => {
    const life = told()
    life.do(extend({ days: 7 }))
    life.until(life.now + 40 * dayMs)
    const reminders = life.sent.filter(({ message }) => message.kind === 'expiring_passive')
    expect(reminders.map(({ message }) => message.cycle)).toEqual([0, 1, 1])
    expect(reminders.at(-1)?.at).toBeGreaterThan(end)
  })

  it('rises too when the end moved while the email with the old one was at its dot', () => {
    const life = begun()
    life.until(end - 2 * dayMs - 1)
    life.now = end - 2 * dayMs
    life.do({ type: 'advance' })
    const taken = life.do({ type: 'claim', fence: 900 })
    const claim = { key: (taken.ok && taken.message?.key) as never, fence: 900 }
    expect(life.do({ type: 'gate', claim }).ok).toBe(true)
    life.do(extend({ days: 7 }))
    life.do({ type: 'sent', claim, answer: '250' })
    expect(life.trial.clock).toMatchObject({ cycle: 1, quotedEndsAt: null })
  })
})

it('the end passes by itself', () => {
  const life = begun()
  const { trial } = reduce(life.trial, { type: 'advance' }, playbook, end)
  expect(trial.clock.status).toBe('ended')
})
