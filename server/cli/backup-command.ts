import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { createVault } from '../features/workspaces/vault.ts'
import { backupName, deleteOldBackups } from '../storage/backup-files.ts'
import { databaseFile } from '../storage/database-file.ts'
import { makePrivateDirectory, makePrivateFile } from '../storage/private-files.ts'
import type { DatabaseFacts } from '../storage/sqlite/database-copy.ts'
import { requireConfig } from './local.ts'
import { CommandError, exitCodes, note, print } from './output.ts'

/** The driver of the database is loaded by the commands that work on one. */
const copies = () => import('../storage/sqlite/database-copy.ts')

const keyFile = 'encryption.key'

/** @throws CommandError where the data is in MongoDB. */
function embedded(): Config & { file: string } {
  const config = requireConfig()
  if (config.mongodbUri)
    throw new CommandError(
      'The data is in MongoDB (MONGODB_URI): use mongodump and mongorestore, or the backups of your provider.',
      exitCodes.usage,
    )
  return { ...config, file: join(config.dataDir, databaseFile) }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

interface BackupOptions {
  readonly keep?: string
  readonly json?: boolean
}

async function backUp(target: string, { keep, json }: BackupOptions): Promise<void> {
  const { file } = embedded()
  if (!existsSync(file)) throw new CommandError(`There is no database at ${file}; set TRIALPACE_DATA_DIR.`)
  const isNamedByTime = isFolder(target)
  const most = keep === undefined ? null : Number(keep)
  if (most !== null && !(Number.isInteger(most) && most >= 1 && isNamedByTime))
    throw new CommandError('--keep is a number from 1, for backups into a folder.', exitCodes.usage)
  const to = isNamedByTime ? join(target, backupName(Date.now())) : target
  if (existsSync(to)) throw new CommandError(`${to} is there already; choose another name or a folder.`)
  if (!existsSync(dirname(resolve(to)))) throw new CommandError(`There is no folder ${dirname(to)}.`)
  const { copyDatabase } = await copies()
  const { sealed: _, ...facts } = await copyDatabase(file, to)
  const deleted = most === null ? 0 : deleteOldBackups(target, most)
  print(
    json === true,
    { file: to, ...facts, deleted },
    () =>
      `${to}: ${megabytes(facts.bytes)}, ${facts.trials} trials, read through and whole.${deleted > 0 ? ` ${deleted} older ones were deleted.` : ''}`,
  )
  note('The key is not in it: keep encryption.key or TRIALPACE_ENCRYPTION_KEY in another place.')
}

interface RestoreOptions {
  readonly replace?: boolean
  readonly key?: string
}

/** @throws CommandError when there is no key, or not the one of this backup. */
function keyOf({ encryptionKey, dataDir }: Config, given: string | undefined): Buffer {
  const path = given ?? join(dataDir, keyFile)
  if (given === undefined && encryptionKey !== null) return Buffer.from(encryptionKey, 'base64')
  if (!existsSync(path))
    throw new CommandError(
      `The backup is of no use without its key. Set TRIALPACE_ENCRYPTION_KEY, put ${keyFile} into ${dataDir}, or name the file with --key.`,
    )
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== 32) throw new CommandError(`${path} does not hold a key of 32 bytes.`)
  return key
}

function mustOpen(facts: DatabaseFacts, key: Buffer): void {
  const vault = createVault(key)
  try {
    for (const { text, place } of facts.sealed) vault.open(text, place)
  } catch {
    throw new CommandError('This key is not the one of the backup. Nothing was changed.')
  }
}

