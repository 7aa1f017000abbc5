import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMongoStorage } from '../../server/storage/mongo/index.ts'
import type { IngestPoint } from '../../server/storage/mongo/ingest.ts'
import type { Storage } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { dropDatabase } from './mongo.ts'
import { breachesOf, type SentCommand } from './mongo-rules.ts'

/** An empty database for one test file. */
export interface TestDatabase {
  /** One more handle on the same data. */
  open(options?: { reached?: (point: IngestPoint) => void | Promise<void> }): Promise<Storage>
  /** Closes all handles and removes the data. */
  remove(): Promise<void>
}

export async function sqliteDatabase(
  more: Partial<Parameters<typeof openSqliteStorage>[0]> = {},
): Promise<TestDatabase & { file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-'))
  const file = join(folder, 'trialpace.db')
  const handles: Storage[] = []
  return {
    file,
    async open() {
      const storage = await openSqliteStorage({ ...more, file })
      handles.push(storage)
      return storage
    },
    async remove() {
      for (const handle of handles) await handle.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Every command that its handles send is held against what real servers refuse; a breach fails at `remove`. */
export async function mongoDatabase(
  uri: string,
): Promise<TestDatabase & { dbName: string; commands: SentCommand[]; watch(command: SentCommand): void }> {
  const dbName = `trialpace_${randomUUID().slice(0, 13)}`
  const handles: Storage[] = []
  const commands: SentCommand[] = []
  const breaches = new Set<string>()
  const watch = (command: SentCommand) => {
    commands.push(command)
    for (const breach of breachesOf(command)) breaches.add(`${breach} (${Object.keys(command)[0]})`)
  }
  return {
    dbName,
    commands,
    watch,
    async open(options = {}) {
      const storage = await openMongoStorage({ uri, dbName, onCommand: watch, ...options })
      handles.push(storage)
      return storage
    },
    async remove() {
      for (const handle of handles) await handle.close()
      await dropDatabase(uri, dbName)
      if (breaches.size > 0) throw new Error(`refused by real servers:\n${[...breaches].join('\n')}`)
    },
  }
}
