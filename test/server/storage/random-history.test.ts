import fc from 'fast-check'
import { describe, expect, inject, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import { anyDocuments, type Leased, type Storage, type TrialQuery } from '../../../server/storage/port.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { buildTrial, someTime } from '../../support/build-trial.ts'
import { mongoDatabase, sqliteDatabase } from '../../support/storages.ts'

/**
 * The same random history on both databases: each answer of one must be the answer of the other. Few people, few
 * message ids and stale copies on purpose, so that duplicates, conflicts and lost leases are the rule.
 */
const mongodb = inject('mongodb')
const histories = 40
const commandsEach = 60

/** What one database has answered so far; commands refer to it by position, so both see the same ones. */
interface Side {
  readonly storage: Storage
  readonly workspaceId: WorkspaceId
  readonly copies: Trial[]
  readonly leases: Leased[]
}

/** @returns the answer in a form that does not depend on the database: fences become positions. */
type Command = (side: Side) => Promise<unknown>

const user = fc.integer({ min: 0, max: 4 }).map((index) => `user-${index}`)
const position = fc.nat({ max: 1000 })
const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(list.length, 1)]

/** Of both kinds of ids that a database may keep apart: those that begin with a time, and others. */
const messageIdOf = (index: number): string =>
  index % 2 === 0 ? `m${index}` : `0197a3b2-1c00-7000-8000-${String(index).padStart(12, '0')}`

const ingest: fc.Arbitrary<Command> = fc
  .array(fc.record({ userId: user, messageId: fc.integer({ min: 0, max: 15 }) }), { maxLength: 6 })
  .map((events) => async ({ storage, workspaceId, copies }) => {
    const logged = events.map(({ userId, messageId }) =>
      buildLogged({ messageId: messageIdOf(messageId), at: someTime + messageId }, { workspaceId, userId }),
    )
    const { duplicates, trials } = await storage.ingest(logged, foldByCounting)
    copies.push(...trials.values())
    return { duplicates: [...duplicates].sort(), trials: [...trials.values()].sort(byId) }
  })

const save: fc.Arbitrary<Command> = fc
  .record({
    index: position,
    lease: fc.option(position),
    nextAt: fc.option(fc.integer({ min: 0, max: 50 })),
    score: fc.integer({ min: 0, max: 3 }),
    endsAt: fc.option(fc.integer({ min: 0, max: 3 })),
    email: fc.option(fc.constantFrom('a@b.cd', 'x@y.zz')),
  })
  .map(({ index, lease, nextAt, score, endsAt, email }) => async ({ storage, copies, leases }) => {
    const copy = at(copies, index)
    if (!copy) return null
    const own = leases.filter(({ trial }) => trial.id === copy.id)
    const fence = lease === null ? undefined : at(own, lease)?.fence
    const saved = await storage.trials.save(
      {
        ...copy,
        nextAt,
        standing: { ...copy.standing, score },
        clock: { ...copy.clock, endsAt },
        person: { ...copy.person, email: email as never },
      },
      fence,
    )
    if (saved) copies.push(saved)
    return saved
  })

const create: fc.Arbitrary<Command> = user.map((userId) => async ({ storage, workspaceId, copies }) => {
  const saved = await storage.trials.save(buildTrial({ workspaceId, userId }))
  if (saved) copies.push(saved)
  return saved
})

const claimDue: fc.Arbitrary<Command> = fc
  .record({ now: fc.integer({ min: 0, max: 50 }), limit: fc.integer({ min: 1, max: 10 }) })
  .map(({ now }) => async ({ storage, leases }) => {
    // Equal due times have no promised order, so all are taken and sorted.
    const claimed = await storage.trials.claimDue({ owner: 'w', now, limit: 100, leaseMs: 600_000 })
    const sorted = claimed.toSorted((a, b) => byId(a.trial, b.trial))
    leases.push(...sorted)
    return sorted.map(({ trial }) => trial)
  })

const claim: fc.Arbitrary<Command> = user.map((userId) => async ({ storage, workspaceId, leases }) => {
  const lease = await storage.trials.claim(trialIdOfUser(workspaceId, userId), {
    owner: 'w',
    leaseMs: 600_000,
  })
  if (lease) leases.push(lease)
  return lease?.trial
})

