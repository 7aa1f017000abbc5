import { describe, expect, it } from 'vitest'
import { retryDelayMs } from '../../../../server/domain/messages/outbox.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { OutboxMessage } from '../../../../server/domain/trial/model.ts'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'
import type { MessageKey } from '../../../../shared/trial.ts'
import { address, api, compiled, dana, event, type Life, live } from '../../../support/life.ts'

const playbook = compiled()
const start = Date.UTC(2026, 2, 4, 9)
const end = start + 14 * dayMs

/** At the moment at which the first reminder is due, with nothing taken up yet. */
function reminderDue(): Life {
  const life = live(playbook, start)
  life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
  life.until(end - 2 * dayMs - 1)
  life.now = end - 2 * dayMs
  life.do({ type: 'advance' })
  return life
}

function take(life: Life, fence: number): OutboxMessage {
  const taken = life.do({ type: 'claim', fence })
  if (!taken.ok || !taken.message) throw new Error('nothing was due')
  return taken.message
}

const stateOf = (life: Life, { key }: OutboxMessage) =>
  life.trial.outbox.find((message) => message.key === key)

describe('the sending protocol', () => {
  it('goes due → claimed → dot → sent and remembers what the email told', () => {
    const life = reminderDue()
    const message = take(life, 500)
    const claim = { key: message.key, fence: 500 }
    life.do({
      type: 'prepared',
      claim,
      token: 't',
      messageId: 'm@x',
      subject: 's',
      variant: 0,
      bodyHash: 'h',
    })
    expect(life.do({ type: 'gate', claim })).toMatchObject({ ok: true, message: { state: 'dot' } })
    life.do({ type: 'sent', claim, answer: '250 queued' })
    expect(stateOf(life, message)).toMatchObject({
      state: 'sent',
      sentAt: life.now,
      subject: 's',
      attempts: 1,
    })
    expect(life.trial.contact.lastTrialMailAt).toBe(life.now)
    expect(life.trial.clock.quotedEndsAt).toBe(end)
    expect(life.trial.decisions.at(-1)).toMatchObject({ outcome: 'sent', kind: 'expiring_passive' })
  })

  it('a claim that died before its dot is taken over and tried again, the old worker is too late', () => {
    const life = reminderDue()
    const first = take(life, 500)
    const second = take(life, 501)
    expect(second).toMatchObject({ key: first.key, attempts: 1, fence: 501 })
    expect(life.do({ type: 'gate', claim: { key: first.key, fence: 500 } })).toMatchObject({
      ok: false,
      reason: 'stale_fence',
    })
    expect(life.do({ type: 'claim', fence: 500 })).toMatchObject({ ok: false, reason: 'stale_fence' })
    expect(life.do({ type: 'gate', claim: { key: first.key, fence: 501 } }).ok).toBe(true)
  })

  it('workers that were lost do not lengthen the wait after the first refusal', () => {
    const life = reminderDue()
    for (let fence = 500; fence < 520; fence++) take(life, fence)
    const { key } = take(life, 520)
    const claim = { key, fence: 520 }
    expect(life.do({ type: 'deferred', claim, answer: '451 later', jitter: 0.5 })).toMatchObject({
      message: { state: 'due', attempts: 1, nextAttemptAt: life.now + minuteMs },
    })
  })

  it('a claim that died after its dot becomes unknown, counts as told and is never sent again', () => {
    const life = reminderDue()
    const message = take(life, 500)
    life.do({ type: 'gate', claim: { key: message.key, fence: 500 } })
    expect(life.do({ type: 'claim', fence: 501 })).toEqual({ ok: true })
    expect(stateOf(life, message)).toMatchObject({ state: 'unknown' })
    expect(life.trial.decisions.at(-1)).toMatchObject({ outcome: 'unknown' })
    expect(life.trial.contact.lastTrialMailAt).toBe(life.now)
    life.until(end - 1)
    expect(life.sent.filter(({ message: { key } }) => key === message.key)).toHaveLength(0)
  })

  it('the answer that comes late is still the truth, and so is a sign of life', () => {
    for (const command of [
      { type: 'sent', answer: '250' },
      { type: 'evidence', what: 'open', at: start },
      { type: 'replied', at: start },
    ] as const) {
      const life = reminderDue()
      const message = take(life, 500)
      const claim = { key: message.key, fence: 500 }
      life.do({ type: 'gate', claim })
      life.do({ type: 'claim', fence: 501 })
      expect(life.do({ ...command, claim, key: message.key } as unknown as Command).ok).toBe(true)
      expect(stateOf(life, message)?.state).toBe('sent')
    }
  })
})

