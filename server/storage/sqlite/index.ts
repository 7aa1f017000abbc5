import type { Storage } from '../port.ts'
import type { CheckpointLimits } from './checkpoints.ts'
import { openConnection } from './connection.ts'
import { createDocumentStore } from './document-store.ts'
import { createEventKeys } from './event-keys.ts'
import { createEventRows } from './event-rows.ts'
import { createFormerKeys, moveFormerKeys } from './former-keys.ts'
import { ingest } from './ingest.ts'
import type { Progress } from './migrations.ts'
import { createReader, createReaderWithin } from './reader.ts'
import { createTrialRows } from './trial-rows.ts'
import { createTrialStore } from './trial-store.ts'

/**
 * Storage in one file, for one machine; several processes there may open it.
 * @param file path, or `:memory:` for a database that no one else sees and that is gone after close.
 * @param now clock of the leases, epoch milliseconds; another than the host’s only in tests.
 * @param checkpoints others than the usual ones only in tests.
 * @throws SchemaTooNew, StorageUnavailable
 */
export async function openSqliteStorage({
  file,
  now = Date.now,
  checkpoints,
  progress,
}: {
  file: string
  now?: () => number
  checkpoints?: CheckpointLimits
  /** Hears how far a long change of the schema has come. */
  progress?: Progress | undefined
}): Promise<Storage> {
  const connection = await openConnection(file, { limits: checkpoints, progress })
  const reader = file === ':memory:' ? createReaderWithin(connection) : createReader(file)
  const trialRows = createTrialRows(connection)
  const keys = createEventKeys(connection)
  const formerKeys = createFormerKeys(connection)
  const events = createEventRows(connection, keys, formerKeys)
  const stopMoving = moveFormerKeys(connection, formerKeys, keys)
  return {
    engine: { name: 'sqlite', version: connection.version, compatible: false },
    ping: () => connection.read(() => void connection.prepare('SELECT 1').get([])),
    now: async () => now(),
    ingest: (logged, fold) => ingest(connection, events, trialRows, logged, fold),
    sweep: async () => 0,
    scrub: () => connection.emptyLog(),
    trials: createTrialStore(connection, reader, trialRows, now),
    events,
    documents: createDocumentStore(connection),
    async close() {
      await stopMoving()
      await reader.close()
      await connection.close()
    },
  }
}