async function restore(from: string, { replace, key: givenKey }: RestoreOptions): Promise<void> {
  const { forgetHome, inspectDatabase, knownSchema, settleAlone } = await copies()
  const config = embedded()
  const { file, dataDir } = config
  if (!existsSync(from)) throw new CommandError(`There is no file ${from}.`)
  const facts = await inspectDatabase(from)
  if (facts.schemaVersion > knownSchema)
    throw new CommandError(
      `${from} was written by a newer Trialpace (schema ${facts.schemaVersion}, this one knows ${knownSchema}). Install that one first.`,
    )
  const key = keyOf(config, givenKey)
  mustOpen(facts, key)
  const isThere = existsSync(file)
  if (isThere && !replace)
    throw new CommandError(
      `There is a database at ${file}. With --replace it is put aside under another name, and this backup takes its place.`,
    )
  makePrivateDirectory(dataDir)
  const part = `${file}.restoring`
  rmSync(part, { force: true })
  copyFileSync(from, part)
  // The copy has the rights of the backup, which may have been moved about.
  makePrivateFile(part)
  await forgetHome(part)
  let aside: string | null = null
  if (isThere) {
    if (!(await settleAlone(file))) {
      rmSync(part)
      throw new CommandError(`${file} is in use. Stop the server and try again; nothing was changed.`)
    }
    aside = `${file}.before-${backupName(Date.now()).slice('trialpace-'.length, -'.db'.length)}`
    renameSync(file, aside)
  }
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  renameSync(part, file)
  if (givenKey !== undefined) putKey(givenKey, join(dataDir, keyFile))
  print(
    false,
    null,
    () => `Restored ${facts.trials} trials from ${from}.${aside ? ` What was there is ${aside}.` : ''}`,
  )
  note('No email is sent until you have said that this is its home: trialpace doctor --confirm-instance')
}

function putKey(from: string, to: string): void {
  if (resolve(from) === resolve(to)) return
  if (existsSync(to)) renameSync(to, `${to}.before`)
  writeFileSync(to, readFileSync(from), { mode: 0o600 })
}

async function checkUpgrade(json: boolean | undefined): Promise<void> {
  const { copyDatabase, knownSchema, schemaOf } = await copies()
  const { file, backupDir } = embedded()
  if (!existsSync(file)) throw new CommandError(`There is no database at ${file}; set TRIALPACE_DATA_DIR.`)
  const stored = await schemaOf(file)
  if (stored > knownSchema)
    throw new CommandError(
      `${file} was written by a newer Trialpace (schema ${stored}, this one knows ${knownSchema}). Install that one, or restore a backup taken before.`,
    )
  const steps = knownSchema - stored
  if (steps === 0)
    return print(
      json === true,
      { stored, known: knownSchema, steps },
      () => 'Nothing to do: the database has the schema of this version.',
    )
  const trial = `${file}.rehearsal`
  const startedAt = performance.now()
  await copyDatabase(file, trial)
  const { openSqliteStorage } = await import('../storage/sqlite/index.ts')
  try {
    const storage = await openSqliteStorage({ file: trial, progress: note })
    await storage.close()
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(trial + suffix, { force: true })
  }
  const seconds = Math.ceil((performance.now() - startedAt) / 1000)
  print(
    json === true,
    { stored, known: knownSchema, steps, seconds },
    () =>
      `${steps} ${steps === 1 ? 'step' : 'steps'} from schema ${stored} to ${knownSchema}, at the next start. Rehearsed on a copy of ${basename(file)}: it works, in ${seconds} s with the copying.`,
  )
  note(
    `The way back is a backup taken before: trialpace backup ${backupDir ?? '<file>'}. An older version does not open the database after the upgrade.`,
  )
  process.exitCode = exitCodes.findings
}

export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description('copy the database to a file or, named by the time, into a folder; the server may go on')
    .argument('<target>', 'a file that is not there yet, or a folder')
    .option('--keep <n>', 'of the backups in the folder keep only so many')
    .option('--json', 'one JSON object on stdout')
    .action(backUp)
  program
    .command('restore')
    .description('put a backup in the place of the database; the server has to be stopped')
    .argument('<file>', 'the backup')
    .option('--replace', 'put the database that is there aside')
    .option('--key <file>', 'the key file of the backup')
    .action(restore)
  program
    .command('upgrade')
    .description(
      'what this version will change in the database, tried on a copy; exit code 3 when there is something',
    )
    .requiredOption('--check', 'only look: the upgrade itself happens at the next start')
    .option('--json', 'one JSON object on stdout')
    .action(({ json }: { json?: boolean }) => checkUpgrade(json))
}
