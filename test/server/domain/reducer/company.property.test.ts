import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { championOf } from '../../../../server/domain/activation/members.ts'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { Member } from '../../../../server/domain/trial/company.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { asRecipient } from '../../../../server/domain/trial/recipient.ts'
import { dayMs, minuteMs } from '../../../../shared/clock.ts'
import { type TrialId, trialIdOfCompany, trialIdOfUser } from '../../../../shared/trial.ts'
import { workspaceId } from '../../../support/build-trial.ts'
import { companyPlaybook, companyTrial, sumOfParts } from '../../../support/companies.ts'
import { deepFreeze } from '../../../support/freeze.ts'
import { address, api, dana, event, trialOf } from '../../../support/life.ts'

const playbook = companyPlaybook()
const start = Date.UTC(2026, 2, 2, 9)
const now = start + 5 * dayMs

const made = (trial: Trial, commands: readonly Command[]): Trial =>
  commands.reduce((each, command) => reduce(deepFreeze(each), command, playbook, now).trial, trial)

const users = ['ann', 'bea', 'cleo', '__proto__'] as const
const user = fc.constantFrom(...users)
const instant = fc.integer({ min: 0, max: 5 * 24 * 60 }).map((minutes) => start + minutes * minuteMs)
const used = fc
  .record({
    actor: user,
    name: fc.constantFrom('Board Created', 'Teammate Invited', 'Card Completed', 'Login', '__proto__'),
    at: instant,
  })
  .map(({ name, at, actor }) => event(name, at, { actor }))

const word = fc.record({ type: fc.constantFrom('join', 'leave'), userId: user, at: instant })
const said = fc
  .record({ userId: user, at: instant, name: fc.constantFrom('Ann', 'Bo'), seats: fc.nat(3) })
  .map(
    ({ userId, at, name, seats }): Command => ({
      type: 'describe',
      by: api,
      at,
      userId,
      patch: { name, traits: { seats } },
    }),
  )

const inSomeOrder = <T>(list: readonly T[], keys: readonly number[]): T[] =>
  list
    .map((item, index) => ({ item, key: keys[index % keys.length] ?? 0, index }))
    .sort((a, b) => a.key - b.key || a.index - b.index)
    .map(({ item }) => item)

const keys = fc.array(fc.nat(), { minLength: 7, maxLength: 40 })

