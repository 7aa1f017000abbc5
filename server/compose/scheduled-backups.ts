import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { dayMs, minuteMs } from '../../shared/clock.ts'
import { backupName, backupsIn, deleteOldBackups } from '../storage/backup-files.ts'
import { databaseFile } from '../storage/database-file.ts'

/** A little less than a day, so that it does not come later each time. */
const everyMs = dayMs - 10 * minuteMs

/** @returns a step that takes a backup once a day; null where none is wanted. */
export function createScheduledBackups(
  { dataDir, backupDir, backupKeep }: { dataDir: string; backupDir: string | null; backupKeep: number },
  now: () => number,
  log: Logger,
): ((signal: AbortSignal) => Promise<void>) | null {
  if (backupDir === null) return null
  return async (signal) => {
    mkdirSync(backupDir, { recursive: true, mode: 0o700 })
    const [newest] = backupsIn(backupDir)
    const at = now()
    if (newest && at - newest.takenAt < everyMs) return
    const { copyDatabase } = await import('../storage/sqlite/database-copy.ts')
    const file = join(backupDir, backupName(at))
    const { bytes, trials } = await copyDatabase(join(dataDir, databaseFile), file, signal)
    const deleted = deleteOldBackups(backupDir, backupKeep)
    log.info({ file, bytes, trials, deleted }, 'backup taken')
  }
}
