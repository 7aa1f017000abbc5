import { describe, expect, it } from 'vitest'
import { trialistView } from '../../../../server/domain/reducer/trialist-view.ts'
import { dayMs, hourMs, isoInstant, minuteMs } from '../../../../shared/clock.ts'
import { trialistSchema } from '../../../../shared/trialist.ts'
import { address, api, compiled, dana, event, type Life, live } from '../../../support/life.ts'

const playbook = compiled()
/** Wednesday; the trial ends on a Wednesday too. */
const start = Date.UTC(2026, 2, 4, 9)
const end = start + 14 * dayMs

function begun(now = start, trial?: { startsAt?: number; endsAt?: number | null }): Life {
  const life = live(playbook, now)
  const patch = { email: address('ann@example.com'), timeZone: 'UTC', ...(trial && { trial }) }
  life.do({ type: 'describe', patch, by: api })
  return life
}

const track = (life: Life, ...names: string[]) =>
  life.do({ type: 'track', events: names.map((name) => event(name, life.now)) })
const activate = (life: Life) =>
  track(life, 'Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed')
const mails = (life: Life) =>
  life.sent.map(({ message, at }) => `${isoInstant(at).slice(0, 16)} ${message.ruleId}`)

describe('what a trialist gets', () => {
  it('who has unsubscribed: no email, and as kept from them only those that were meant for them', () => {
    const life = begun()
    activate(life)
    life.do({ type: 'suppress', reason: 'unsubscribed' })
    life.until(end + 2 * dayMs)
    const kept = life.trial.decisions.filter(({ why }) => why === 'the person unsubscribed')
    expect(kept.map(({ ruleId }) => ruleId)).not.toContain('expiring-passive-3d')
    expect(kept.map(({ ruleId }) => ruleId)).toEqual(
      expect.arrayContaining(['expiring-activated-3d', 'expiring-activated-1d', 'ended-survey']),
    )
  })

  it('who does nothing: welcome, the steps, C at three days and one, the notice, the question', () => {
    const life = begun()
    life.until(end + 30 * dayMs)
    expect(mails(life)).toEqual([
      '2026-03-04T09:00 welcome',
      '2026-03-04T12:00 step-1',
      '2026-03-05T12:00 step-2',
      '2026-03-06T12:00 step-3',
      '2026-03-16T09:00 expiring-passive-3d',
      '2026-03-17T09:00 expiring-passive-1d',
      '2026-03-18T09:00 trial-ended',
      '2026-03-19T09:00 ended-survey',
    ])
  })

  it('who reaches value: no further step, A within a minute, then B instead of C', () => {
    const life = begun()
    life.until(start + 2 * hourMs)
    activate(life)
    life.until(end + 30 * dayMs)
    expect(mails(life)).toEqual([
      '2026-03-04T09:00 welcome',
      '2026-03-04T11:00 upgrade-now',
      '2026-03-16T09:00 expiring-activated-3d',
      '2026-03-17T09:00 expiring-activated-1d',
      '2026-03-18T09:00 trial-ended',
      '2026-03-19T09:00 ended-survey',
    ])
  })

  it('who answers the question: what fits the answer, once', () => {
    const life = begun()
    life.until(end + 2 * dayMs)
    life.do({ type: 'answerSurvey', answer: 'time', comment: null })
    life.until(end + 30 * dayMs)
    expect(mails(life).filter((mail) => mail.includes('follow-up'))).toEqual([
      '2026-03-20T10:00 follow-up-time',
    ])
    expect(life.do({ type: 'answerSurvey', answer: 'nonsense', comment: null })).toMatchObject({
      ok: false,
      reason: 'invalid',
    })
  })

  it('who comes back months later and reaches value: A, seconds after the event; after half a year no more', () => {
    for (const [months, gets] of [
      [2, 1],
      [7, 0],
    ] as const) {
      const life = begun()
      life.until(Date.UTC(2026, 2 + months, 20, 10))
      activate(life)
      life.until(life.now + 30 * dayMs)
      const upgrades = life.sent.filter(({ message }) => message.kind === 'upgrade_now')
      expect(upgrades).toHaveLength(gets)
      expect(life.trial.standing.segment).toBe('activated')
    }
  })

  it('who had A in the trial and comes back to value after it: A again, once', () => {
    const life = begun()
    activate(life)
    life.until(end + 20 * dayMs)
    track(life, 'Card Completed')
    life.until(life.now + 3 * dayMs)
    track(life, 'Card Completed')
    life.until(life.now + 30 * dayMs)
    expect(life.sent.filter(({ message }) => message.kind === 'upgrade_now')).toHaveLength(2)
  })

  it('on a free plan: everything but what counts from an end', () => {
    const life = begun(start, { endsAt: null })
    life.until(start + hourMs)
    activate(life)
    life.until(start + 300 * dayMs)
    expect(mails(life).map((mail) => mail.split(' ')[1])).toEqual(['welcome', 'upgrade-now'])
  })
})

