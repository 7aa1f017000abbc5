import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { Member } from '../../../../server/domain/trial/company.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'
import type { PlaybookInput } from '../../../../shared/playbook.ts'
import { companyPlaybook, companyTrial, sumOfParts } from '../../../support/companies.ts'
import { address, api, dana, event, type Life, live } from '../../../support/life.ts'

const anyTime: Partial<PlaybookInput> = {
  window: { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '23:59' },
}
const playbook = companyPlaybook(anyTime, { buyer: { roles: ['owner'] } })
const start = Date.UTC(2026, 2, 2, 9)

/** Histories in the default run; each is looked at in all of its emails. */
const runs = Number(process.env.TRIALPACE_COMPANY_HISTORIES ?? 40)

vi.setConfig({ testTimeout: 60_000 + 500 * runs })

const userIds = ['ann', 'bea', 'cleo', 'dora'] as const
/** Two of them share a mailbox. */
const addresses = ['ann@example.com', 'bea@example.com', 'ann@example.com', 'dora@example.com'] as const

const joins = (userId: string, at: number): Command => ({ type: 'join', userId, at })
const says = (userId: string, patch: Extract<Command, { type: 'describe' }>['patch']): Command => ({
  type: 'describe',
  by: api,
  userId,
  patch,
})
const has = (userId: string, more: object = {}) =>
  says(userId, { email: address(addresses[userIds.indexOf(userId as 'ann')] ?? ''), ...more })

type Act = (life: Life) => void
const user = fc.constantFrom(...userIds)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(user, fc.constantFrom('Board Created', 'Teammate Invited', 'Card Completed', 'Login'))
      .map(
        ([userId, name]): Act =>
          (life) =>
            void life.do({ type: 'track', events: [event(name, life.now, { actor: userId })] }),
      ),
  },
  {
    weight: 2,
    arbitrary: user.map(
      (userId): Act =>
        (life) => {
          life.do(joins(userId, life.now))
          life.do(has(userId))
        },
    ),
  },
  user.map(
    (userId): Act =>
      (life) =>
        void life.do({ type: 'leave', userId, at: life.now }),
  ),
  fc.tuple(user, fc.constantFrom('owner', 'member')).map(
    ([userId, role]): Act =>
      (life) =>
        void life.do(says(userId, { traits: { role } })),
  ),
  user.map(
    (userId): Act =>
      (life) =>
        void life.do({ type: 'suppress', reason: 'unsubscribed', userId }),
  ),
  user.map(
    (userId): Act =>
      (life) =>
        void life.do({ type: 'replied', key: null, at: life.now, userId }),
  ),
  fc.integer({ min: 1, max: 10 }).map(
    (days): Act =>
      (life) =>
        void life.do({ type: 'extend', id: `x${life.now}`, days, reason: 'asked', note: '', by: dana }),
  ),
  user.map(
    (userId): Act =>
      (life) =>
        void life.do({ type: 'answerSurvey', answer: 'price', comment: null, userId }),
  ),
  user.map(
    (userId): Act =>
      (life) =>
        void life.do({ type: 'forgetMember', userId, erased: true }),
  ),
  {
    weight: 1,
    arbitrary: fc.constant<Act>(
      (life) => void life.do({ type: 'convert', plan: 'team', at: life.now, by: api }),
    ),
  },
)

const history = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), act), { maxLength: 40 })

function lived(steps: readonly (readonly [number, Act])[], server?: Parameters<typeof live>[2]): Life {
  const life = live(playbook, start, { ...server, trial: companyTrial(playbook, start) })
  life.do(joins('ann', start))
  life.do(has('ann'))
  for (const [hours, step] of steps) {
    life.until(life.now + hours * hourMs + minuteMs)
    step(life)
  }
  life.until(life.now + 40 * dayMs)
  return life
}

const classOf = (ruleId: string) => playbook.ruleById.get(ruleId)?.class
const memberIn = (trial: Trial, userId: string | undefined): Member | undefined =>
  userId === undefined ? undefined : trial.company?.members[userId]
const isMailable = ({ person, contact, left }: Member) =>
  !left && person.email !== null && !contact?.suppressed

/** The right one, by the words of the rule alone. */
function best(trial: Trial, among: (member: Member) => boolean): string | undefined {
  const people = Object.entries(trial.company?.members ?? {}).filter(
    ([, member]) => isMailable(member) && among(member),
  )
  const reached = ({ usage }: Member) =>
    playbook.milestones.filter(
      ({ event: name, threshold }) => (usage.counters[name]?.count ?? 0) >= threshold,
    ).length
  const rank = (member: Member) => [
    reached(member),
    member.usage.activeDays.length,
    member.usage.total,
    -member.joinedAt,
  ]
  return people.reduce<[string, Member] | undefined>((top, next) => {
    if (!top) return next
    const [a, b] = [rank(top[1]), rank(next[1])]
    const differs = a.findIndex((value, index) => value !== b[index])
    if (differs < 0) return next[0] < top[0] ? next : top
    return (b[differs] as number) > (a[differs] as number) ? next : top
  }, undefined)?.[0]
}
const owners = ({ person }: Member) => person.traits.role === 'owner'

