import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Backups in a folder that may hold other things: names that sort by time, in UTC. */

export interface BackupFile {
  readonly file: string
  readonly takenAt: number
  readonly bytes: number
}

const pattern = /^trialpace-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.db$/

/** @param at epoch milliseconds. */
export const backupName = (at: number): string =>
  `trialpace-${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z.db`

function takenAt(name: string): number | null {
  const [, year, month, day, hour, minute, second] = pattern.exec(name) ?? []
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? null : at
}

/** Newest first. None where there is no such folder. */
export function backupsIn(folder: string): BackupFile[] {
  return namesIn(folder)
    .flatMap((name) => {
      const at = takenAt(name)
      const file = join(folder, name)
      return at === null ? [] : [{ file, takenAt: at, bytes: statSync(file).size }]
    })
    .sort((a, b) => b.takenAt - a.takenAt)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Deletes all but the newest. @returns how many. */
export function deleteOldBackups(folder: string, keep: number): number {
  const old = backupsIn(folder).slice(keep)
  for (const { file } of old) rmSync(file)
  return old.length
}