describe('late, short, silent', () => {
  it('someone imported into the middle of a trial gets no burst', () => {
    const life = begun(start + 11 * dayMs, { startsAt: start, endsAt: end })
    life.until(end - 1)
    expect(mails(life)).toEqual([
      '2026-03-16T09:00 expiring-passive-3d',
      '2026-03-17T09:00 expiring-passive-1d',
    ])
    expect(life.trial.decisions.filter(({ outcome }) => outcome === 'skipped').length).toBeGreaterThan(3)
  })

  it('after days without a server only the most relevant email goes, the others say why not', () => {
    const life = begun()
    life.until(start + hourMs)
    life.now = end - dayMs + 2 * hourMs
    life.until(life.now)
    const today = life.sent.filter(({ at }) => at === life.now)
    expect(today.map(({ message }) => message.ruleId)).toEqual(['expiring-passive-1d'])
  })

  it('without an address nothing goes, and what would come says so', () => {
    const life = live(playbook, start)
    track(life, 'Board Created')
    expect(life.trial.next).toMatchObject({
      kind: 'welcome',
      at: null,
      why: expect.stringContaining('address'),
    })
    life.until(end + 30 * dayMs)
    expect(life.sent).toHaveLength(0)
    expect(life.trial.clock.status).toBe('ended')
  })

  it('an address that comes a day later still gets the welcome, and what is due then', () => {
    const life = live(playbook, start)
    life.until(start + dayMs)
    life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
    life.until(life.now + minuteMs)
    expect(life.sent.map(({ message }) => message.ruleId)).toEqual(['welcome', 'step-1'])
  })

  it('a weekend before the end pulls the reminder earlier, never past the end', () => {
    const sunday = Date.UTC(2026, 2, 22, 12)
    const life = begun(start, { endsAt: sunday })
    life.until(sunday - 1)
    expect(mails(life).at(-1)).toBe('2026-03-20T17:00 expiring-passive-1d')
    expect(life.trial.decisions.map(({ ruleId }) => ruleId)).toContain('expiring-passive-3d')
  })

  it('a reply rests automation for a day', () => {
    const life = begun()
    life.until(end - 3 * dayMs)
    life.do({ type: 'replied', key: null, at: life.now })
    life.until(end - 2 * dayMs + 1)
    expect(mails(life).at(-1)).toBe('2026-03-16T09:00 expiring-passive-3d')
    life.do({ type: 'replied', key: null, at: end - 30 * hourMs })
    life.until(end - 1)
    expect(life.trial.decisions.at(-1)).toMatchObject({
      outcome: 'skipped',
      why: expect.stringContaining('replied'),
    })
  })

  it('a rep can skip the coming email of one rule', () => {
    const life = begun()
    life.until(end - 4 * dayMs)
    life.do({ type: 'skipNext', ruleId: 'expiring-passive-3d', by: dana })
    life.until(end - 1)
    expect(mails(life).filter((mail) => mail.includes('expiring'))).toEqual([
      '2026-03-17T09:00 expiring-passive-1d',
    ])
    expect(life.trial.decisions.map(({ why }) => why)).toContain('skipped by Dana')
  })

  it('those without fit get neither pitch nor reminder', () => {
    const life = begun()
    life.do({ type: 'describe', patch: { traits: { competitor: true } }, by: api })
    expect(life.trial.standing.segment).toBe('opportunist')
    life.until(end + dayMs * 3)
    expect(life.sent.map(({ message }) => message.kind)).not.toContain('expiring_passive')
  })
})

describe('the trialist as the API tells it', () => {
  it('is what its schema says, at every stage of a life', () => {
    const life = begun()
    const look = () => trialistSchema.parse(trialistView(life.trial, playbook, life.now))
    expect(look().next).toMatchObject({ kind: 'welcome', at: isoInstant(start) })
    activate(life)
    expect(look()).toMatchObject({
      segment: 'activated',
      milestones: [{ count: 1 }, { count: 1 }, { name: 'Card Completed', count: 3, threshold: 3 }],
      values: { cardsDone: 3, minutesSaved: 60 },
    })
    track(life, 'Card Completed')
    expect(look().milestones[2]).toMatchObject({ count: 4, threshold: 3 })
    life.do({ type: 'extend', id: 'x', days: 7, reason: 'r', note: '', by: dana })
    life.do({ type: 'pause', until: Number.MAX_SAFE_INTEGER })
    life.until(end + 40 * dayMs)
    expect(look().trial.status).toBe('ended')
  })

  it('names what comes next and when', () => {
    const life = begun()
    life.until(start + minuteMs)
    expect(trialistView(life.trial, playbook, life.now).next).toEqual({
      kind: 'onboarding_step',
      ruleId: 'step-1',
      at: '2026-03-04T12:00:00.000Z',
      why: '3 hours after the trial began, if "Board Created" is still missing',
    })
  })
})

describe('what is said out of order', () => {
  it('counts by when it was said, not by when it arrives', () => {
    const say = (life: Life, at: number, name: string, role: string) =>
      life.do({ type: 'describe', patch: { name, traits: { role } }, by: api, at })
    const [forward, backward] = [begun(), begun()]
    say(forward, start + 1, 'Old', 'user')
    say(forward, start + 2, 'New', 'admin')
    say(backward, start + 2, 'New', 'admin')
    say(backward, start + 1, 'Old', 'user')
    expect(backward.trial.person).toEqual(forward.trial.person)
    expect(backward.trial.person).toMatchObject({ name: 'New', traits: { role: 'admin' } })
  })

  it('null clears, absent keeps', () => {
    const life = begun()
    life.do({ type: 'describe', patch: { name: 'Ann', traits: { a: 1, b: 2 } }, by: api })
    life.now += 1
    life.do({ type: 'describe', patch: { name: null, traits: { a: null } }, by: api })
    expect(life.trial.person).toMatchObject({ name: null, email: 'ann@example.com', traits: { b: 2 } })
    expect(life.trial.person.traits).not.toHaveProperty('a')
  })
})