describe('the gate', () => {
  const changes: [string, Command][] = [
    ['extended', { type: 'extend', id: 'x', days: 7, reason: 'r', note: '', by: dana }],
    ['converted', { type: 'convert', plan: null, at: start, by: api }],
    ['unsubscribed', { type: 'suppress', reason: 'unsubscribed' }],
    ['replied', { type: 'replied', key: null, at: end - 2 * dayMs }],
    ['written to by a rep', { type: 'repMailed', at: end - 2 * dayMs }],
    ['paused', { type: 'pause', until: end }],
    ['moved to another address', { type: 'describe', patch: { email: address('b@example.com') }, by: api }],
    ['without address', { type: 'describe', patch: { email: null }, by: api }],
    ['asked not to be mailed', { type: 'describe', patch: { consent: { mail: false } }, by: api }],
    ['in another zone', { type: 'describe', patch: { timeZone: 'Asia/Tokyo' }, by: api }],
    [
      'activated',
      {
        type: 'track',
        events: ['Board Created', 'Teammate Invited', ...Array<string>(3).fill('Card Completed')].map(
          (name) => event(name, end - 2 * dayMs),
        ),
      },
    ],
  ]

  it.each(changes)('refuses an email to someone who has just %s, and takes it back', (_, change) => {
    const life = reminderDue()
    const message = take(life, 500)
    expect(life.do(change).ok).toBe(true)
    expect(life.do({ type: 'gate', claim: { key: message.key, fence: 500 } })).toMatchObject({
      ok: false,
      reason: 'changed',
    })
    expect(['superseded', 'due']).toContain(stateOf(life, message)?.state)
  })

  it('lets an email pass when nothing it rests on has changed', () => {
    const life = reminderDue()
    const message = take(life, 500)
    life.do({ type: 'track', events: [event('Login', life.now)] })
    life.do({ type: 'describe', patch: { name: 'Ann', traits: { employees: 4 } }, by: api })
    expect(life.do({ type: 'gate', claim: { key: message.key, fence: 500 } }).ok).toBe(true)
  })

  it('refuses after the window has closed, and the email leaves when it opens again', () => {
    const life = live(playbook, start)
    life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
    life.until(start + 2 * hourMs)
    life.now = start + 3 * hourMs
    life.do({ type: 'advance' })
    const message = take(life, 500)
    life.now = Date.UTC(2026, 2, 4, 18)
    expect(life.do({ type: 'gate', claim: { key: message.key, fence: 500 } }).ok).toBe(false)
    life.until(start + 2 * dayMs)
    expect(life.sent.find((sent) => sent.message.key === message.key)?.at).toBe(Date.UTC(2026, 2, 5, 9))
  })

  it('an email with another address is decided again and goes there', () => {
    const life = reminderDue()
    const message = take(life, 500)
    life.do({ type: 'describe', patch: { email: address('b@example.com') }, by: api })
    life.do({ type: 'gate', claim: { key: message.key, fence: 500 } })
    life.until(life.now)
    expect(life.sent.at(-1)).toMatchObject({ at: life.now, trial: { person: { email: 'b@example.com' } } })
  })
})

describe('a refusal for now', () => {
  it('is followed by longer and longer waits, 20 % more or less', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => retryDelayMs(attempts, 0.5) / minuteMs)).toEqual([
      1, 5, 15, 30, 60, 120, 240, 480, 480,
    ])
    expect(retryDelayMs(1, 0)).toBe(48_000)
    expect(retryDelayMs(1, 0.999)).toBeLessThan(72_000)
  })

  it('leaves the email due, and gives up when it is of no more use', () => {
    const life = live(playbook, start, { server: () => 'deferred' })
    life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
    life.until(end + 10 * dayMs)
    expect(life.sent).toHaveLength(0)
    const states = new Set(life.trial.outbox.map(({ state }) => state))
    expect(states.has('due')).toBe(false)
    expect(states.has('failed')).toBe(true)
  })
})

