import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Trial } from '../../server/domain/model.ts'
import type { Storage, TrialQuery } from '../../server/storage/port.ts'
import { type TrialId, trialIdOfAnonymous, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../support/build-event.ts'
import { buildTrial, someTime } from '../support/build-trial.ts'
import type { TestDatabase } from '../support/storages.ts'
import { describeClaims } from './contract-claims.ts'
import { describeDocuments } from './contract-documents.ts'
import { awkward, newWorkspace } from './contract-support.ts'

/** What every storage must do, whatever it is made of. Each test has a workspace of its own. */
export function describeStorage(createDatabase: () => Promise<TestDatabase>): void {
  let database: TestDatabase
  let storage: Storage
  let second: Storage
  beforeAll(async () => {
    database = await createDatabase()
    storage = await database.open()
    second = await database.open()
  })
  afterAll(() => database.remove())
  const both = () => ({ storage, second })

  describe('ingest', () => describeIngest(both))
  describe('trials', () => describeTrials(both))
  describe('trial lists', () => describeLists(both))
  describe('leases', () => describeClaims(both))
  describe('event log', () => describeEventLog(both))
  describe('documents', () => describeDocuments(both))

  it('answers a ping and tells the time', async () => {
    await storage.ping()
    expect(Math.abs((await storage.now()) - Date.now())).toBeLessThan(60_000)
  })
}

type Both = () => { storage: Storage; second: Storage }

function describeIngest(both: Both): void {
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

function describeTrials(both: Both): void {
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

function describeLists(both: Both): void {
  const sorts: TrialQuery['sort'][] = ['endsAt', 'score', 'lastSeenAt', 'createdAt']

  async function seed(workspaceId: WorkspaceId): Promise<Trial[]> {
    const { storage } = both()
    const trials: Trial[] = []
    for (let index = 0; index < 12; index++) {
      const trial = buildTrial({
        workspaceId,
        userId: `user-${String(index).padStart(2, '0')}`,
        createdAt: someTime + (index % 5) * 1000,
        clock: { endsAt: index % 4 === 0 ? null : someTime + (index % 3) * 86_400_000 },
        standing: { score: index % 4, segment: index % 2 ? 'exploring' : 'activated' },
        usage: { lastSeenAt: index === 7 ? null : someTime + (index % 6) * 2_000_000 },
      })
      trials.push((await storage.trials.save(trial))!)
    }
    return trials
  }

  const sortValue = (trial: Trial, sort: string): number =>
    ({
      endsAt: trial.clock.endsAt ?? Number.POSITIVE_INFINITY,
      score: trial.standing.score,
      lastSeenAt: trial.usage.lastSeenAt ?? 0,
      createdAt: trial.createdAt,
    })[sort]!

  it('pages through each order without skipping or repeating, equal ones by id', async () => {
    const workspaceId = newWorkspace()
    const trials = await seed(workspaceId)
    for (const field of sorts)
      for (const sign of [1, -1]) {
        const sort = (sign === 1 ? field : `-${field}`) as TrialQuery['sort']
        const expected = trials
          .toSorted((a, b) => {
            const [left, right] = [sortValue(a, field), sortValue(b, field)]
            const order = left === right ? (a.id < b.id ? -1 : 1) : left < right ? -1 : 1
            return order * sign
          })
          .map(({ id }) => id)
        const seen: TrialId[] = []
        let cursor: string | null = null
        do {
          const query: TrialQuery = { workspaceId, sort, limit: 5, ...(cursor ? { cursor } : {}) }
          const page = await both().storage.trials.list(query)
          seen.push(...page.trials.map(({ id }) => id))
          cursor = page.cursor
        } while (cursor)
        expect(seen, sort).toEqual(expected)
      }
  })

  it('filters by segment, pace, status, address and text, and follows what changes', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const build = (userId: string, patch: Parameters<typeof buildTrial>[0]) =>
      buildTrial({ workspaceId, userId, ...patch })
    const ann = (await storage.trials.save(
      build('u1', {
        person: { email: 'ann@example.com' as never, name: 'Ann (Ops) [x]*', company: 'Ägir AG' },
        standing: { segment: 'activated', pace: 'ahead' },
      }),
    ))!
    await storage.trials.save(build('u2', { clock: { status: 'ended' }, person: { name: '100% Bob' } }))
    await storage.trials.save(
      buildTrial({
        workspaceId,
        userId: null,
        anonymousId: 'v',
        id: trialIdOfAnonymous(workspaceId, 'v'),
      }),
    )
    const found = async (query: Partial<TrialQuery>) => {
      const { trials } = await storage.trials.list({ workspaceId, sort: 'createdAt', limit: 10, ...query })
      return trials.map(({ userId, anonymousId }) => userId ?? anonymousId)
    }
    expect(await found({})).toEqual(['u1', 'u2'])
    expect(await found({ status: 'anonymous' })).toEqual(['v'])
    expect(await found({ status: 'ended' })).toEqual(['u2'])
    expect(await found({ segment: 'activated', pace: 'ahead' })).toEqual(['u1'])
    expect(await found({ segment: 'activated', pace: 'slow' })).toEqual([])
    expect(await found({ email: 'ann@example.com' })).toEqual(['u1'])
    for (const q of ['ANN', '(ops) [X]*', 'ägir', 'example.COM', ' u1 '])
      expect(await found({ q }), q).toEqual(['u1'])
    expect(await found({ q: '100%' })).toEqual(['u2'])
    expect(await found({ q: '.*' })).toEqual([])
    await storage.trials.save({
      ...ann,
      person: { ...ann.person, email: null, name: 'Zoe' },
      standing: { ...ann.standing, segment: 'exploring' },
    })
    expect(await found({ email: 'ann@example.com' })).toEqual([])
    expect(await found({ q: 'zoe' })).toEqual(['u1'])
    expect(await found({ segment: 'activated' })).toEqual([])
    expect(await storage.trials.countBySegment(workspaceId)).toEqual({
      opportunist: 0,
      unqualified: 0,
      unaware: 1,
      exploring: 1,
      activated: 0,
    })
  })

  it('refuses a cursor it did not give out', async () => {
    const query = { workspaceId: newWorkspace(), sort: 'score', limit: 5 } as const
    for (const cursor of ['', 'nonsense', Buffer.from('[1]').toString('base64url')])
      await expect(both().storage.trials.list({ ...query, cursor })).rejects.toThrow('cursor')
  })
}

function describeEventLog(both: Both): void {
  it('keeps events whole, oldest first, apart by subject', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const events = [3, 1, 2].map((hour) =>
      buildLogged(
        {
          messageId: `m${hour}`,
          at: someTime + hour,
          properties: awkward(),
          traits: { a: null },
          verified: true,
        },
        { workspaceId, subject: 'a:visitor', trialId: trialIdOfUser(workspaceId, 'known') },
      ),
    )
    const other = buildLogged({ messageId: 'other' }, { workspaceId, subject: 'a:visitor2' })
    await storage.ingest([...events, other], foldByCounting)
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 10)).toEqual([
      events[1],
      events[2],
      events[0],
    ])
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 1)).toEqual([events[1]])
    expect(await storage.events.eraseSubject(workspaceId, 'a:visitor')).toBe(3)
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 10)).toEqual([])
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor2', 10)).toEqual([other])
  })

  it('deletes what was received before', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const before = await storage.events.count()
    const events = Array.from({ length: 30 }, (_, index) =>
      buildLogged({ messageId: `m${index}`, receivedAt: 1000 + index }, { workspaceId }),
    )
    await storage.ingest(events, foldByCounting)
    expect(await storage.events.count()).toBe(before + 30)
    expect(await storage.events.purge(1010)).toBe(10)
    expect(await storage.events.count()).toBe(before + 20)
    const again = await storage.ingest(events, foldByCounting)
    expect([...again.duplicates].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 10),
    )
  })

  it('erases one subject of many that came together, and knows the others again', async () => {
    const { storage, second } = both()
    const workspaceId = newWorkspace()
    const events = Array.from({ length: 60 }, (_, index) =>
      buildLogged(
        { messageId: `m${index}`, at: someTime + index },
        { workspaceId, userId: `user-${index % 3}` },
      ),
    )
    const of = (user: number) => events.filter((_, index) => index % 3 === user)
    await storage.ingest(events.slice(0, 45), foldByCounting)
    await second.ingest(events.slice(30), foldByCounting)
    expect(await second.events.eraseSubject(workspaceId, 'u:user-1')).toBe(20)
    expect(await storage.events.eraseSubject(workspaceId, 'u:user-1')).toBe(0)
    expect(await storage.events.ofSubject(workspaceId, 'u:user-1', 100)).toEqual([])
    expect(await storage.events.ofSubject(workspaceId, 'u:user-0', 100)).toEqual(of(0))
    expect(await storage.events.ofSubject(workspaceId, 'u:user-2', 7)).toEqual(of(2).slice(0, 7))
    const again = await storage.ingest(events, foldByCounting)
    expect(again.duplicates.size).toBe(40)
    expect(events.filter((_, index) => !again.duplicates.has(index))).toEqual(of(1))
  })

  it('tells the copies among very many events, whatever their ids are made of', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const ids = [
      '"',
      '\\',
      "'",
      '\n',
      'a\u0000b',
      'a\u0000c',
      'ü😀',
      '[',
      '%',
      '_',
      '|',
      '',
      ' ',
      'null',
      '1',
      '01',
    ]
    const events = Array.from({ length: 1300 }, (_, index) =>
      buildLogged(
        { messageId: ids[index] ?? `m${index}`, at: someTime + index },
        { workspaceId, userId: `user-${index % 7}` },
      ),
    )
    const copies = [3, 10, 499, 500, 1299]
    const logged = [...events, ...copies.map((index) => events[index]!)]
    const { duplicates } = await storage.ingest(logged, foldByCounting)
    expect([...duplicates].sort((a, b) => a - b)).toEqual(copies.map((_, index) => 1300 + index))
    expect((await storage.ingest(logged, foldByCounting)).duplicates.size).toBe(1305)
    for (let user = 0; user < 7; user++)
      expect(await storage.events.ofSubject(workspaceId, `u:user-${user}`, 1000)).toEqual(
        events.filter((_, index) => index % 7 === user),
      )
  })
}