describe('a company', () => {
  it('comes to the same whatever the order and grouping of events, joins and leaves', () => {
    fc.assert(
      fc.property(
        fc.array(used, { maxLength: 25 }),
        fc.array(word, { maxLength: 12 }),
        keys,
        (events, words, order) => {
          const steps: Command[] = [
            ...events.map((each): Command => ({ type: 'track', events: [each] })),
            ...(words as Command[]),
          ]
          const one = made(companyTrial(playbook, start), steps)
          const other = made(companyTrial(playbook, start), inSomeOrder(steps, order))
          expect(other.company).toEqual(one.company)
          expect(other.usage).toEqual(one.usage)
          const grouped = made(companyTrial(playbook, start), [
            ...(words as Command[]),
            { type: 'track', events },
          ])
          expect(grouped.company).toEqual(one.company)
          expect(grouped.standing.reachedAt).toEqual(one.standing.reachedAt)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('has used what its people have used, with those who left', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(used, word, said), { maxLength: 40 }),
        fc.array(user, { maxLength: 3 }),
        (steps, erased) => {
          const commands = steps.map(
            (step): Command => ('receivedAt' in step ? { type: 'track', events: [step] } : (step as Command)),
          )
          const trial = made(companyTrial(playbook, start), [
            ...commands,
            ...erased.map((userId): Command => ({ type: 'forgetMember', userId, erased: true })),
          ])
          const { total, counts, hours, firstSeenAt, lastSeenAt } = sumOfParts(trial)
          expect(total).toBe(trial.usage.total)
          expect(hours).toEqual(trial.usage.hours)
          for (const { event: name } of playbook.milestones)
            expect(counts[name] ?? 0).toBe(trial.usage.counters[name]?.count ?? 0)
          if (total > 0)
            expect({ firstSeenAt, lastSeenAt }).toMatchObject({
              firstSeenAt: trial.usage.firstSeenAt,
              lastSeenAt: trial.usage.lastSeenAt,
            })
        },
      ),
      { numRuns: 100 },
    )
  })
})

/** What the server does to move people, with the documents it does it to. */
function world() {
  const documents = new Map<string, Trial>()
  const userDocument = (id: string): TrialId => trialIdOfUser(workspaceId, id)
  const companyDocument = (id: string): TrialId => trialIdOfCompany(workspaceId, id)
  const get = (id: TrialId): Trial =>
    documents.get(id) ??
    (id.includes(':g:')
      ? companyTrial(playbook, start, id.split(':g:')[1])
      : { ...trialOf(playbook, start, id.split(':u:')[1]), version: 1 })
  const change = (id: TrialId, command: Command): Trial => {
    const changed = reduce(deepFreeze(get(id)), command, playbook, now).trial
    documents.set(id, changed)
    return changed
  }
  const finish = (userId: string) => {
    const own = get(userDocument(userId))
    if (!own.membership?.pending || own.mergedInto === null) return
    const { at, pending } = own.membership
    const moved: Member | undefined =
      pending.from === null
        ? undefined
        : change(pending.from, { type: 'leave', userId, at }).company?.members[userId]
    change(own.mergedInto, { type: 'join', userId, at, from: own, ...(moved && { moved }) })
    if (pending.from) change(pending.from, { type: 'forgetMember', userId })
    change(own.id, { type: 'enlisted', at })
  }
  return {
    get,
    userDocument,
    companyDocument,
    companies: () => [...documents.values()].filter(({ company }) => company),
    people: () => [...documents.values()].filter(({ userId }) => userId !== null),
    move(userId: string, companyId: string, at: number) {
      finish(userId)
      change(userDocument(userId), { type: 'enlist', into: companyDocument(companyId), at })
      finish(userId)
    },
    track(userId: string, name: string, at: number) {
      const into = get(userDocument(userId)).mergedInto
      change(into ?? userDocument(userId), {
        type: 'track',
        events: [event(name, at, into === null ? {} : { actor: userId })],
      })
    },
  }
}

describe('people who move between companies', () => {
  const move = fc.record({ userId: user, companyId: fc.constantFrom('x', 'y', 'z'), at: instant })

  it('belong to the one that was named last, in whatever order that was heard', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), keys, (moves, order) => {
        const places = (list: typeof moves) => {
          const there = world()
          for (const { userId, companyId, at } of list) there.move(userId, companyId, at)
          return there
            .companies()
            .flatMap(({ company }) =>
              Object.entries(company?.members ?? {}).flatMap(([userId, { left }]) =>
                left ? [] : [`${userId} in ${company?.id}`],
              ),
            )
            .sort()
        }
        const here = places(moves)
        expect(places(inSomeOrder(moves, order))).toEqual(here)
        expect(here).toHaveLength(new Set(moves.map(({ userId }) => userId)).size)
      }),
      { numRuns: 100 },
    )
  })

  it('leave what they did where they did it, and no event is lost or counted twice', () => {
    const act = fc.record({ userId: user, name: fc.constantFrom('Board Created', 'Login'), at: instant })
    fc.assert(
      fc.property(fc.array(fc.oneof(move, act), { maxLength: 40 }), (steps) => {
        const there = world()
        for (const step of steps)
          if ('companyId' in step) there.move(step.userId, step.companyId, step.at)
          else there.track(step.userId, step.name, step.at)
        const events = steps.filter((step) => 'name' in step).length
        const alone = there.people().filter(({ mergedInto }) => mergedInto === null)
        const all = [...there.companies(), ...alone]
        expect(all.reduce((sum, { usage }) => sum + usage.total, 0)).toBe(events)
        for (const company of there.companies()) expect(sumOfParts(company).total).toBe(company.usage.total)
      }),
      { numRuns: 100 },
    )
  })

  it('keep their address and what was agreed with them', () => {
    const there = world()
    there.move('ann', 'x', start)
    const into = there.companyDocument('x')
    const told = made(there.get(into), [
      {
        type: 'describe',
        by: api,
        userId: 'ann',
        patch: { email: address('ann@example.com'), company: 'X' },
      },
      { type: 'suppress', reason: 'unsubscribed', userId: 'ann' },
    ])
    Object.assign(there, { told })
    expect(told.company?.members.ann).toMatchObject({
      person: { email: 'ann@example.com' },
      contact: { suppressed: { reason: 'unsubscribed' } },
    })
    expect(told.person).toMatchObject({ company: 'X', email: null })
    const moved = told.company?.members.ann
    const arrived = made(companyTrial(playbook, start, 'y'), [
      { type: 'join', userId: 'ann', at: now, ...(moved && { moved }) },
    ])
    expect(arrived.company?.members.ann).toMatchObject({
      person: { email: 'ann@example.com' },
      contact: { suppressed: { reason: 'unsubscribed' } },
      usage: { total: 0 },
    })
  })
})