describe('a refusal for good', () => {
  const failWith = (reason: 'hard' | 'soft' | 'policy' | 'other') => {
    const life = reminderDue()
    const claim = { key: take(life, 500).key, fence: 500 }
    life.do({ type: 'failed', claim, answer: '550', class: reason })
    return life
  }

  it('suppresses an address that does not exist, and no other', () => {
    expect(failWith('hard').trial.contact.suppressed).toMatchObject({ reason: 'hard_bounce' })
    expect(failWith('policy').trial.contact.suppressed).toBeNull()
    expect(failWith('other').trial.contact.suppressed).toBeNull()
  })

  it('of a full mailbox counts like a bounce that comes later', () => {
    const life = failWith('soft')
    expect(life.trial.contact).toMatchObject({ softBounces: [life.now], suppressed: null })
    for (const days of [1, 2]) life.do({ type: 'softBounce', key: null, at: life.now + days * dayMs })
    expect(life.trial.contact.suppressed).toMatchObject({ reason: 'soft_bounces' })
  })

  it('says nothing about the next address of the same person', () => {
    const life = failWith('hard')
    life.do({ type: 'describe', patch: { email: address('new@example.com') }, by: api })
    expect(life.trial.contact.suppressed).toBeNull()
  })
})

it('an email that cannot be written honestly is blocked once and says why', () => {
  const life = reminderDue()
  const message = take(life, 500)
  life.do({ type: 'block', claim: { key: message.key, fence: 500 }, why: 'no price' })
  expect(life.trial.decisions.at(-1)).toMatchObject({ outcome: 'blocked', why: 'no price' })
  life.do({ type: 'advance' })
  expect(life.do({ type: 'claim', fence: 501 })).toMatchObject({ ok: false, reason: 'nothing_due' })
})

it('a blocked email goes once its cause is gone, as long as it is of use', () => {
  const life = reminderDue()
  const message = take(life, 500)
  life.do({ type: 'block', claim: { key: message.key, fence: 500 }, why: 'no price' })
  life.do({ type: 'retryBlocked' })
  life.do({ type: 'advance' })
  expect(life.do({ type: 'claim', fence: 501 })).toMatchObject({ ok: true, message: { key: message.key } })
})

it('a blocked email that came to nothing in time stays blocked', () => {
  const life = reminderDue()
  const message = take(life, 500)
  life.do({ type: 'block', claim: { key: message.key, fence: 500 }, why: 'no price' })
  life.now = message.notAfter
  const before = life.trial
  life.do({ type: 'retryBlocked' })
  expect(life.trial).toBe(before)
})

describe('an email that was blocked', () => {
  const blocked = () => {
    const life = reminderDue()
    const message = take(life, 500)
    life.do({ type: 'block', claim: { key: message.key, fence: 500 }, why: 'no number of seats' })
    return { life, message }
  }
  it('is tried again when a fact about the person moves, at most every ten minutes', () => {
    const { life, message } = blocked()
    life.now += minuteMs
    life.do({ type: 'track', events: [event('Board Created', life.now)] })
    life.do({ type: 'advance' })
    expect(life.do({ type: 'claim', fence: 501 })).toMatchObject({ ok: false, reason: 'nothing_due' })
    life.now += 10 * minuteMs
    life.do({ type: 'describe', patch: { traits: { seats: 5 } }, by: api })
    life.do({ type: 'advance' })
    expect(life.do({ type: 'claim', fence: 502 })).toMatchObject({ ok: true, message: { key: message.key } })
  })

  it('says its cause once, however often it is tried', () => {
    const { life, message } = blocked()
    for (const fence of [501, 502, 503]) {
      life.now += 11 * minuteMs
      life.do({ type: 'describe', patch: { traits: { seats: fence } }, by: api })
      life.do({ type: 'advance' })
      expect(life.do({ type: 'claim', fence })).toMatchObject({ ok: true })
      life.do({ type: 'block', claim: { key: message.key, fence }, why: 'no number of seats' })
    }
    expect(life.trial.decisions.filter(({ outcome }) => outcome === 'blocked')).toHaveLength(1)
  })

  it('is tried by hand by its key, and an unknown one is refused', () => {
    const { life, message } = blocked()
    expect(life.do({ type: 'retryBlocked', key: 'another' as MessageKey })).toMatchObject({
      ok: false,
      reason: 'not_found',
    })
    life.do({ type: 'retryBlocked', key: message.key })
    life.do({ type: 'advance' })
    expect(life.do({ type: 'claim', fence: 501 })).toMatchObject({ ok: true, message: { key: message.key } })
    expect(life.do({ type: 'retryBlocked', key: message.key })).toMatchObject({ ok: false })
  })

  it('is not tried for someone who has bought by then', () => {
    const { life } = blocked()
    life.do({ type: 'convert', plan: 'team', at: life.now, by: api })
    life.do({ type: 'retryBlocked' })
    life.do({ type: 'advance' })
    expect(life.do({ type: 'claim', fence: 501 })).toMatchObject({ ok: false, reason: 'nothing_due' })
  })
})
