import { createHash, randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { databaseFile } from './database-file.ts'
import type { Storage } from './port.ts'

/**
 * Keeps a copy of a database (a restored backup, a staging clone) from mailing real people: the database says where
 * it lives, and anyone who finds it elsewhere must not send until a person confirms.
 */
export interface InstanceRecord {
  /** Names this installation; a confirmed clone gets one of its own. */
  readonly instanceId: string
  readonly fingerprint: string
  readonly since: number
  /** Where it lived before, newest first, at most ten. */
  readonly moves: readonly { readonly fingerprint: string; readonly until: number }[]
}

export type InstanceFence =
  | { readonly state: 'ok'; readonly instance: InstanceRecord }
  /** Nothing may be sent. `instance` is what the database says. */
  | { readonly state: 'clone'; readonly instance: InstanceRecord; readonly fingerprint: string }

const kind = 'instance'
const id = 'this'
const rememberedMoves = 10

/**
 * What tells one home of the data from another: the file itself (its inode: every copy and every restored backup is
 * another file) and the host for the embedded database, the address and the name of the database for MongoDB, where
 * any number of hosts may serve one. Hashed, so that it gives nothing away.
 */
export function instanceFingerprint(home: { dataDir: string } | { mongodbUri: string }): string {
  const place =
    'mongodbUri' in home
      ? `mongodb ${withoutCredentials(home.mongodbUri)}`
      : `file ${hostOf()} ${fileOf(home.dataDir)}`
  return createHash('sha256').update(place).digest('base64url').slice(0, 22)
}

/** A container has another name at each start, on the same volume. */
const hostOf = (): string =>
  existsSync('/.dockerenv') || existsSync('/run/.containerenv') || process.env.KUBERNETES_SERVICE_HOST
    ? ''
    : hostname()

function fileOf(dataDir: string): string {
  const found = statSync(join(dataDir, databaseFile), { throwIfNoEntry: false })
  return found ? `inode ${found.ino}` : resolve(dataDir)
}

/** A rotated password is no move. */
const withoutCredentials = (uri: string): string =>
  uri.replace(/^([^:]+:\/\/)[^/]*@/, '$1').replace(/\?.*$/, '')

/** The decision alone. */
export const decideInstanceFence = (stored: InstanceRecord, fingerprint: string): InstanceFence =>
  stored.fingerprint === fingerprint
    ? { state: 'ok', instance: stored }
    : { state: 'clone', instance: stored, fingerprint }

/**
 * To be asked at each start, before anything is sent. The first start makes the record.
 * @throws StorageUnavailable
 */
export async function checkInstanceFence(
  storage: Storage,
  fingerprint: string,
  now: number,
): Promise<InstanceFence> {
  const first: InstanceRecord = { instanceId: randomUUID(), fingerprint, since: now, moves: [] }
  // Of several processes that start at once, one makes the record and all read it.
  await storage.documents.put(kind, id, first, 0)
  const stored = await storage.documents.get(kind, id)
  return decideInstanceFence(stored?.body ?? first, fingerprint)
}

/**
 * A person has said that this is the place now, and that the one before does not send any more.
 * @throws StorageUnavailable
 */
export async function confirmInstance(
  storage: Storage,
  fingerprint: string,
  now: number,
): Promise<InstanceFence> {
  for (;;) {
    const stored = await storage.documents.get(kind, id)
    if (!stored || stored.body.fingerprint === fingerprint)
      return checkInstanceFence(storage, fingerprint, now)
    const { body: before, version } = stored
    const moves = [{ fingerprint: before.fingerprint, until: now }, ...before.moves].slice(0, rememberedMoves)
    const instance: InstanceRecord = { instanceId: randomUUID(), fingerprint, since: now, moves }
    if ((await storage.documents.put(kind, id, instance, version)) !== null) return { state: 'ok', instance }
  }
}
