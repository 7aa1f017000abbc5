import { expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { buildTrial, someTime } from '../../support/build-trial.ts'
import { awkward, type Both, newWorkspace } from './contract-support.ts'

/** One trial is saved whole, by one writer at a time. */
export function describeTrials(both: Both): void {
  it('gives back exactly what was saved, whatever the keys and values', async () => {
    const { storage, second } = both()
    const workspaceId = newWorkspace()
    const trial = buildTrial({
      workspaceId,
      id: trialIdOfUser(workspaceId, 'ü|:%/"\\$.😀'),
      person: { traits: awkward() },
      nextAt: someTime,
    })
    const saved = await storage.trials.save(trial)
    expect(saved).toEqual({ ...trial, version: 1 })
    expect(await second.trials.get(trial.id)).toEqual(saved)
    expect(Object.hasOwn((await second.trials.get(trial.id))!.person.traits, '__proto__')).toBe(true)
    await storage.trials.erase(trial.id)
  })

  it('knows nothing of a trial that is not there', async () => {
    const { storage } = both()
    const id = trialIdOfUser(newWorkspace(), 'nobody')
    expect(await storage.trials.get(id)).toBeNull()
    expect(await storage.trials.claim(id, { owner: 'w', leaseMs: 1000 })).toBeNull()
    expect(await storage.trials.holds(id, 1)).toBe(false)
    expect(await storage.trials.erase(id)).toBe(false)
    expect(await storage.trials.save(buildTrial({ id, version: 3 }))).toBeNull()
  })

  it('loads and saves many at once, each over the version it was loaded with', async () => {
    const { storage, second } = both()
    const workspaceId = newWorkspace()
    const ids = Array.from({ length: 30 }, (_, n) => trialIdOfUser(workspaceId, `many-${n}`))
    const fresh = ids.map((id) => buildTrial({ workspaceId, id }))
    expect((await storage.trials.saveAll(fresh)).every((saved) => saved?.version === 1)).toBe(true)
    const loaded = await second.trials.getAll([...ids, trialIdOfUser(workspaceId, 'not there')])
    expect(loaded.map(({ id }) => id).sort()).toEqual([...ids].sort())
    await storage.trials.save(loaded[0]!)
    const again = await second.trials.saveAll(loaded)
    expect(again[0]).toBeNull()
    expect(again.slice(1).every((saved) => saved?.version === 2)).toBe(true)
  })

  it('saves only over the version it was loaded with', async () => {
    const { storage, second } = both()
    const trial = buildTrial({ workspaceId: newWorkspace() })
    const first = await storage.trials.save(trial)
    expect(await second.trials.save(trial)).toBeNull()
    expect((await second.trials.save(first!))?.version).toBe(2)
    expect(await storage.trials.save(first!)).toBeNull()
    expect((await storage.trials.get(trial.id))?.version).toBe(2)
  })

  it('loses none of 32 writers × 10 compare-and-sets', async () => {
    const handles = Object.values(both())
    const trial = buildTrial({ workspaceId: newWorkspace() })
    await handles[0]!.trials.save(trial)
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      const { trials } = handles[writer % 2]!
      for (let done = 0; done < 10; ) {
        const current = (await trials.get(trial.id))!
        if (await trials.save({ ...current, absorbed: [...current.absorbed, `${writer}-${done}`] })) done++
      }
    })
    await Promise.all(writers)
    const last = await handles[0]!.trials.get(trial.id)
    expect(last?.version).toBe(321)
    expect(new Set(last?.absorbed).size).toBe(320)
  })

  it('forgets an erased trial, its lease too', async () => {
    const { storage, second } = both()
    const trial = buildTrial({ workspaceId: newWorkspace() })
    await storage.trials.save(trial)
    const lease = await storage.trials.claim(trial.id, { owner: 'w', leaseMs: 60_000 })
    expect(await second.trials.erase(trial.id)).toBe(true)
    expect(await storage.trials.get(trial.id)).toBeNull()
    await storage.trials.save(trial)
    expect(await storage.trials.holds(trial.id, lease!.fence)).toBe(false)
    const next = await second.trials.claim(trial.id, { owner: 'v', leaseMs: 60_000 })
    expect(next?.fence).toBeGreaterThan(lease!.fence)
  })

  it('pages through one workspace in id order', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const neighbour = `${workspaceId}x` as WorkspaceId
    const users = ['d', 'b', 'a', 'c', 'e']
    for (const userId of users) await storage.trials.save(buildTrial({ workspaceId, userId }))
    await storage.trials.save(buildTrial({ workspaceId: neighbour }))
    const seen: (string | null)[] = []
    for (let after: TrialId | null = null; ; ) {
      const page: Trial[] = await storage.trials.scan(workspaceId, after, 2)
      if (page.length === 0) break
      seen.push(...page.map(({ userId }) => userId))
      after = page.at(-1)!.id
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
}
