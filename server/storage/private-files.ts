import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { databaseFile } from './database-file.ts'

/** Names that we give files in a data directory, see {@link databaseFile}; the key is the vault’s. */
const isOurs = (name: string): boolean => name.startsWith(databaseFile) || name === 'encryption.key'

/**
 * A data directory that other users of the machine cannot look into. One that was there before and holds other
 * things too is left as it is: it may be shared on purpose, and our files are private by themselves.
 */
export function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (readdirSync(directory).every(isOurs)) restrict(directory, 0o700)
}

/**
 * Made when missing, so that a database never creates it with wider rights first. One that is there is not opened:
 * closing any handle of a file ends the locks that SQLite holds on it in this process (sqlite.org/howtocorrupt §2.2).
 */
export function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  restrict(file, 0o600)
}

/** What SQLite keeps beside a file gets that file’s rights when it is made; earlier versions left them wider. */
export function restrictSiblings(file: string): void {
  for (const suffix of ['-wal', '-shm']) restrict(file + suffix, 0o600)
}

function restrict(path: string, mode: number): void {
  try {
    if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Not there, not ours to change, or a file system without rights.
    if (code !== 'ENOENT' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EROFS') throw error
  }
}