describe('a trial of one’s own that a company takes over', () => {
  const own = made({ ...trialOf(playbook, start, 'ann'), version: 1 }, [
    { type: 'track', events: [event('Board Created', start), event('Card Completed', start + 1)] },
    { type: 'extend', id: 'x', days: 20, reason: 'asked', note: '', by: dana },
  ])
  const into = trialIdOfCompany(workspaceId, 'acme-inc')
  const from = made(own, [{ type: 'enlist', into, at: now }])
  const join: Command = { type: 'join', userId: 'ann', at: now, from }

  it('gives it its start, its end, its extensions and all that was done, once', () => {
    const later = companyTrial(playbook, start + 2 * dayMs)
    const joined = made(later, [join, join])
    expect(joined.clock).toMatchObject({ startsAt: start, endsAt: own.clock.endsAt })
    expect(joined.clock.extensions).toHaveLength(1)
    expect(joined.usage).toEqual(own.usage)
    expect(joined.company?.members.ann?.usage.total).toBe(2)
    expect(championOf(joined.company!, playbook)).toBe('ann')
    expect(joined.standing.reasons).toContain('ann: Board Created once, Card Completed once')
  })

  it('brings its log along, as what was about that person', () => {
    const decided = {
      at: start,
      ruleId: 'welcome',
      kind: 'welcome',
      outcome: 'skipped',
      why: 'a reason',
    } as const
    const told: Trial = { ...from, decisions: [decided] }
    const joined = made(companyTrial(playbook, start), [
      { type: 'join', userId: 'bea', at: start },
      { ...join, from: told } as Command,
    ])
    const whys = (trial: Trial) => trial.decisions.map(({ why, to }) => `${to}: ${why}`)
    expect(whys(joined)).toContain('ann: a reason')
    expect(whys(asRecipient(joined, 'ann'))).toContain('ann: a reason')
    expect(whys(asRecipient(joined, 'bea'))).not.toContain('ann: a reason')
    const erased = made(joined, [{ type: 'forgetMember', userId: 'ann', erased: true }])
    expect(whys(erased)).not.toContain('ann: a reason')
  })

  it('is a signpost then, of which nothing comes by itself', () => {
    expect(from).toMatchObject({ mergedInto: into, nextAt: null, clock: { status: 'anonymous' } })
  })

  it('brings a conversion along', () => {
    const paid = made(own, [{ type: 'convert', plan: 'team', at: start + dayMs, by: api }])
    const bought = made(paid, [{ type: 'enlist', into, at: now }])
    const joined = made(companyTrial(playbook, start), [{ ...join, from: bought } as Command])
    expect(joined).toMatchObject({
      clock: { status: 'converted', convertedAt: start + dayMs },
      person: { plan: 'team' },
    })
  })
})

describe('people of a company', () => {
  const joined = made(companyTrial(playbook, start), [
    { type: 'join', userId: 'ann', at: start },
    { type: 'join', userId: 'bea', at: start },
  ])

  it('are erased without a trace but the number of what they did', () => {
    const used = made(joined, [
      {
        type: 'describe',
        by: api,
        userId: 'ann',
        patch: { email: address('ann@example.com'), name: 'Ann Berg' },
      },
      { type: 'track', events: [event('Board Created', start, { actor: 'ann' })] },
    ])
    expect(JSON.stringify(used)).toContain('Berg')
    const erased = made(used, [{ type: 'forgetMember', userId: 'ann', erased: true }])
    expect(JSON.stringify(erased)).not.toMatch(/"ann|Ann|ann@/)
    expect(erased.usage.total).toBe(1)
  })

  it('share pauses and replies, but no one’s objection is another’s', () => {
    const told = made(joined, [
      { type: 'replied', key: null, at: now, userId: 'ann' },
      { type: 'suppress', reason: 'complaint', userId: 'bea' },
      { type: 'pause', until: now + dayMs, userId: 'ann' },
    ])
    expect(told.contact).toMatchObject({ repliedAt: now, pausedUntil: now + dayMs, suppressed: null })
    expect(told.company?.members.ann?.contact?.suppressed ?? null).toBeNull()
    expect(told.company?.members.bea?.contact?.suppressed?.reason).toBe('complaint')
  })

  it('are at most 200; of more the number is known, and what they do counts', () => {
    const many = Array.from({ length: 210 }, (_, n) => `user-${n}`)
    const full = made(companyTrial(playbook, start), [
      ...many.map((userId): Command => ({ type: 'join', userId, at: start })),
      { type: 'track', events: many.map((actor) => event('Login', start, { actor })) },
    ])
    expect(Object.keys(full.company?.members ?? {})).toHaveLength(200)
    expect(full.company?.beyond).toBe(10)
    expect(full.company?.others.total).toBe(10)
    expect(full.usage.total).toBe(210)
    const roomy = made(full, [
      { type: 'leave', userId: 'user-7', at: start + 1 },
      { type: 'join', userId: 'late', at: start + 2 },
    ])
    expect(roomy.company?.members.late).toBeDefined()
    expect(sumOfParts(roomy).total).toBe(210)
  })

  it('fit into 200 KB with 50 events each', () => {
    const many = Array.from({ length: 200 }, (_, n) => `user-${1000 + n}`)
    const described = many.map(
      (userId): Command => ({
        type: 'describe',
        by: api,
        userId,
        patch: {
          email: address(`${userId}@customer.example`),
          name: `Person ${userId}`,
          timeZone: 'Europe/Berlin',
          traits: { role: 'member' },
        },
      }),
    )
    const names = ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Viewed', 'Login']
    const events = many.flatMap((actor, n) =>
      Array.from({ length: 50 }, (_, index) =>
        event(names[index % names.length] as string, start + ((n + index) % 100) * 70 * minuteMs, { actor }),
      ),
    )
    const full = made(companyTrial(playbook, start), [
      ...many.map((userId): Command => ({ type: 'join', userId, at: start })),
      ...described,
      { type: 'track', events },
    ])
    expect(full.usage.total).toBe(10_000)
    expect(JSON.stringify(full).length).toBeLessThanOrEqual(200_000)
  })
})
