import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import { address, api, compiled, event, live } from '../../../support/life.ts'

const playbook = compiled({ window: { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '23:59' } })
/** A Wednesday at noon. */
const start = Date.UTC(2026, 2, 4, 12)

const lived = (days: number, activated = false) => {
  const life = live(playbook, start)
  const trial = { startsAt: start, endsAt: start + days * dayMs }
  life.do({ type: 'describe', patch: { email: address('ann@example.com'), trial }, by: api })
  if (activated)
    life.do({
      type: 'track',
      events: ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed'].map(
        (name) => event(name, start + hourMs),
      ),
    })
  life.until(start + (days + 6) * dayMs)
  return life
}
const sentAt = (life: ReturnType<typeof lived>, kind: string) =>
  life.sent.filter(({ message }) => message.kind === kind).map(({ at }) => (at - start) / dayMs)

describe('a short trial', () => {
  it.each([1, 2, 3, 4, 5])('of %d days asks for more time no earlier than at half time', (days) => {
    const [asked] = sentAt(lived(days), 'expiring_passive')
    expect(asked).toBeGreaterThanOrEqual(days / 2)
    expect(asked).toBeLessThan(days)
  })

  it('keeps the order and proportion of reminders', () => {
    const [first, second] = sentAt(lived(4, true), 'expiring_activated')
    expect(first).toBe(2)
    expect(second).toBeCloseTo(4 - 2 / 3)
  })

  it('of two weeks is reminded three days before its end, as ever', () => {
    expect(sentAt(lived(14), 'expiring_passive')).toContain(11)
  })

  it.each([1, 3, 14])('of %d days is told of its end and asked why on different days', (days) => {
    const life = lived(days)
    const [told] = sentAt(life, 'trial_ended')
    const [asked] = sentAt(life, 'ended_survey')
    expect(told).toBeDefined()
    expect((asked ?? 0) - (told ?? 0)).toBeGreaterThanOrEqual(1)
  })
})

describe('an end at local midnight', () => {
  it.each([
    ['Europe/Berlin', Date.UTC(2026, 2, 17, 23)],
    ['America/Los_Angeles', Date.UTC(2026, 2, 18, 7)],
    ['Asia/Kathmandu', Date.UTC(2026, 2, 17, 18, 15)],
  ])('is named as the day before in %s', async (timeZone, endsAt) => {
    const { mailView } = await import('../../../../server/domain/messages/email-view.ts')
    const life = live(playbook, start)
    const patch = { email: address('ann@example.com'), timeZone, trial: { startsAt: start, endsAt } }
    life.do({ type: 'describe', patch, by: api })
    life.until(start)
    const message = life.sent[0]?.message
    if (!message) throw new Error('no welcome')
    const links = {} as never
    const named = mailView(life.trial, message, playbook, { now: start, links }).trial.endsAt as number
    expect(new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(named)).toBe(
      '2026-03-17',
    )
  })
})
