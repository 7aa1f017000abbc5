import type { Storage } from '../port.ts'
import { available, connect, identifyServer, type OnCommand, serverNow } from './connection.ts'
import { createDocumentStore } from './document-store.ts'
import { createEventDocuments } from './event-documents.ts'
import { createIngestion, type IngestPoint } from './ingest.ts'
import { migrate } from './migrate.ts'
import { createModels } from './models.ts'
import { createTrialDocuments } from './trial-documents.ts'
import { createTrialStore } from './trial-store.ts'

/**
 * Storage in MongoDB, a replica set or a sharded cluster; or in a server compatible with it.
 * @param dbName without it the one named in the address, else `trialpace`.
 * @param reached called at the points where a crash leaves work to the sweeper; tests throw or wait in it.
 * @throws SchemaTooNew, StorageUnavailable
 */
export async function openMongoStorage({
  uri,
  dbName,
  reached,
  onCommand,
}: {
  uri: string
  dbName?: string
  reached?: (point: IngestPoint) => void | Promise<void>
  /** For tests, which check what is sent. */
  onCommand?: OnCommand
}): Promise<Storage> {
  const connection = await connect(uri, dbName, onCommand)
  try {
    const engine = await identifyServer(connection)
    const models = createModels(connection)
    await available(() => migrate(models, connection.name))
    let aheadMs = (await serverNow(connection)) - Date.now()
    const trials = createTrialDocuments(models)
    const events = createEventDocuments(models)
    const ingestion = createIngestion({ trials, events, now: () => Date.now() + aheadMs, reached })
    const now = async () => {
      const at = await serverNow(connection)
      aheadMs = at - Date.now()
      return at
    }
    return {
      engine,
      now,
      ping: async () => void (await now()),
      ingest: ingestion.ingest,
      sweep: ingestion.sweep,
      // The files are the database server’s own.
      scrub: async () => undefined,
      trials: createTrialStore(models, trials),
      events,
      documents: createDocumentStore(models),
      async close() {
        await ingestion.settled()
        await connection.close()
      },
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}
