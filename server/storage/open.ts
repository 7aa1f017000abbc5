import { join } from 'node:path'
import { databaseFile } from './database-file.ts'
import type { Storage } from './port.ts'
import { makePrivateDirectory } from './private-files.ts'
import { countRevisions } from './revisions.ts'

/**
 * MongoDB when there is an address for it, else the embedded database in `dataDir` (made when missing). Only the
 * one that is used is loaded into memory.
 * @throws SchemaTooNew, StorageUnavailable
 */
export async function openStorage({
  mongodbUri,
  dataDir,
  progress,
}: {
  mongodbUri?: string | undefined
  dataDir: string
  /** Hears how far a long change of the schema has come. */
  progress?: ((words: string) => void) | undefined
}): Promise<Storage> {
  const storage = await openEngine({ mongodbUri, dataDir, progress })
  return { ...storage, documents: countRevisions(storage.documents) }
}

async function openEngine({
  mongodbUri,
  dataDir,
  progress,
}: {
  mongodbUri: string | undefined
  dataDir: string
  progress: ((words: string) => void) | undefined
}): Promise<Storage> {
  if (mongodbUri) {
    const { openMongoStorage } = await import('./mongo/index.ts')
    return openMongoStorage({ uri: mongodbUri })
  }
  const { openSqliteStorage } = await import('./sqlite/index.ts')
  makePrivateDirectory(dataDir)
  return openSqliteStorage({ file: join(dataDir, databaseFile), progress })
}
