import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { OutboxMessage, Trial } from '../../../../server/domain/trial/model.ts'
import { emptyUsage, foldUsage } from '../../../../server/domain/trial/usage.ts'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'
import { deepFreeze } from '../../../support/freeze.ts'
import { address, api, compiled, dana, event, live, trialOf } from '../../../support/life.ts'

const playbook = compiled()
const start = Date.UTC(2026, 2, 2, 9)

/** A stored trial after these commands, one a minute. */
function lived(userId: string, at: number, ...commands: Command[]): Trial {
  let trial: Trial = { ...trialOf(playbook, at, userId), version: 1 }
  for (const [index, command] of commands.entries())
    trial = reduce(deepFreeze(trial), command, playbook, at + index * minuteMs).trial
  return trial
}

const retired = (former: Trial, into: Trial, now: number): Trial =>
  reduce(deepFreeze(former), { type: 'retire', into: into.id }, playbook, now).trial

function joined(former: Trial, into: Trial, now: number): Trial {
  const from = retired(former, into, now)
  return reduce(deepFreeze(into), { type: 'adopt', from: deepFreeze(from) }, playbook, now).trial
}

const says = (patch: Extract<Command, { type: 'describe' }>['patch'], at?: number): Command => ({
  type: 'describe',
  patch,
  by: api,
  ...(at !== undefined && { at }),
})

const tracked = fc
  .record({
    name: fc.constantFrom('Board Created', 'Teammate Invited', 'Card Completed', 'Login'),
    minutes: fc.integer({ min: 0, max: 10_000 }),
    id: fc.constantFrom('ann', 'bea', 'cleo'),
  })
  .map(({ name, minutes, id }) => ({ id, event: event(name, start + minutes * minuteMs) }))