const holds: fc.Arbitrary<Command> = position.map((index) => async ({ storage, leases }) => {
  const lease = at(leases, index)
  return lease && storage.trials.holds(lease.trial.id, lease.fence)
})

const release: fc.Arbitrary<Command> = position.map((index) => async ({ storage, leases }) => {
  const lease = at(leases, index)
  if (lease) await storage.trials.release(lease.trial.id, lease.fence)
})

const erase: fc.Arbitrary<Command> = user.map(
  (userId) =>
    ({ storage, workspaceId }) =>
      storage.trials.erase(trialIdOfUser(workspaceId, userId)),
)

const eraseEvents: fc.Arbitrary<Command> = user.map(
  (userId) =>
    ({ storage, workspaceId }) =>
      storage.events.eraseSubject(workspaceId, `u:${userId}`),
)

const list: fc.Arbitrary<Command> = fc
  .record({
    sort: fc.constantFrom<TrialQuery['sort']>(
      'endsAt',
      '-endsAt',
      'score',
      '-score',
      'lastSeenAt',
      '-lastSeenAt',
      '-createdAt',
    ),
    limit: fc.integer({ min: 1, max: 4 }),
    q: fc.option(fc.constantFrom('USER-1', 'x@y', '.'), { nil: undefined }),
  })
  .map(({ sort, limit, q }) => async ({ storage, workspaceId }) => {
    const query: TrialQuery = { workspaceId, sort, limit, ...(q === undefined ? {} : { q }) }
    const first = await storage.trials.list(query)
    if (!first.cursor) return first
    return [first, await storage.trials.list({ ...query, cursor: first.cursor })]
  })

const look: fc.Arbitrary<Command> = user.map((userId) => async ({ storage, workspaceId }) => ({
  trial: await storage.trials.get(trialIdOfUser(workspaceId, userId)),
  all: await storage.trials.scan(workspaceId, null, 100),
  counts: await storage.trials.countBySegment(workspaceId),
  events: await storage.events.ofSubject(workspaceId, `u:${userId}`, 3),
}))

const documents: fc.Arbitrary<Command> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'b/c'),
    expected: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    body: fc.jsonValue(),
    remove: fc.boolean(),
  })
  .map(({ id, expected, body, remove }) => async ({ storage, workspaceId }) => ({
    put: await anyDocuments(storage.documents).put(workspaceId, id, body, expected),
    removed: remove && (await anyDocuments(storage.documents).delete(workspaceId, id)),
    list: await anyDocuments(storage.documents).list(workspaceId, { limit: 2, reverse: remove }),
  }))

const byId = (a: { id: TrialId }, b: { id: TrialId }): number => (a.id < b.id ? -1 : 1)

const history = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: ingest },
    { weight: 4, arbitrary: save },
    create,
    claimDue,
    claim,
    holds,
    release,
    { weight: 1, arbitrary: erase },
    eraseEvents,
    list,
    look,
    documents,
  ),
  { minLength: commandsEach, maxLength: commandsEach },
)

describe.skipIf(!mongodb)('SQLite and MongoDB', () => {
  it('answer alike to any history', async () => {
    const databases = [await sqliteDatabase(), await mongoDatabase(mongodb!.uri)]
    const storages = await Promise.all(databases.map((database) => database.open()))
    let run = 0
    try {
      await fc.assert(
        fc.asyncProperty(history, async (commands) => {
          const workspaceId = `w${run++}` as WorkspaceId
          const sides = storages.map((storage): Side => ({ storage, workspaceId, copies: [], leases: [] }))
          for (const command of commands) {
            const [left, right] = await Promise.all(sides.map(command))
            expect(left).toEqual(right)
          }
          await Promise.all(
            sides.map(async ({ storage }) => {
              for (const { id } of await storage.trials.scan(workspaceId, null, 100))
                await storage.trials.erase(id)
            }),
          )
        }),
        // A history is long, so shrinking one would outlast the run; the seed brings it back.
        { numRuns: histories, endOnFailure: true },
      )
    } finally {
      for (const database of databases) await database.remove()
    }
  }, 240_000)
})