describe('the emails of a company', () => {
  it('go to the right person, once, on a date that holds', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const life = lived(steps)
        const keys = life.sent.map(({ message }) => message.key)
        expect(new Set(keys).size).toBe(keys.length)
        for (const { message, trial } of life.sent) {
          const member = memberIn(trial, message.to)
          expect(member && isMailable(member)).toBe(true)
          expect(trial.clock.status).not.toBe('converted')
          if (message.endsAtQuoted !== null) expect(message.endsAtQuoted).toBe(trial.clock.endsAt)
          const { to } = message
          const address = member?.person.email
          const isTwin = (userId: string | undefined) =>
            userId === to || (address !== null && memberIn(trial, userId)?.person.email === address)
          if (message.roles?.includes('champion')) expect(isTwin(best(trial, () => true))).toBe(true)
          if (message.roles?.includes('buyer'))
            expect(isTwin(best(trial, owners) ?? best(trial, () => true))).toBe(true)
        }
      }),
      { numRuns: runs },
    )
  })

  it('are at most one trial email a day to each person and to each address', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const last = new Map<string, number>()
        for (const { message, at, trial } of lived(steps).sent) {
          if (classOf(message.ruleId) !== 'trial') continue
          const to = memberIn(trial, message.to)?.person.email ?? ''
          expect(at - (last.get(to) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(dayMs)
          last.set(to, at)
        }
      }),
      { numRuns: runs },
    )
  })

  it('go once for each rule, cycle and role, and no address gets the same one twice', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const seen = new Set<string>()
        const once = (what: string) => {
          expect(seen.has(what)).toBe(false)
          seen.add(what)
        }
        for (const { message, trial } of lived(steps).sent) {
          const slot = message.key.slice(trial.id.length, -(message.to?.length ?? 0))
          once(`${slot} ${memberIn(trial, message.to)?.person.email}`)
          for (const role of message.roles ?? []) if (role !== 'everyone') once(`${slot} as ${role}`)
        }
      }),
      { numRuns: runs },
    )
  })

  it('keep these rules when the mail server fails and workers are lost', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.constantFrom('sent', 'deferred', 'failed', 'unknown', 'crash'), {
          minLength: 5,
          maxLength: 20,
        }),
        (steps, answers) => {
          const life = lived(steps, { server: (n) => answers[n] ?? 'sent' })
          const keys = life.sent.map(({ message }) => message.key)
          expect(new Set(keys).size).toBe(keys.length)
          expect(sumOfParts(life.trial).total).toBe(life.trial.usage.total)
        },
      ),
      { numRuns: runs },
    )
  })
})

describe('who of a company gets what', () => {
  const team = (...more: Command[]): Life => {
    const life = live(playbook, start, { trial: companyTrial(playbook, start) })
    for (const userId of ['ann', 'bea', 'dora']) {
      life.do(joins(userId, start + userIds.indexOf(userId as 'ann')))
      life.do(has(userId))
    }
    for (const command of more) life.do(command)
    return life
  }
  const whom = (life: Life, kind: string) =>
    life.sent
      .filter(({ message }) => message.kind === kind)
      .map(({ message }) => message.to)
      .sort()
  const does = (life: Life, actor: string, ...names: string[]) =>
    life.do({ type: 'track', events: names.map((name) => event(name, life.now, { actor })) })
  const value = ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed']

  it('welcomes who began the trial, and pitches to the champion and the buyer', () => {
    const life = team(says('dora', { traits: { role: 'owner' } }))
    life.until(start + hourMs)
    expect(whom(life, 'welcome')).toEqual(['ann'])
    does(life, 'bea', ...value)
    life.until(start + 2 * dayMs)
    expect(whom(life, 'upgrade_now')).toEqual(['bea', 'dora'])
    life.until(start + 30 * dayMs)
    expect(new Set(whom(life, 'expiring_activated'))).toEqual(new Set(['bea', 'dora']))
  })

  it('writes to the next best when the champion has unsubscribed', () => {
    const life = team({ type: 'suppress', reason: 'unsubscribed', userId: 'bea' })
    does(life, 'bea', ...value)
    does(life, 'ann', 'Board Created')
    life.until(start + 2 * dayMs)
    expect(whom(life, 'upgrade_now')).toEqual(['ann'])
  })

  it('says why when no one can be written to', () => {
    const life = team()
    for (const userId of ['ann', 'bea', 'dora']) life.do({ type: 'suppress', reason: 'unsubscribed', userId })
    expect(life.trial.next).toMatchObject({ at: null, why: 'the person unsubscribed' })
  })

  it('asks everyone who was active at the end, and follows up on the answer of each', () => {
    const life = team()
    does(life, 'ann', 'Login')
    does(life, 'bea', 'Login')
    life.until(start + 18 * dayMs)
    expect(whom(life, 'ended_survey')).toEqual(['ann', 'bea'])
    life.do({ type: 'answerSurvey', answer: 'price', comment: null, userId: 'bea' })
    life.until(start + 22 * dayMs)
    expect(whom(life, 'survey_follow_up')).toEqual(['bea'])
  })

  it('waits for all of them when one has replied', () => {
    const life = team()
    does(life, 'bea', ...value)
    life.do({ type: 'replied', key: null, at: life.now, userId: 'ann' })
    life.until(start + 23 * hourMs)
    expect(whom(life, 'upgrade_now')).toEqual([])
    life.until(start + 3 * dayMs)
    expect(whom(life, 'upgrade_now')).toEqual(['bea'])
  })
})
