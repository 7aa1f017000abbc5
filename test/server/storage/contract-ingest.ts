import { expect, it } from 'vitest'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { someTime } from '../../support/build-trial.ts'
import { type Both, newWorkspace } from './contract-support.ts'

/** Every event is logged and folded once, whatever comes together. */
export function describeIngest(both: Both): void {
  it('logs and folds each event once, however often it comes', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const a = buildLogged({ messageId: 'a' }, { workspaceId })
    const b = buildLogged({ messageId: 'b' }, { workspaceId })
    const c = buildLogged({ messageId: 'c' }, { workspaceId })
    const first = await storage.ingest([a, b, a], foldByCounting)
    expect([...first.duplicates]).toEqual([2])
    const again = await storage.ingest([b, c, a], foldByCounting)
    expect([...again.duplicates].sort()).toEqual([0, 2])
    expect(again.trials.get(a.trialId)).toEqual(await storage.trials.get(a.trialId))
    expect((await storage.trials.get(a.trialId))?.absorbed).toEqual(['a', 'b', 'c'])
    expect((await storage.ingest([a, b, c], foldByCounting)).trials.size).toBe(0)
  })

  it('answers nothing with nothing', async () => {
    expect(await both().storage.ingest([], foldByCounting)).toEqual({
      duplicates: new Set(),
      trials: new Map(),
    })
  })

  it('folds a batch of several people into each of them, in order', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const events = Array.from({ length: 130 }, (_, index) =>
      buildLogged({ messageId: `m${index}` }, { workspaceId, userId: `user-${index % 3}` }),
    )
    const { trials } = await storage.ingest(events, foldByCounting)
    expect(trials.size).toBe(3)
    for (const [id, trial] of trials) {
      const own = events.filter(({ trialId }) => trialId === id).map(({ event }) => event.messageId)
      expect(trial.absorbed).toEqual(own)
      expect(trial.version).toBe(1)
    }
  })

  it('takes the same message id of other people, and look-alike keys, for other events', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const id = trialIdOfUser(workspaceId, 'x')
    const events = [
      buildLogged({ messageId: 'm' }, { workspaceId, subject: 'u:a', trialId: id }),
      buildLogged({ messageId: 'm' }, { workspaceId, subject: 'a:a', trialId: id }),
      buildLogged({ messageId: 'c|m' }, { workspaceId, subject: 'u:a', trialId: id }),
      buildLogged({ messageId: 'm' }, { workspaceId, subject: 'u:a|c', trialId: id }),
      buildLogged({ messageId: 'm' }, { workspaceId, subject: 'u:a%7Cc', trialId: id }),
    ]
    const { duplicates, trials } = await storage.ingest(events, foldByCounting)
    expect(duplicates.size).toBe(0)
    expect(trials.get(id)?.usage.total).toBe(5)
    for (const event of events)
      expect(await storage.events.ofSubject(workspaceId, event.subject, 10)).toContainEqual(event)
  })

  it('loses and doubles nothing when two handles fold into one trial at once', async () => {
    const workspaceId = newWorkspace()
    const handles = Object.values(both())
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 5 }, (_, index) =>
        // Every second batch is a copy of the one before.
        buildLogged({ messageId: `${Math.floor(batch / 2)}-${index}` }, { workspaceId }),
      ),
    )
    await Promise.all(batches.map((batch, index) => handles[index % 2]!.ingest(batch, foldByCounting)))
    const trial = await handles[0]!.trials.get(trialIdOfUser(workspaceId, 'user-1'))
    expect(new Set(trial?.absorbed).size).toBe(50)
    expect(trial?.absorbed.length).toBe(50)
  })

  it('folds into what someone else has saved in between', async () => {
    const { storage, second } = both()
    const workspaceId = newWorkspace()
    const { trials } = await storage.ingest(
      [buildLogged({ messageId: 'a' }, { workspaceId })],
      foldByCounting,
    )
    const [trial] = trials.values()
    await second.trials.save({ ...trial!, survey: { answer: 'yes', at: someTime, comment: null } })
    await storage.ingest([buildLogged({ messageId: 'b' }, { workspaceId })], foldByCounting)
    const now = await storage.trials.get(trial!.id)
    expect(now).toMatchObject({ version: 3, survey: { answer: 'yes' }, absorbed: ['a', 'b'] })
  })
}
