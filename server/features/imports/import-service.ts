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
  readonly id: string
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
  readonly jobId: string
  /** By part, so that a part done twice counts once. */
  readonly results: readonly PartResult[]
}

interface PartResult {
  readonly imported: number
  readonly rejected: number
}

interface StoredPart {
  readonly rows: readonly ImportRow[]
  readonly rejected: readonly RejectedRow[]
}

const importKind: DocumentKind<StoredImport> = 'import'
const importPartKind: DocumentKind<StoredPart> = 'import-part'
const jobKind = 'import'
/** One save of trials, and one step of the job. */
const partRows = manyTrials

const partId = (id: string, part: number): string => `${id}/${String(part).padStart(6, '0')}`

export function createImports({
  documents,
  jobs,
  trials,
  newId,
}: {
  documents: DocumentStore
  jobs: Jobs
  trials: Pick<TrialService, 'putAll'>
  newId: () => string
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
    return { rows: total }
  }

  async function get(workspaceId: WorkspaceId, id: string): Promise<ImportState | null> {
    const found = await documents.get<StoredImport>(importKind, id)
    if (found?.body.workspaceId !== workspaceId) return null
    const { jobId, quiet, rows, results } = found.body
    const job = await jobs.get(workspaceId, jobId)
    const sum = (name: keyof PartResult) => results.reduce((total, result) => total + result[name], 0)
    return job && { id, job, rows, quiet, imported: sum('imported'), rejected: sum('rejected') }
  }

  return {
    get,

    async start({ workspaceId, by, quiet, rows, maxRows }) {
      const id = newId()
      const stored = await storeParts(id, rows, maxRows)
      if (!stored) return null
      const body: StoredImport = { workspaceId, by, quiet, rows: stored.rows, jobId: '', results: [] }
      await documents.put(importKind, id, body)
      const job = await jobs.start({
        workspaceId,
        kind: jobKind,
        by: by.name,
        total: stored.rows,
        cursor: partId(id, 0),
      })
      await updateDocument(documents, importKind, id, (before) => before && { ...before, jobId: job.id })
      return { id, job, rows: stored.rows, quiet, imported: 0, rejected: 0 }
    },

    async rejected(workspaceId, id) {
      if (!(await get(workspaceId, id))) return null
      const parts = await documents.list<StoredPart>(importPartKind, { prefix: `${id}/`, limit: 1000 })
      return parts.flatMap(({ body }) => body.rejected)
    },
  }
}

/** One part: its rows are saved together, and what was refused is noted with it. Done again, it gives the same. */
function createStep(documents: DocumentStore, trials: Pick<TrialService, 'putAll'>): JobStep {
  return async ({ cursor }) => {
    const at = cursor ?? ''
    const [id = '', number = '0'] = at.split('/', 2)
    const [found, part] = await Promise.all([
      documents.get<StoredImport>(importKind, id),
      documents.get<StoredPart>(importPartKind, at),
    ])
    if (!found || !part) return { cursor, done: 0, finished: true }
    const { workspaceId, by, quiet } = found.body
    const { rows, rejected } = part.body
    const refusals = await trials.putAll(workspaceId, by, rows, { quiet })
    const refused = rows.flatMap(({ line, userId }, index) => {
      const why = refusals[index]
      return why ? [{ line, userId, why }] : []
    })
    const faulty = [...rejected.filter((row) => !rows.some(({ line }) => line === row.line)), ...refused]
    await documents.put(importPartKind, at, { rows, rejected: faulty })
    await updateDocument(documents, importKind, id, (before) => {
      if (!before) return null
      const results = [...before.results]
      results[Number(number)] = { imported: rows.length - refused.length, rejected: faulty.length }
      return { ...before, results }
    })
    const next = partId(id, Number(number) + 1)
    const isLast = (await documents.get(importPartKind, next)) === null
    return { cursor: next, done: rows.length + rejected.length, finished: isLast }
  }
}
