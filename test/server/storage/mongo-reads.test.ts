import mongoose from 'mongoose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { TrialQuery } from '../../../server/storage/port.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { buildTrial, workspaceId } from '../../support/build-trial.ts'
import type { SentCommand } from '../../support/mongo-rules.ts'
import { mongoDatabase } from '../../support/storages.ts'

const note = { at: 1, by: 'Dana', text: 'Called.' }

const mongodb = inject('mongodb')
const people = 400

/** What the driver adds, and `explain` does not take. */
const additions = [
  'lsid',
  '$db',
  'txnNumber',
  '$clusterTime',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  '$readPreference',
]
const isExplained = (command: SentCommand): boolean =>
  ['find', 'aggregate', 'update', 'delete', 'findAndModify', 'count'].some((name) => name in command)

describe.skipIf(!mongodb)('what MongoDB is asked', () => {
  let database: Awaited<ReturnType<typeof mongoDatabase>>
  let raw: mongoose.Connection
  let storage: Awaited<ReturnType<typeof database.open>>
  beforeAll(async () => {
    database = await mongoDatabase(mongodb!.uri)
    storage = await database.open()
    raw = await mongoose.createConnection(mongodb!.uri, { dbName: database.dbName }).asPromise()
    for (let index = 0; index < people; index++)
      await storage.trials.save(buildTrial({ userId: `user-${index}` }))
    await storage.ingest([buildLogged({ messageId: 'm' }, { userId: 'user-1' })], foldByCounting)
    for (let index = 0; index < 20; index++) await storage.documents.put('note', `${index}`, note, 0)
  })
  afterAll(async () => {
    await raw.close()
    await database.remove()
  })

  /** The plans of every command that the work sends, as text. null: this server has no `explain`. */
  async function plansOf(work: () => Promise<unknown>): Promise<string[] | null> {
    const from = database.commands.length
    await work()
    const plans: string[] = []
    for (const command of database.commands.slice(from).filter(isExplained)) {
      const explained = Object.fromEntries(
        Object.entries(command).filter(([name]) => !additions.includes(name)),
      )
      try {
        const plan = await raw.db!.command({ explain: explained, verbosity: 'queryPlanner' })
        plans.push(JSON.stringify(plan))
      } catch (error) {
        if ((error as { code?: number }).code === 59) return null
        throw error
      }
    }
    return plans
  }

  const first = trialIdOfUser(workspaceId, 'user-1')
  const list = (query: Partial<TrialQuery>) => async () => {
    const page = await storage.trials.list({ workspaceId, sort: '-lastSeenAt', limit: 20, ...query })
    if (page.cursor)
      await storage.trials.list({
        workspaceId,
        sort: '-lastSeenAt',
        limit: 20,
        ...query,
        cursor: page.cursor,
      })
  }
  const sorts = [
    'endsAt',
    '-endsAt',
    'score',
    '-score',
    'lastSeenAt',
    '-lastSeenAt',
    'createdAt',
    '-createdAt',
  ] as const
  const asked: readonly [string, () => Promise<unknown>][] = [
    ...sorts.map((sort): [string, () => Promise<unknown>] => [
      `a list by ${sort}, and its next page`,
      list({ sort }),
    ]),
    ['a segment', list({ segment: 'exploring' })],
    ['a pace', list({ pace: 'slow' })],
    ['a status', list({ status: 'trialing' })],
    ['a search', list({ q: 'user-1' })],
    ['an address', list({ email: 'user-1@customer.example' })],
    ['colleagues by domain', list({ domain: 'customer.example', sort: '-createdAt' })],
    ['colleagues by company', list({ company: 'acme', sort: '-createdAt' })],
    ['the numbers of the segments', () => storage.trials.countBySegment(workspaceId)],
    ['all trials in pages', () => storage.trials.scan(workspaceId, first, 20)],
    ['a trial', () => storage.trials.get(first)],
    ['the next due moment', () => storage.trials.nextDueAt()],
    ['what is due', () => storage.trials.claimDue({ owner: 'me', now: 5, limit: 5, leaseMs: 1000 })],
    ['what a crash left', () => storage.sweep(5, foldByCounting)],
    ['events of a person', () => storage.events.ofSubject(workspaceId, 'u:user-1', 20)],
    ['documents', () => storage.documents.list('note', { after: '1', limit: 5 })],
    [
      'documents from the end',
      () => storage.documents.list('note', { prefix: '1', reverse: true, limit: 5 }),
    ],
  ]

  it.each(asked)('is found by an index: %s', async (_, work) => {
    const plans = await plansOf(work)
    if (plans === null) return
    expect(plans).not.toEqual([])
    for (const plan of plans) {
      expect(plan).not.toMatch(/COLLSCAN|"Seq Scan"/)
      // A plan of DocumentDB has PostgreSQL’s "Sort" instead: its indexes give no order, so it sorts what one has
      // found, whatever it is asked. That each order is an index’s, mongo-rules.ts checks on every server.
      expect(plan).not.toContain('"SORT"')
    }
  })
})
