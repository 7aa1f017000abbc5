import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Actor } from '../../domain/trial/model.ts'
import { breathe } from '../../storage/breathe.ts'
import { type DocumentKind, type DocumentStore, manyTrials } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Job, JobStep, Jobs } from '../jobs/job-service.ts'
import type { TrialService } from '../trials/trial-service.ts'
import type { ImportRow, ReadRow, RejectedRow } from './read-rows.ts'

/** People brought in by a file: stored first, then worked off in steps that can be repeated after a crash. */
export interface Imports {
  start(request: {
    workspaceId: WorkspaceId
    by: Actor
    quiet: boolean
    rows: AsyncIterable<ReadRow>
    maxRows: number
  }): Promise<ImportState | null>
  get(workspaceId: WorkspaceId, id: string): Promise<ImportState | null>
  rejected(workspaceId: WorkspaceId, id: string): Promise<RejectedRow[] | null>
}

export interface ImportState {
  readonly job: Job
  readonly rows: number
  readonly imported: number
  readonly rejected: number
  readonly quiet: boolean
}

/** What an import as a whole is; its rows lie in parts beside it. */
interface StoredImport {
  readonly workspaceId: WorkspaceId
  readonly by: Actor
  readonly quiet: boolean
  readonly rows: number
  readonly parts: number
  /** By part, so that a part done twice counts once. */
  readonly rejectedOf: Readonly<Record<string, number>>
  readonly doneParts: number
}

interface StoredPart {
  readonly rows: readonly ImportRow[]
  readonly rejected: readonly RejectedRow[]
}

export const importKind: DocumentKind<StoredImport> = 'import'
export const importPartKind: DocumentKind<StoredPart> = 'import-part'
const jobKind = 'import'
/** One save of trials, and one step of the job. */
const partRows = manyTrials

const partId = (id: string, part: number): string => `${id}/${String(part).padStart(6, '0')}`

export function createImports({
  documents,
  jobs,
  trials,
}: {
  documents: DocumentStore
  jobs: Jobs
  trials: Pick<TrialService, 'putAll'>
}): Imports {
  jobs.register(jobKind, createStep(documents, trials), 'admin')

  /** Two rows of one person in one part would be saved over the same version: the second begins another part. */
  async function storeParts(id: string, rows: AsyncIterable<ReadRow>, maxRows: number) {
    let part: { rows: ImportRow[]; rejected: RejectedRow[] } = { rows: [], rejected: [] }
    let known = new Set<string>()
    let [parts, total] = [0, 0]
    const flush = async () => {
      if (part.rows.length + part.rejected.length === 0) return
      await documents.put(importPartKind, partId(id, parts++), part)
      part = { rows: [], rejected: [] }
      known = new Set()
    }
    for await (const row of rows) {
      if (++total > maxRows) return null
      const isFull = part.rows.length + part.rejected.length >= partRows
      if (isFull || ('patch' in row && known.has(row.userId))) await flush()
      if ('patch' in row) {
        part.rows.push(row)
        known.add(row.userId)
      } else part.rejected.push(row)
      if (total % 50 === 0) await breathe()
    }
    await flush()
    return { parts, rows: total }
  }

  const stateOf = (job: Job, { rows, rejectedOf, doneParts, parts, quiet }: StoredImport): ImportState => {
    const rejected = Object.values(rejectedOf).reduce((sum, count) => sum + count, 0)
    const done = parts === 0 ? 0 : doneParts === parts ? rows : Math.min(rows, doneParts * partRows)
    return { job, rows, rejected, imported: Math.max(0, done - rejected), quiet }
  }

  async function get(workspaceId: WorkspaceId, id: string): Promise<ImportState | null> {
    const job = await jobs.get(workspaceId, id)
    const found = job && (await documents.get<StoredImport>(importKind, id))
    return job && found ? stateOf(job, found.body) : null
  }

  return {
    get,

    async start({ workspaceId, by, quiet, rows, maxRows }) {
      const job = await jobs.start({ workspaceId, kind: jobKind, by: by.name, total: null, waits: true })
      const stored = await storeParts(job.id, rows, maxRows)
      if (!stored) {
        await jobs.cancel(workspaceId, job.id)
        return null
      }
      const body: StoredImport = { workspaceId, by, quiet, ...stored, rejectedOf: {}, doneParts: 0 }
      await documents.put(importKind, job.id, body)
      const released = await jobs.release(workspaceId, job.id, stored.rows)
      return stateOf(released ?? job, body)
    },

    async rejected(workspaceId, id) {
      if (!(await get(workspaceId, id))) return null
      const parts = await documents.list<StoredPart>(importPartKind, { prefix: `${id}/`, limit: 1000 })
      return parts.flatMap(({ body }) => body.rejected)
    },
  }
}
