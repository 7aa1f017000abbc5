import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dayMs, hourMs } from '../../shared/clock.ts'
import type { Config } from '../config.ts'
import type { Finding } from '../domain/finding.ts'
import { backupsIn } from '../storage/backup-files.ts'
import { databaseFile } from '../storage/database-file.ts'

/** One is taken each day. */
const lateMs = 2 * dayMs

export function checkBackups({ mongodbUri, backupDir }: Config, now: number): Finding[] {
  if (mongodbUri) return []
  const check = 'Backups'
  if (backupDir === null)
    return [
      {
        check,
        state: 'warning',
        detail: 'the server takes none',
        fix: 'Set BACKUP_DIR, or run `trialpace backup` by a timer.',
      },
    ]
  const [newest] = backupsIn(backupDir)
  if (!newest)
    return [
      {
        check,
        state: 'warning',
        detail: `none in ${backupDir} yet`,
        fix: 'The first one is taken within ten minutes of the start; see the log if it is not.',
      },
    ]
  const age = now - newest.takenAt
  const detail = `newest ${Math.floor(age / hourMs)} h old, ${(newest.bytes / 1e6).toFixed(1)} MB`
  return [
    age > lateMs
      ? { check, state: 'warning', detail, fix: `See the log for why, and the disk of ${backupDir}.` }
      : { check, state: 'ok', detail },
  ]
}

/** @returns null when the database may be opened: that brings it up to date, which is for the server to do. */
export async function schemaToCome({ mongodbUri, dataDir }: Config): Promise<Finding | null> {
  const file = join(dataDir, databaseFile)
  if (mongodbUri || !existsSync(file)) return null
  const { knownSchema, schemaOf } = await import('../storage/sqlite/database-copy.ts')
  const stored = await schemaOf(file)
  if (stored >= knownSchema || stored === 0) return null
  return {
    check: 'Database',
    state: 'warning',
    detail: `written by an earlier version (schema ${stored} of ${knownSchema}); not looked into, so that it stays so`,
    fix: 'Take a backup, see `trialpace upgrade --check`, then start the server, which brings it up to date.',
  }
}
