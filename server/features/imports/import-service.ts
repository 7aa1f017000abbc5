import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Actor } from '../../domain/trial/model.ts'
import { breathe } from '../../storage/breathe.ts'
import type { PartResult, RejectedRow, StoredImport } from '../../storage/documents/imports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Job, JobStep, Jobs } from '../jobs/job-service.ts'
import type { TrialService } from '../trials/trial-service.ts'
import type { ImportRow, ReadRow } from './read-rows.ts'

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

const jobKind = 'import'
/** One save of trials, and one step of the job: what is saved together holds the thread that answers. */
const partRows = 100

const partId = (id: string, part: number): string => `${id}/${String(part).padStart(6, '0')}`

export function createImports({
  documents,
  jobs,
  trials,
  newId,
  now,
}: {
  documents: DocumentStore
  jobs: Jobs
  trials: Pick<TrialService, 'putAll'>
  newId: () => string
  now: () => number
}): Imports {
  jobs.register(jobKind, createStep(documents, trials), 'admin')

  /** Two rows of one person in one part would be saved over the same version: the second begins another part. */
  async function storeParts(id: string, rows: AsyncIterable<ReadRow>, maxRows: number) {
    let part: { rows: ImportRow[]; rejected: RejectedRow[] } = { rows: [], rejected: [] }
    let known = new Set<string>()
    let [parts, total] = [0, 0]
    const flush = async () => {
      if (part.rows.length + part.rejected.length === 0) return
      await documents.put('import-part', partId(id, parts++), { ...part, at: now() })
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
    const found = await documents.get('import', id)
    if (found?.body.workspaceId !== workspaceId) return null
    const { jobId, quiet, rows } = found.body
    const job = await jobs.get(workspaceId, jobId)
    // Read after the job, so that one that is done has counted all of its rows.
    const { results } = (await documents.get('import', id))?.body ?? found.body
    const sum = (name: keyof PartResult) => results.reduce((total, result) => total + result[name], 0)
    return job && { id, job, rows, quiet, imported: sum('imported'), rejected: sum('rejected') }
  }

  return {
    get,

    async start({ workspaceId, by, quiet, rows, maxRows }) {
      const id = newId()
      const stored = await storeParts(id, rows, maxRows)
      if (!stored) return null
      const body: StoredImport = {
        workspaceId,
        by,
        quiet,
        rows: stored.rows,
        jobId: '',
        results: [],
        at: now(),
      }
      await documents.put('import', id, body)
      const job = await jobs.start({
        workspaceId,
        kind: jobKind,
        by: by.name,
        total: stored.rows,
        cursor: partId(id, 0),
      })
      await updateDocument(documents, 'import', id, (before) => before && { ...before, jobId: job.id })
      return { id, job, rows: stored.rows, quiet, imported: 0, rejected: 0 }
    },

    async rejected(workspaceId, id) {
      if (!(await get(workspaceId, id))) return null
      const parts = await documents.list('import-part', { prefix: `${id}/`, limit: 1000 })
      return parts.flatMap(({ body }) => body.rejected)
    },
  }
}

/** One part: its rows are saved together, and what was refused is noted with it. Done again, it gives the same. */
function createStep(documents: DocumentStore, trials: Pick<TrialService, 'putAll'>): JobStep {
  return async ({ cursor }) => {
    const at = cursor ?? ''
    const [id = '', number = '0'] = at.split('/', 2)
    const [found, part] = await Promise.all([documents.get('import', id), documents.get('import-part', at)])
    if (!found || !part) return { cursor, done: 0, finished: true }
    const { workspaceId, by, quiet } = found.body
    const { rejected } = part.body
    const rows = part.body.rows as readonly ImportRow[]
    const refusals = await trials.putAll(workspaceId, by, rows, { quiet })
    const refused = rows.flatMap(({ line, userId }, index) => {
      const why = refusals[index]
      return why ? [{ line, userId, why }] : []
    })
    const faulty = [...rejected.filter((row) => !rows.some(({ line }) => line === row.line)), ...refused]
    await updateDocument(documents, 'import', id, (before) => {
      // Done before, by a process that died before it could say so.
      if (!before || (rows.length === 0 && before.results[Number(number)])) return null
      const results = [...before.results]
      results[Number(number)] = { imported: rows.length - refused.length, rejected: faulty.length }
      return { ...before, results }
    })
    // The trials hold it now; what is left here is only what has to be corrected.
    await documents.put('import-part', at, { ...part.body, rows: [], rejected: faulty })
    const next = partId(id, Number(number) + 1)
    const isLast = (await documents.get('import-part', next)) === null
    return { cursor: next, done: rows.length + rejected.length, finished: isLast }
  }
}