describe('two user ids that are one person', () => {
  it('count every event once, whenever which ids were joined and however often that is said', () => {
    fc.assert(
      fc.property(
        fc.array(tracked, { maxLength: 30 }),
        fc.array(fc.constantFrom(['ann', 'bea'] as const, ['bea', 'cleo'] as const), { maxLength: 6 }),
        fc.nat(),
        (events, aliases, seed) => {
          const trials = new Map(
            ['ann', 'bea', 'cleo'].map((id) => [id, { ...trialOf(playbook, start, id), version: 1 }]),
          )
          const steps = [...events, ...aliases, ['ann', 'bea'] as const, ['bea', 'cleo'] as const]
          // The order of aliases and events among each other; the last two aliases end each history.
          const shuffled = [
            ...steps.slice(0, -2).sort((a, b) => order(a, seed) - order(b, seed)),
            ...steps.slice(-2),
          ]
          const of = (id: string) => trials.get(id) as Trial
          const behind = (id: string): string => {
            const { mergedInto } = of(id)
            return mergedInto === null ? id : behind(mergedInto.split(':u:')[1] as string)
          }
          const change = (id: string, command: Command) =>
            trials.set(id, reduce(deepFreeze(of(id)), command, playbook, start + dayMs).trial)
          for (const step of shuffled)
            if ('event' in step) change(behind(step.id), { type: 'track', events: [step.event] })
            else {
              change(step[0], { type: 'retire', into: of(step[1]).id })
              change(behind(step[0]), { type: 'adopt', from: of(step[0]) })
            }
          const all = foldUsage(
            emptyUsage,
            events.map((each) => each.event),
            playbook,
          )
          expect(of('cleo').usage).toEqual(all)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are at most a hundred for one person, and what is refused then keeps all it had', () => {
    const ids = Array.from({ length: 130 }, (_, n) => `id-${n}`)
    const pair = fc.tuple(fc.nat({ max: ids.length - 1 }), fc.nat({ max: ids.length - 1 }))
    fc.assert(
      fc.property(fc.array(pair, { minLength: 150, maxLength: 300 }), (pairs) => {
        const trials = new Map(
          ids.map((id) => {
            const blank = trialOf(playbook, start, id)
            const usage = foldUsage(emptyUsage, [event('Login', start)], playbook)
            return [blank.id as string, { ...blank, version: 1, usage }]
          }),
        )
        const of = (id: string) => trials.get(id) as Trial
        const behind = (id: string): Trial => {
          const trial = of(id)
          return trial.mergedInto === null ? trial : behind(trial.mergedInto)
        }
        for (const [a, b] of [...pairs, ...ids.map((_, n) => [n, 0] as const)]) {
          const [former, into] = [of(`acme:u:${ids[a]}`), behind(`acme:u:${ids[b]}`)]
          if (former.mergedInto !== null || former === into) continue
          const command = { type: 'retire', into: into.id, formerIds: into.adopted ?? [] } as const
          const step = reduce(former, command, playbook, start)
          if (!step.outcome.ok) continue
          trials.set(former.id, step.trial)
          trials.set(into.id, reduce(into, { type: 'adopt', from: step.trial }, playbook, start).trial)
        }
        const all = [...trials.values()]
        const people = all.filter(({ mergedInto }) => mergedInto === null)
        const adopted = people.flatMap((trial) => trial.adopted ?? [])
        for (const trial of all) expect(trial.adopted?.length ?? 0).toBeLessThanOrEqual(100)
        expect(people.reduce((sum, { usage }) => sum + usage.total, 0)).toBe(ids.length)
        expect(adopted.length + people.length).toBe(ids.length)
        expect(new Set(adopted).size).toBe(adopted.length)
      }),
      { numRuns: 20 },
    )
  })

  it('are sent nothing after an import without messages of either id', () => {
    const quiet = lived('old', start, says({ email: address('ann@example.com') }), { type: 'silence' })
    const known = lived('new', start, says({ email: address('ann@example.com') }))
    for (const trial of [joined(quiet, known, start + hourMs), joined(known, quiet, start + hourMs)]) {
      const life = live(playbook, start + hourMs, { trial })
      life.until(start + 60 * dayMs)
      expect(life.sent).toEqual([])
    }
  })

  it('hold to what the id that stays says, and know the rest from the former one', () => {
    const former = lived(
      'old',
      start,
      says({ email: address('ann@old.example'), name: 'Ann', traits: { seats: 3, role: 'owner' } }),
    )
    const stays = lived(
      'new',
      start + hourMs,
      says({ email: address('ann@new.example'), traits: { seats: 9 } }),
    )
    const { person } = joined(former, stays, start + dayMs)
    expect(person).toMatchObject({
      email: 'ann@new.example',
      name: 'Ann',
      traits: { seats: 9, role: 'owner' },
    })
    const later = reduce(
      joined(former, stays, start + dayMs),
      says({ name: 'Anna', traits: { role: 'member' } }, start - dayMs),
      playbook,
      start + dayMs,
    ).trial
    expect(later.person).toMatchObject({ name: 'Anna', traits: { role: 'member' } })
  })

  it('does not bring back what the id that stays has cleared', () => {
    const former = lived('old', start, says({ email: address('ann@old.example') }))
    const stays = lived('new', start, says({ email: null }))
    expect(joined(former, stays, start + hourMs).person.email).toBeNull()
  })

  it('have the earlier start, the later end, the extensions of both and every conversion', () => {
    const extend: Command = { type: 'extend', id: 'x', days: 30, reason: 'asked', note: '', by: dana }
    const former = lived('old', start, extend)
    const stays = lived('new', start + 3 * dayMs, {
      type: 'convert',
      plan: 'pro',
      at: start + 4 * dayMs,
      by: api,
    })
    const { clock } = joined(former, stays, start + 5 * dayMs)
    expect(clock).toMatchObject({
      startsAt: start,
      endsAt: former.clock.endsAt,
      status: 'converted',
      convertedAt: start + 4 * dayMs,
    })
    expect(clock.extensions).toHaveLength(1)
    expect(joined(stays, former, start + 5 * dayMs).clock).toMatchObject({
      status: 'converted',
      endsAt: former.clock.endsAt,
    })
  })

  it('gains no days when the id that stays is new', () => {
    const former = lived('old', start)
    const stays = trialOf(playbook, start + 10 * dayMs, 'new')
    expect(joined(former, stays, start + 10 * dayMs).clock).toMatchObject({
      startsAt: start,
      endsAt: former.clock.endsAt,
    })
  })

  it('get no email a second time', () => {
    const known = says({ email: address('ann@example.com'), name: 'Ann', timeZone: 'UTC' })
    const life = live(playbook, start)
    life.do(known)
    life.until(start + 2 * dayMs)
    const had = life.sent.map(({ message }) => message.ruleId)
    expect(had.length).toBeGreaterThan(0)

    const stays = lived('new', start + 2 * dayMs, known)
    const both = live(playbook, start + 2 * dayMs + hourMs, {
      trial: joined(life.trial, stays, start + 2 * dayMs + hourMs),
    })
    both.until(start + 60 * dayMs)
    const perCycle = (message: OutboxMessage) => `${message.ruleId}/${message.cycle}`
    const before = new Set(life.sent.map(({ message }) => perCycle(message)))
    expect(both.sent.filter(({ message }) => before.has(perCycle(message)))).toEqual([])
    expect(retired(life.trial, stays, start + 2 * dayMs).nextAt).toBeNull()
  })

  it('keep an objection, but not the bounces of an address that is no longer used', () => {
    const objecting = (reason: 'unsubscribed' | 'hard_bounce') =>
      lived('old', start, says({ email: address('ann@old.example') }), { type: 'suppress', reason })
    const stays = lived('new', start, says({ email: address('ann@new.example') }))
    expect(joined(objecting('unsubscribed'), stays, start + hourMs).contact.suppressed?.reason).toBe(
      'unsubscribed',
    )
    expect(joined(objecting('hard_bounce'), stays, start + hourMs).contact.suppressed).toBeNull()
  })

  it('takes an email back that had not reached its final dot', () => {
    const life = live(playbook, start)
    life.do(says({ email: address('ann@example.com'), timeZone: 'UTC' }))
    life.now = life.trial.nextAt ?? start
    life.do({ type: 'advance' })
    const claimed = life.do({ type: 'claim', fence: 7 })
    if (!claimed.ok || !claimed.message) throw new Error('nothing was due')
    const { key } = claimed.message
    life.do({
      type: 'prepared',
      claim: { key, fence: 7 },
      token: 't',
      messageId: '<m@example.com>',
      subject: 's',
      variant: 0,
      bodyHash: 'h',
    })
    const stays = lived('new', start)
    life.do({ type: 'retire', into: stays.id })
    expect(life.do({ type: 'gate', claim: { key, fence: 7 } })).toMatchObject({
      ok: false,
      reason: 'changed',
    })
  })
})

const order = (step: unknown, seed: number): number =>
  (JSON.stringify(step)
    .split('')
    .reduce((sum, char) => sum * 31 + char.charCodeAt(0), seed) >>>
    0) %
  1000
