import { describe, expect, it } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'
import { address, api, compiled, live } from '../../../support/life.ts'

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
