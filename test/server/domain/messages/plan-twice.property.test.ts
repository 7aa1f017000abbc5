import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { planMessages } from '../../../../server/domain/messages/plan.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { history, play } from '../../../support/history.ts'
import { compiled, live } from '../../../support/life.ts'
import { naivePlan } from './naive-plan.ts'

const playbook = compiled()

/** Comparisons made in the default run; every history is looked at after each of its steps and at its end. */
const comparisons = Number(process.env.TRIALPACE_PLAN_COMPARISONS ?? 4000)

vi.setConfig({ testTimeout: 120_000 + 50 * comparisons })

const isIdle = (trial: Trial) =>
  trial.outbox.every(({ state }) => state !== 'due' && state !== 'claimed' && state !== 'dot')

function compare(trial: Trial, now: number): void {
  const plan = planMessages(trial, playbook, now)
  const naive = naivePlan(trial, playbook, now)
  expect(plan.due.map(({ rule }) => rule.id).sort()).toEqual(naive.going)
  expect(
    Object.fromEntries(plan.settled.map(({ candidate, outcome }) => [candidate.rule.id, outcome])),
  ).toEqual(naive.settled)
  const later = plan.upcoming.filter(({ at }) => at > now).map(({ ruleId, at }) => [ruleId, at])
  expect(Object.fromEntries(later)).toEqual(
    Object.fromEntries(naive.coming.map(({ ruleId, at }) => [ruleId, at])),
  )
  if (naive.coming.length > 0)
    expect(plan.nextAt).toBeLessThanOrEqual(Math.min(...naive.coming.map(({ at }) => at)))
}

it(`agrees with a second implementation in ${comparisons} situations`, () => {
  let compared = 0
  const look = (trial: Trial, now: number) => {
    if (!isIdle(trial) || trial.clock.status === 'converted' || trial.person.email === null) return
    if (trial.contact.suppressed || trial.person.consent.mail === false) return
    compare(trial, now)
    compared++
  }
  // Other histories in each round; a failure names its seed.
  let seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31)
  while (compared < comparisons) {
    fc.assert(
      fc.property(history(), fc.integer({ min: 0, max: 20 * 24 * 60 }), (past, later) => {
        const life = live(playbook, past.startsAt)
        play(life, past, ({ trial, now }) => look(trial, now))
        look(life.trial, life.now)
        // As if the server had been down for a while.
        look(life.trial, life.now + later * 60_000)
        life.until(life.now + 3 * dayMs)
        look(life.trial, life.now)
      }),
      { numRuns: 50, seed: seed++ },
    )
  }
  expect(compared).toBeGreaterThanOrEqual(comparisons)
})
