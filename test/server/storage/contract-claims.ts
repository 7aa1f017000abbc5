import { expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import type { Storage } from '../../../server/storage/port.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { buildTrial } from '../../support/build-trial.ts'
import { type Both, newWorkspace } from './contract-support.ts'

/** Long past, so that leases end only where a test lets them. */
const longMs = 600_000

/** Due trials are found across workspaces, so each test clears what it made. */
export function describeClaims(both: Both): void {
  async function seedDue(nextAts: readonly (number | null)[], workspaceId: WorkspaceId = newWorkspace()) {
    const { storage } = both()
    const saved: Trial[] = []
    for (const [index, nextAt] of nextAts.entries())
      saved.push((await storage.trials.save(buildTrial({ workspaceId, userId: `u${index}`, nextAt })))!)
    return {
      trials: saved,
      clear: async () => {
        for (const { id } of saved) await storage.trials.erase(id)
      },
    }
  }

  /** Waits by the clock that counts for leases. */
  async function untilOver(storage: Storage, leaseMs: number): Promise<void> {
    const end = (await storage.now()) + leaseMs
    while ((await storage.now()) <= end) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('leases what is due, earliest first, up to the limit', async () => {
    const { storage } = both()
    const { clear } = await seedDue([30, 10, null, 20, 99])
    const claimed = await storage.trials.claimDue({ owner: 'w', now: 50, limit: 2, leaseMs: longMs })
    expect(claimed.map(({ trial }) => trial.nextAt)).toEqual([10, 20])
    const rest = await storage.trials.claimDue({ owner: 'w', now: 50, limit: 9, leaseMs: longMs })
    expect(rest.map(({ trial }) => trial.nextAt)).toEqual([30])
    await clear()
  })

  it('leases each of 60 trials to one of four workers on two handles', async () => {
    const handles = Object.values(both())
    const { trials, clear } = await seedDue(Array.from({ length: 60 }, (_, index) => index))
    const claims = await Promise.all(
      Array.from({ length: 4 }, async (_, worker) => {
        const own = []
        for (let misses = 0; misses < 3; ) {
          const some = await handles[worker % 2]!.trials.claimDue({
            owner: `w${worker}`,
            now: 100,
            limit: 7,
            leaseMs: longMs,
          })
          own.push(...some.map(({ trial }) => trial.id))
          if (some.length === 0) misses++
        }
        return own
      }),
    )
    expect(claims.flat().toSorted()).toEqual(trials.map(({ id }) => id).toSorted())
    await clear()
  })

  it('grants a single trial to one of many who ask at once', async () => {
    const handles = Object.values(both())
    const { trials, clear } = await seedDue([null])
    const granted = await Promise.all(
      Array.from({ length: 16 }, (_, worker) =>
        handles[worker % 2]!.trials.claim(trials[0]!.id, { owner: `w${worker}`, leaseMs: longMs }),
      ),
    )
    expect(granted.filter((lease) => lease !== null)).toHaveLength(1)
    await clear()
  })

  it('lets go of a lease that is given back, and only of that one', async () => {
    const { storage, second } = both()
    const { trials, clear } = await seedDue([10])
    const id = trials[0]!.id
    const lease = (await storage.trials.claim(id, { owner: 'w', leaseMs: longMs }))!
    expect(lease.trial).toEqual(trials[0])
    expect(await second.trials.holds(id, lease.fence)).toBe(true)
    await second.trials.release(id, lease.fence - 1)
    expect(await second.trials.claim(id, { owner: 'v', leaseMs: longMs })).toBeNull()
    await storage.trials.release(id, lease.fence)
    expect(await second.trials.holds(id, lease.fence)).toBe(false)
    expect(await storage.trials.save(lease.trial, lease.fence)).toBeNull()
    const [next] = await second.trials.claimDue({ owner: 'v', now: 10, limit: 1, leaseMs: longMs })
    expect(next!.fence).toBeGreaterThan(lease.fence)
    await storage.trials.release(id, lease.fence)
    expect(await second.trials.holds(id, next!.fence)).toBe(true)
    await clear()
  })

  it('passes a trial on once its lease is over, and refuses the late worker', async () => {
    const { storage, second } = both()
    const { trials, clear } = await seedDue([10])
    const id = trials[0]!.id
    const late = (await storage.trials.claim(id, { owner: 'late', leaseMs: 20 }))!
    await untilOver(storage, 20)
    expect(await storage.trials.holds(id, late.fence)).toBe(true)
    const saved = (await storage.trials.save(late.trial, late.fence))!
    const next = (await second.trials.claim(id, { owner: 'next', leaseMs: longMs }))!
    expect(await storage.trials.holds(id, late.fence)).toBe(false)
    expect(await storage.trials.save(saved, late.fence)).toBeNull()
    await storage.trials.release(id, late.fence)
    expect((await second.trials.save(next.trial, next.fence))?.version).toBe(next.trial.version + 1)
    await clear()
  })

  it('keeps a lease over saves without a fence', async () => {
    const { storage, second } = both()
    const { trials, clear } = await seedDue([10])
    const lease = (await storage.trials.claim(trials[0]!.id, { owner: 'w', leaseMs: longMs }))!
    const changed = (await second.trials.save({ ...trials[0]!, nextAt: 20 }))!
    expect(await storage.trials.save(lease.trial, lease.fence)).toBeNull()
    expect(await storage.trials.holds(lease.trial.id, lease.fence)).toBe(true)
    expect((await storage.trials.save(changed, lease.fence))?.version).toBe(3)
    await clear()
  })

  it('tells when to look again', async () => {
    const { storage, second } = both()
    expect(await storage.trials.nextDueAt()).toBeNull()
    const { trials, clear } = await seedDue([700, null, 500])
    expect(await second.trials.nextDueAt()).toBe(500)
    const startedAt = await storage.now()
    await storage.trials.claimDue({ owner: 'w', now: 600, limit: 5, leaseMs: longMs })
    expect(await second.trials.nextDueAt()).toBe(700)
    await storage.trials.claimDue({ owner: 'w', now: 800, limit: 5, leaseMs: longMs })
    expect(await second.trials.nextDueAt()).toBeGreaterThanOrEqual(startedAt + longMs)
    const [first] = trials
    await second.trials.save({ ...first!, nextAt: null })
    await storage.trials.erase(trials[2]!.id)
    expect(await second.trials.nextDueAt()).toBeNull()
    await clear()
  })
}
