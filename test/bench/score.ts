import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { reduce } from '../../server/domain/reducer/reduce.ts'
import type { TrackedEvent, Trial } from '../../server/domain/trial/model.ts'
import { dayMs, minuteMs } from '../../shared/clock.ts'
import { companyPlaybook, companyTrial } from '../support/companies.ts'
import { address, api, compiled, trialOf } from '../support/life.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast, metAtMost } from './report.ts'

/**
 * What an event costs in the domain: usage, milestones, pace, score with reasons, segment, and the message plan
 * when the events can have changed it. Events come in batches of 20 for one person, as the collect handler folds
 * them; or for one company, from several of its people. The trials of the large population are read back from JSON one after the other, so that none of them is warm
 * in any cache.
 */

setFlagsFromString('--expose-gc')
/** Clears away what making the population left, so that it is not counted as the cost of folding. */
const collectGarbage = runInNewContext('gc') as () => void

const batchEvents = 20
const rounds = 7
const batchesPerRound = 4000
const now = Date.UTC(2026, 2, 9, 9)
const names = [
  'Login',
  'Card Moved',
  'Card Completed',
  'Board Viewed',
  'Comment Added',
  'Automation Attempted',
]
const playbook = compiled()
const ofCompanies = companyPlaybook({}, { buyer: { roles: ['owner'] } })
const teamSize = 5

function batch(from: number, seed: number): TrackedEvent[] {
  return Array.from({ length: batchEvents }, (_, index) => {
    const at = from + index * 1000
    return {
      messageId: `m${seed}-${index}`,
      type: 'track',
      name: names[(seed * 7 + index * 3) % names.length] as string,
      at,
      receivedAt: at,
      verified: true,
      properties: {},
      traits: {},
    }
  })
}

/** A person some active days into the trial, last seen an hour ago, as the storage would hand them over. */
function lived(n: number): Trial {
  const days = 1 + (n % 6)
  const start = now - (days - 1) * dayMs - 60 * minuteMs
  let trial = trialOf(playbook, start, `user-${n}`)
  const patch = {
    email: address(`u${n}@example.com`),
    timeZone: 'Europe/Berlin',
    traits: { employees: n % 40 },
  }
  trial = reduce(trial, { type: 'describe', patch, by: api }, playbook, start).trial
  for (let day = 0; day < days; day++) {
    const at = start + day * dayMs
    trial = reduce(trial, { type: 'track', events: batch(at, n + day) }, playbook, at + minuteMs).trial
  }
  return { ...trial, version: 7 }
}

/** The same life, lived by a team. */
function livedTogether(n: number): Trial {
  const days = 1 + (n % 6)
  const start = now - (days - 1) * dayMs - 60 * minuteMs
  let trial = companyTrial(ofCompanies, start, `company-${n}`)
  for (let member = 0; member < teamSize; member++) {
    const userId = `user-${n}-${member}`
    trial = reduce(trial, { type: 'join', userId, at: start }, ofCompanies, start).trial
    const patch = { email: address(`u${n}-${member}@example.com`), timeZone: 'Europe/Berlin' }
    trial = reduce(trial, { type: 'describe', patch, by: api, userId }, ofCompanies, start).trial
  }
  for (let day = 0; day < days; day++) {
    const at = start + day * dayMs
    const events = byTeam(batch(at, n + day), n)
    trial = reduce(trial, { type: 'track', events }, ofCompanies, at + minuteMs).trial
  }
  return { ...trial, version: 7 }
}

const byTeam = (events: readonly TrackedEvent[], n: number): TrackedEvent[] =>
  events.map((event, index) => ({ ...event, actor: `user-${n}-${index % teamSize}` }))

/** @returns µs of processor time (what else runs on the machine does not count) per event over one round of batches, each for the next trial of the population. */
function round(trials: Trial[], batches: readonly TrackedEvent[][], by = playbook): number {
  collectGarbage()
  const from = process.cpuUsage()
  let kept = 0
  for (let index = 0; index < batches.length; index++) {
    const trial = trials[index % trials.length] as Trial
    const events = batches[index] as TrackedEvent[]
    const folded = reduce(trial, { type: 'track', events }, by, now).trial
    trials[index % trials.length] = folded
    kept += folded.usage.total
  }
  const { user, system } = process.cpuUsage(from)
  if (kept === 0) throw new Error('nothing was folded')
  return (user + system) / (batches.length * batchEvents)
}

export async function run(): Promise<BenchReport> {
  const batches = Array.from({ length: batchesPerRound }, (_, index) => batch(now - minuteMs, index))
  const warm = Array.from({ length: 1000 }, (_, index) => lived(index))
  const frozen = warm.map((trial) => JSON.stringify(trial))
  round(warm, batches)
  const teams = warm.map((_, index) => livedTogether(index))
  const teamBatches = batches.map((events, index) => byTeam(events, index % teams.length))
  round(teams, teamBatches, ofCompanies)
  const companies: number[] = []
  const small: number[] = []
  const large: number[] = []
  for (let index = 0; index < rounds; index++) {
    small.push(round(warm, batches))
    companies.push(round(teams, teamBatches, ofCompanies))
    // As many different objects as there are batches, made afresh: what a million trials look like to the processor.
    const cold = batches.map((_, n) => JSON.parse(frozen[n % frozen.length] as string) as Trial)
    large.push(round(cold, batches))
  }
  return {
    bench: 'score',
    rows: [
      medianRow('1,000 trials', small, 'µs/event'),
      medianRow(`1,000 companies of ${teamSize}`, companies, 'µs/event'),
      medianRow('1,000,000 trials (each one cold)', large, 'µs/event'),
    ],
    checks: [
      metAtLeast('companies beside persons, events per µs', medianOf(small) / medianOf(companies), 0.8),
      metAtMost('scoring cost, µs per event', medianOf(large), 2),
      metAtMost('1M trials against 1k', medianOf(large) / medianOf(small), 1.3),
    ],
  }
}
