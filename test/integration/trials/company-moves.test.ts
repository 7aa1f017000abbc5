import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import { createFormerIds } from '../../../server/features/collect/former-ids.ts'
import { createTrialChanges } from '../../../server/features/trials/change-trial.ts'
import { createMemberships } from '../../../server/features/trials/memberships.ts'
import type { Storage, TrialStore } from '../../../server/storage/port.ts'
import { hourMs } from '../../../shared/clock.ts'
import { trialIdOfCompany, trialIdOfUser } from '../../../shared/trial.ts'
import { workspaceId } from '../../support/build-trial.ts'
import { companyPlaybook, sumOfParts } from '../../support/companies.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { address, api, event } from '../../support/life.ts'
import { openTestStorage } from '../../support/test-storage.ts'

/** What becomes of people who change companies while others write, or while a process dies. */

const start = Date.UTC(2026, 2, 2, 9)
const compiled = companyPlaybook()
const playbooks = { current: () => compiled, newest: async () => compiled }
const companies = ['x', 'y', 'z'] as const

let folder: string
let storage: Storage

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialpace-moves-'))
  storage = await openTestStorage({ file: join(folder, 'trials.db'), now: () => start })
})
afterEach(async () => {
  await storage.close()
  await rm(folder, { recursive: true })
})

class Died extends Error {}

/** One process, with nothing in memory; it dies at its n-th write, before or after that is stored. */
function processOn(dies: { at: number; stored: boolean } = { at: 0, stored: false }) {
  let writes = 0
  const save: TrialStore['save'] = async (trial, fence) => {
    const isLast = ++writes === dies.at
    if (isLast && !dies.stored) throw new Died()
    const saved = await storage.trials.save(trial, fence)
    if (isLast) throw new Died()
    return saved
  }
  const trials: TrialStore = new Proxy(storage.trials, {
    get: (store, name) => (name === 'save' ? save : store[name as keyof TrialStore]),
  })
  const faulty: Storage = { ...storage, trials }
  const changes = createTrialChanges({ storage: faulty, playbooks, clock: createFakeClock(start + hourMs) })
  const memberships = createMemberships({ storage: faulty, changes })
  return {
    changes,
    formerIds: createFormerIds({ storage: faulty, changes, playbooks }),
    writes: () => writes,
    move: (userId: string, companyId: string, at: number) =>
      memberships.assign({ workspaceId, userId, companyId, at }),
    track: (userId: string, name: string, at = start) =>
      changes.change(
        trialIdOfUser(workspaceId, userId),
        { type: 'track', events: [event(name, at)] },
        { create: { workspaceId, userId, anonymousId: null } },
      ),
  }
}

const companyOf = (id: string) => storage.trials.get(trialIdOfCompany(workspaceId, id))
const allCompanies = async (): Promise<Trial[]> =>
  (await Promise.all(companies.map(companyOf))).filter((found) => found !== null)

/** Who belongs where, by the companies themselves. */
const places = async (): Promise<string[]> =>
  (await allCompanies())
    .flatMap(({ company }) =>
      Object.entries(company?.members ?? {}).flatMap(([userId, { left }]) =>
        left ? [] : [`${userId} in ${company?.id}`],
      ),
    )
    .sort()

/** What a person would notice of their companies, in a form that can be compared. */
const picture = async () =>
  Object.fromEntries(
    (await allCompanies()).map((trial) => [
      trial.company?.id,
      {
        total: trial.usage.total,
        start: trial.clock.startsAt,
        end: trial.clock.endsAt,
        extensions: trial.clock.extensions.length,
        members: Object.fromEntries(
          Object.entries(trial.company?.members ?? {}).map(([userId, { person, usage, left }]) => [
            userId,
            { email: person.email, total: usage.total, left: left === true },
          ]),
        ),
      },
    ]),
  )

