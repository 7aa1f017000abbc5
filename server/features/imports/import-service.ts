import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Actor } from '../../domain/trial/model.ts'
import { breathe } from '../../storage/breathe.ts'
import type { PartResult, RejectedRow, StoredImport } from '../../storage/documents/imports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { Job, JobStep, Jobs } from '../jobs/job-service.ts'
import type { ImportOptions, TrialService } from '../trials/trial-service.ts'
import type { ImportRow, ReadRow } from './read-rows.ts'
import type { Rehearse } from './rehearsal.ts'

/** People brought in by a file: stored first, then worked off in steps that can be repeated after a crash. */
export interface Imports {
  start(request: {
    workspaceId: WorkspaceId
    by: Actor
    quiet: boolean
    /** Only says what it would do. */
    dryRun: boolean
    /** The day on which new people began of whom no dates are said; null: today. */
    undatedSince: string | null
    encoding: 'windows-1252' | null
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
  readonly dryRun: boolean
  readonly encoding: 'windows-1252' | null
  readonly created: number
  readonly updated: number
  readonly rehearsal: {
    readonly emailNow: number
    readonly emailWithinDay: number
    readonly kinds: Readonly<Record<string, number>>
    readonly undated: number
    readonly held: { readonly people: number; readonly why: string } | null
  } | null
}

const jobKind = 'import'
/** One step of the job: what it writes beside the trials is written once for so many. */
const partRows = 500
/** One save of trials: what is saved together holds the thread that answers. */
const savedRows = 100

const partId = (id: string, part: number): string => `${id}/${String(part).padStart(6, '0')}`

export function createImports({
  documents,
  jobs,
  trials,
  rehearse,
  whyHeld,
  newId,
  now,
}: {
  documents: DocumentStore
  jobs: Jobs
  trials: Pick<TrialService, 'putAll'>
  rehearse: Rehearse
  /** Why no email leaves this workspace now; null: they leave. */
  whyHeld: (workspaceId: WorkspaceId) => Promise<string | null>
  newId: () => string
  now: () => number
}): Imports {
  jobs.register(jobKind, createStep(documents, trials, rehearse), 'admin')

  async function storeParts(
    id: string,
    rows: AsyncIterable<ReadRow>,
    { maxRows, dryRun }: { maxRows: number; dryRun: boolean },
  ) {
    // A rehearsal saves nothing, so all that is said of one person has to be looked at together.
    const partOf = new Map<string, number>()
    const later = new Map<number, ImportRow[]>()
    let part: { rows: ImportRow[]; rejected: RejectedRow[] } = { rows: [], rejected: [] }
    let [parts, total] = [0, 0]
    const flush = async () => {
      if (part.rows.length + part.rejected.length === 0) return
      await documents.put('import-part', partId(id, parts++), { ...part, at: now() })
      part = { rows: [], rejected: [] }
    }
    for await (const row of rows) {
      if (++total > maxRows) return null
      const earlier = dryRun && 'patch' in row ? partOf.get(row.userId) : undefined
      if (earlier !== undefined && earlier < parts && 'patch' in row) {
        later.set(earlier, [...(later.get(earlier) ?? []), row])
        continue
      }
      if (part.rows.length + part.rejected.length >= partRows) await flush()
      if ('patch' in row) {
        part.rows.push(row)
        if (dryRun) partOf.set(row.userId, parts)
      } else part.rejected.push(row)
      if (total % 50 === 0) await breathe()
    }
    await flush()
    for (const [number, more] of later)
      await updateDocument(
        documents,
        'import-part',
        partId(id, number),
        (before) => before && { ...before, rows: [...before.rows, ...more] },
      )
    return { rows: total }
  }

  async function get(workspaceId: WorkspaceId, id: string): Promise<ImportState | null> {
    const found = await documents.get('import', id)
    if (found?.body.workspaceId !== workspaceId) return null
    const { jobId, quiet, rows, dryRun = false, encoding = null } = found.body
    const job = await jobs.get(workspaceId, jobId)
    // Read after the job, so that one that is done has counted all of its rows.
    const { results } = (await documents.get('import', id))?.body ?? found.body
    const held = dryRun ? await whyHeld(workspaceId) : null
    return job && { id, job, rows, quiet, dryRun, encoding, ...countsOf(results, dryRun, held) }
  }

  return {
    get,

    async start({ workspaceId, by, quiet, dryRun, undatedSince, encoding, rows, maxRows }) {
      const id = newId()
      const stored = await storeParts(id, rows, { maxRows, dryRun })
      if (!stored) return null
      const body: StoredImport = {
        workspaceId,
        by,
        quiet,
        ...(dryRun && { dryRun }),
        ...(undatedSince !== null && { undatedSince }),
        ...(encoding && { encoding }),
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
      return { id, job, rows: stored.rows, quiet, dryRun, encoding, ...countsOf([], dryRun, null) }
    },

    async rejected(workspaceId, id) {
      if (!(await get(workspaceId, id))) return null
      const parts = await documents.list('import-part', { prefix: `${id}/`, limit: 1000 })
      return parts.flatMap(({ body }) => body.rejected)
    },
  }
}

function countsOf(results: readonly PartResult[], dryRun: boolean, whyHeld: string | null) {
  const sum = (name: Exclude<keyof PartResult, 'kinds'>) =>
    results.reduce((total, result) => total + (result[name] ?? 0), 0)
  const kinds: Record<string, number> = {}
  for (const result of results)
    for (const [kind, count] of Object.entries(result.kinds ?? {})) kinds[kind] = (kinds[kind] ?? 0) + count
  const [imported, created] = [sum('imported'), sum('created')]
  return {
    imported,
    created,
    updated: imported - created,
    rejected: sum('rejected'),
    rehearsal: dryRun
      ? rehearsalOf(sum('emailNow'), sum('emailWithinDay'), kinds, sum('undated'), whyHeld)
      : null,
  }
}

/** While sending is held nothing leaves now, nor within the day; who would have been emailed now is kept waiting. */
function rehearsalOf(
  emailNow: number,
  emailWithinDay: number,
  kinds: Readonly<Record<string, number>>,
  undated: number,
  whyHeld: string | null,
): NonNullable<ImportState['rehearsal']> {
  return whyHeld === null
    ? { emailNow, emailWithinDay, kinds, undated, held: null }
    : {
        emailNow: 0,
        emailWithinDay: 0,
        kinds: {},
        undated,
        held: { people: emailNow + emailWithinDay, why: whyHeld },
      }
}

/** Two rows of one person in one save would be saved over the same version: the second begins another save. */
function savesOf(rows: readonly ImportRow[]): ImportRow[][] {
  const saves: ImportRow[][] = []
  let known = new Set<string>()
  for (const row of rows) {
    const last = saves.at(-1)
    if (last && last.length < savedRows && !known.has(row.userId)) last.push(row)
    else {
      saves.push([row])
      known = new Set()
    }
    known.add(row.userId)
  }
  return saves
}

async function putInGroups(
  trials: Pick<TrialService, 'putAll'>,
  ...[workspaceId, by, rows, options]: [WorkspaceId, Actor, readonly ImportRow[], ImportOptions]
): ReturnType<TrialService['putAll']> {
  const refusals: (string | null)[] = []
  let created = 0
  for (const save of savesOf(rows)) {
    const put = await trials.putAll(workspaceId, by, save, options)
    refusals.push(...put.refusals)
    created += put.counts.created
  }
  return { refusals, counts: { created } }
}

/** One part: what was refused is noted with it. Done again, it gives the same. */
function createStep(
  documents: DocumentStore,
  trials: Pick<TrialService, 'putAll'>,
  rehearse: Rehearse,
): JobStep {
  return async ({ cursor }) => {
    const at = cursor ?? ''
    const [id = '', number = '0'] = at.split('/', 2)
    const [found, part] = await Promise.all([documents.get('import', id), documents.get('import-part', at)])
    if (!found || !part) return { cursor, done: 0, finished: true }
    const { workspaceId, by, quiet, dryRun, undatedSince } = found.body
    const options = { quiet, ...(undatedSince !== undefined && { undatedSince }) }
    const { rejected } = part.body
    const rows = part.body.rows as readonly ImportRow[]
    const { refusals, counts } = dryRun
      ? await rehearse(workspaceId, by, rows, options)
      : await putInGroups(trials, workspaceId, by, rows, options)
    const refused = rows.flatMap(({ line, userId }, index) => {
      const why = refusals[index]
      return why ? [{ line, userId, why }] : []
    })
    const faulty = [...rejected.filter((row) => !rows.some(({ line }) => line === row.line)), ...refused]
    await updateDocument(documents, 'import', id, (before) => {
      // Done before, by a process that died before it could say so.
      if (!before || (rows.length === 0 && before.results[Number(number)])) return null
      const results = [...before.results]
      results[Number(number)] = { imported: rows.length - refused.length, rejected: faulty.length, ...counts }
      return { ...before, results }
    })
    // The trials hold it now; what is left here is only what has to be corrected.
    await documents.put('import-part', at, { ...part.body, rows: [], rejected: faulty })
    const next = partId(id, Number(number) + 1)
    const isLast = (await documents.get('import-part', next)) === null
    return { cursor: next, done: rows.length + rejected.length, finished: isLast }
  }
}
