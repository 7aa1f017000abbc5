import { isoInstant } from '../../../shared/clock.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { Clock } from '../../ports.ts'
import type { StoredPlaybook } from '../../storage/documents/server.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from './playbooks.ts'
import { readStoredPlaybook } from './stored-playbook.ts'

/** One published version; versions are never changed, a new one stands beside them. */
export interface PlaybookVersion {
  readonly version: number
  readonly playbook: Playbook
  readonly at: string
  readonly by: string
  readonly note: string
}

export interface PlaybookService extends Playbooks {
  /** Gives each workspace without a playbook the default one, and loads all. */
  start(workspaceIds: readonly WorkspaceId[]): Promise<void>
  /** Reads again what other processes may have published. */
  refresh(): Promise<void>
  latest(workspaceId: WorkspaceId): PlaybookVersion
  get(workspaceId: WorkspaceId, version: number): Promise<PlaybookVersion | null>
  /** Newest first. */
  versions(workspaceId: WorkspaceId, request: { before?: number; limit: number }): Promise<PlaybookVersion[]>
  /**
   * @param expected the version it replaces.
   * @returns null when another one was published in the meantime.
   */
  publish(
    workspaceId: WorkspaceId,
    request: { playbook: Playbook; expected: number; by: string; note: string },
  ): Promise<PlaybookVersion | null>
}

const kind = 'playbook'
const idOf = (workspaceId: WorkspaceId, version: number): string =>
  `${workspaceId}/${String(version).padStart(8, '0')}`

/** Says what of a stored playbook could not be used. */
export interface WarnLog {
  warn(details: object, words: string): void
}

export function createPlaybooks({
  storage,
  clock,
  compile,
  defaultPlaybook,
  log,
}: {
  storage: Storage
  clock: Clock
  compile: (playbook: Playbook, version: number) => CompiledPlaybook
  defaultPlaybook: Playbook
  log: WarnLog
}): PlaybookService {
  const { documents } = storage

  /** Parsed again, so that a version stored by an older release gets the defaults of later fields. */
  function read(id: string, stored: StoredPlaybook): PlaybookVersion {
    const { playbook, mended } = readStoredPlaybook(stored.playbook)
    if (mended.length > 0)
      log.warn({ playbook: id, mended }, 'a stored playbook breaks a newer rule: defaults are used instead')
    return { ...stored, version: Number(id.slice(id.lastIndexOf('/') + 1)), playbook }
  }

  const loaded = new Map<WorkspaceId, { compiled: CompiledPlaybook; latest: PlaybookVersion }>()

  const keep = (workspaceId: WorkspaceId, latest: PlaybookVersion) =>
    void loaded.set(workspaceId, { latest, compiled: compile(latest.playbook, latest.version) })

  async function load(workspaceId: WorkspaceId): Promise<boolean> {
    const [newest] = await documents.list(kind, {
      prefix: `${workspaceId}/`,
      reverse: true,
      limit: 1,
    })
    if (!newest) return false
    if (newest.id !== idOf(workspaceId, loaded.get(workspaceId)?.latest.version ?? -1))
      keep(workspaceId, read(newest.id, newest.body))
    return true
  }

  const loadedOf = (workspaceId: WorkspaceId) => {
    const found = loaded.get(workspaceId)
    if (!found) throw new Error(`workspace ${workspaceId} has no playbook`)
    return found
  }

  async function put(workspaceId: WorkspaceId, version: PlaybookVersion): Promise<boolean> {
    const { version: number, ...stored } = version
    return (await documents.put(kind, idOf(workspaceId, number), stored, 0)) !== null
  }

  return {
    current: (workspaceId) => loadedOf(workspaceId).compiled,
    async newest(workspaceId) {
      await load(workspaceId)
      return loadedOf(workspaceId).compiled
    },
    latest: (workspaceId) => loadedOf(workspaceId).latest,
    async start(workspaceIds) {
      for (const workspaceId of workspaceIds) {
        if (await load(workspaceId)) continue
        const first = {
          version: 1,
          playbook: defaultPlaybook,
          at: isoInstant(clock.now()),
          by: 'system',
          note: 'Default',
        }
        await put(workspaceId, first)
        await load(workspaceId)
      }
    },
    async refresh() {
      for (const workspaceId of loaded.keys()) await load(workspaceId)
    },
    async get(workspaceId, version) {
      const found = await documents.get(kind, idOf(workspaceId, version))
      return found && read(found.id, found.body)
    },
    async versions(workspaceId, { before, limit }) {
      const page = await documents.list(kind, {
        prefix: `${workspaceId}/`,
        reverse: true,
        limit,
        ...(before !== undefined && { after: idOf(workspaceId, before) }),
      })
      return page.map(({ id, body }) => read(id, body))
    },
    async publish(workspaceId, { playbook, expected, by, note }) {
      await load(workspaceId)
      if (loadedOf(workspaceId).latest.version !== expected) return null
      const version = { version: expected + 1, playbook, at: isoInstant(clock.now()), by, note }
      if (!(await put(workspaceId, version))) return null
      keep(workspaceId, version)
      return version
    },
  }
}