describe('moves of one user by several processes at once', () => {
  it('end at the company that was named last, with no event lost or counted twice', async () => {
    const [one, other] = [processOn(), processOn()]
    await one.track('ann', 'Board Created')
    await Promise.all([
      one.move('ann', 'x', start + 1),
      other.move('ann', 'y', start + 2),
      one.move('ann', 'z', start + 3),
      other.move('ann', 'x', start + 4),
      one.move('ann', 'y', start + 5),
    ])
    // Whoever lost all of their tries is heard again with their next word, as collect does.
    await other.move('ann', 'y', start + 5)
    expect(await places()).toEqual(['ann in y'])
    const found = await allCompanies()
    expect(found.reduce((sum, { usage }) => sum + usage.total, 0)).toBe(1)
    for (const trial of found) expect(sumOfParts(trial).total).toBe(trial.usage.total)
  })

  it('do not stand in the way of others who join the same company', async () => {
    const processes = [processOn(), processOn()]
    const people = Array.from({ length: 12 }, (_, n) => `user-${n}`)
    await Promise.all(people.map((userId, n) => processes[n % 2]?.track(userId, 'Login')))
    await Promise.all(
      people.flatMap((userId) => processes.map((each, n) => each.move(userId, 'x', start + n))),
    )
    expect(await places()).toEqual(people.map((userId) => `${userId} in x`).sort())
    expect((await companyOf('x'))?.usage.total).toBe(people.length)
  })
})

describe('a process that dies in the middle of a move', () => {
  const live = async (dies?: { at: number; stored: boolean }) => {
    const first = processOn()
    await first.track('ann', 'Board Created')
    await first.changes.change(trialIdOfUser(workspaceId, 'ann'), {
      type: 'describe',
      by: api,
      patch: { email: address('ann@example.com') },
    })
    await first.changes.change(trialIdOfUser(workspaceId, 'ann'), {
      type: 'extend',
      id: 'e',
      days: 7,
      reason: 'asked',
      note: '',
      by: api,
    })
    const mover = processOn(dies)
    const moves = async () => {
      await mover.move('ann', 'x', start + 1)
      await mover.track('ann', 'Teammate Invited')
      await mover.move('ann', 'y', start + 2)
    }
    if (!dies) await moves()
    else await expect(moves()).rejects.toThrow(Died)
    return mover.writes()
  }

  /** The next process hears the same words again. */
  const redo = async (hasTracked: boolean) => {
    const next = processOn()
    await next.move('ann', 'x', start + 1)
    if (!hasTracked) await next.track('ann', 'Teammate Invited')
    await next.move('ann', 'y', start + 2)
    await next.track('ann', 'Login')
  }

  it.each([
    { stored: false, name: 'before it stores' },
    { stored: true, name: 'after it stored' },
  ])('loses nothing, whichever write it was: $name', async ({ stored }) => {
    const writes = await live()
    await redo(true)
    const wanted = await picture()
    expect(wanted).toMatchObject({
      x: { total: 2, members: { ann: { total: 2, left: true, email: null } } },
      y: { total: 1, members: { ann: { total: 1, left: false, email: 'ann@example.com' } } },
    })
    for (let at = 1; at <= writes; at++) {
      for (const id of [
        trialIdOfUser(workspaceId, 'ann'),
        ...companies.map((each) => trialIdOfCompany(workspaceId, each)),
      ])
        await storage.trials.erase(id)
      await live({ at, stored })
      const x = await companyOf('x')
      await redo((x?.company?.members.ann?.usage.counters['Teammate Invited']?.count ?? 0) > 0)
      expect(await picture(), `write ${at}`).toEqual(wanted)
    }
  })
})

describe('a company', () => {
  it('is told that someone leaves who never joined, and their earlier word then changes nothing', async () => {
    const { changes } = processOn()
    const id = trialIdOfCompany(workspaceId, 'x')
    const create = { workspaceId, userId: null, anonymousId: null, companyId: 'x' }
    await changes.change(id, { type: 'leave', userId: 'ann', at: start + 2 }, { create })
    await changes.change(id, { type: 'join', userId: 'ann', at: start + 1 })
    expect(await places()).toEqual([])
    await changes.change(id, { type: 'join', userId: 'ann', at: start + 3 })
    expect(await places()).toEqual(['ann in x'])
  })

  it('keeps two of its people who are said to be one: each once, with what each did', async () => {
    const { move, track, formerIds } = processOn()
    for (const userId of ['ann', 'bea']) {
      await move(userId, 'x', start)
      await track(userId, 'Login')
    }
    expect(await formerIds.join({ workspaceId, previousId: 'ann', userId: 'bea' })).toBe(true)
    await track('ann', 'Login')
    expect(await places()).toEqual(['ann in x', 'bea in x'])
    const trial = await companyOf('x')
    expect(trial?.usage.total).toBe(3)
    expect(trial && sumOfParts(trial).total).toBe(3)
  })
})
