import { inject } from 'vitest'
import type { Storage } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { mongoDatabase } from './storages.ts'

/**
 * What integration tests run on: SQLite, or a MongoDB database of its own in the project `mongodb`, which is removed at
 * the close. Leases there follow the clock of the server.
 */
export async function openTestStorage(sqlite: { file: string; now?: () => number }): Promise<Storage> {
  if (process.env.TRIALPACE_TEST_STORAGE !== 'mongodb') return openSqliteStorage(sqlite)
  const mongodb = inject('mongodb')
  if (!mongodb) throw new Error('no MongoDB')
  const database = await mongoDatabase(mongodb.uri)
  return { ...(await database.open()), close: () => database.remove() }
}
