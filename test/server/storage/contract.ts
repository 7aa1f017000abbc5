import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Storage } from '../../../server/storage/port.ts'
import type { TestDatabase } from '../../support/storages.ts'
import { describeClaims } from './contract-claims.ts'
import { describeDocuments } from './contract-documents.ts'
import { describeEventLog } from './contract-events.ts'
import { describeIngest } from './contract-ingest.ts'
import { describeLists } from './contract-lists.ts'
import { describeTrials } from './contract-trials.ts'

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
