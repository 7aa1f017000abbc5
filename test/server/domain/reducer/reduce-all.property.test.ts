import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reduce, reduceAll, unplannedTrial } from '../../../../server/domain/reducer/reduce.ts'
import type { Command, Outcome } from '../../../../server/domain/trial/command.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { companyPlaybook, companyTrial } from '../../../support/companies.ts'
import { deepFreeze } from '../../../support/freeze.ts'
import { address, api, compiled, dana, event, trialOf } from '../../../support/life.ts'

const ofPeople = compiled()
const playbook = ofPeople
const ofCompanies = companyPlaybook()
const now = Date.UTC(2026, 2, 2, 9)

/** One after the other, each with the plan that follows from it. */
function oneByOne(
  trial: Trial,
  commands: readonly Command[],
  playbook = ofPeople,
): { trial: Trial; outcome: Outcome } {
  let result: { trial: Trial; outcome: Outcome } = { trial, outcome: { ok: true } }
  for (const command of commands) {
    const step = reduce(result.trial, command, playbook, now)
    if (!step.outcome.ok)
      return { outcome: step.outcome, trial: step.trial === result.trial ? trial : step.trial }
    result = { trial: step.trial, outcome: { ...result.outcome, ...step.outcome } }
  }
  return result
}

const days = fc.integer({ min: -90, max: 30 })
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ startsIn: days, length: fc.integer({ min: 1, max: 40 }), zone: zones() }).map(
    ({ startsIn, length, zone }): Command => ({
      type: 'describe',
      by: api,
      patch: {
        email: address('ann@acme.example'),
        timeZone: zone,
        trial: { startsAt: now + startsIn * dayMs, endsAt: now + (startsIn + length) * dayMs },
      },
    }),
  ),
  days.map(
    (at): Command => ({ type: 'track', events: [event('Board Created', now + Math.min(0, at) * dayMs)] }),
  ),
  fc.constantFrom<Command>(
    { type: 'describe', by: api, patch: { name: 'Ann', consent: { mail: false, tracking: null } } },
    { type: 'describe', by: api, patch: { plan: 'team', traits: { seats: 40 } } },
    { type: 'suppress', reason: 'complaint' },
    { type: 'silence' },
    { type: 'advance' },
    { type: 'pause', until: now + dayMs },
    { type: 'pause', until: null },
    { type: 'extend', id: 'x', days: 7, reason: 'asked', note: '', by: dana },
    { type: 'convert', plan: 'team', at: now, by: api },
  ),
)

function zones() {
  return fc.constantFrom('Asia/Manila', 'America/New_York', 'Europe/Berlin')
}

describe('several commands at once', () => {
  it('come to what they come to one after the other, on a stored trial', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 3 }),
        fc.array(command, { maxLength: 4 }),
        (past, commands) => {
          const stored = deepFreeze({ ...oneByOne(trialOf(playbook, now), past).trial, version: 1 })
          expect(reduceAll(stored, commands, playbook, now)).toEqual(oneByOne(stored, commands))
        },
      ),
    )
  })

  it('need no plan of a trial that is only just made', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 4 }), (commands) => {
        const planned = trialOf(playbook, now)
        const { id, workspaceId, userId, anonymousId } = planned
        const bare = deepFreeze(unplannedTrial({ id, workspaceId, userId, anonymousId }, playbook, now))
        const [together, expected] = [
          reduceAll(bare, commands, playbook, now),
          oneByOne(deepFreeze(planned), commands),
        ]
        expect(together.outcome).toEqual(expected.outcome)
        if (together.outcome.ok) expect(together.trial).toEqual(expected.trial)
        else expect(together.trial).toBe(bare)
      }),
    )
  })

  it('come to what they come to one after the other, where they are about people of a company', () => {
    const users = ['ann', 'bea', '__proto__'] as const
    const user = fc.constantFrom(...users)
    const ofMember: fc.Arbitrary<Command> = fc.oneof(
      fc.record({ type: fc.constantFrom('join', 'leave'), userId: user, at: fc.constant(now - dayMs) }),
      fc.record({ userId: user, name: fc.constantFrom('Ann', 'Bea'), endsIn: days }).map(
        ({ userId, name, endsIn }): Command => ({
          type: 'describe',
          by: api,
          userId,
          patch: {
            name,
            email: address(`${userId.replaceAll('_', '')}@acme.example`),
            ...(endsIn > 0 && { trial: { endsAt: now + endsIn * dayMs } }),
          },
        }),
      ),
      fc.record({ actor: user, at: days }).map(
        ({ actor, at }): Command => ({
          type: 'track',
          events: [event('Board Created', now + Math.min(0, at) * dayMs, { actor })],
        }),
      ),
      user.map((userId): Command => ({ type: 'suppress', reason: 'unsubscribed', userId })),
      user.map((userId): Command => ({ type: 'pause', until: now + dayMs, userId })),
      command,
    )
    fc.assert(
      fc.property(
        fc.array(ofMember, { maxLength: 5 }),
        fc.array(ofMember, { maxLength: 5 }),
        (past, commands) => {
          const made = companyTrial(ofCompanies, now - 10 * dayMs)
          const stored = deepFreeze({ ...oneByOne(made, past, ofCompanies).trial, version: 1 })
          expect(reduceAll(stored, commands, ofCompanies, now)).toEqual(
            oneByOne(stored, commands, ofCompanies),
          )
        },
      ),
    )
  })
})
