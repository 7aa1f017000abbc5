import { isoInstant, minuteMs } from '../../../shared/clock.ts'
import type { Role } from '../../../shared/roles.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Job, StoredJob } from '../../storage/documents/server.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

export type { Job }

/** One page of work. It must be repeatable: after a crash the same step runs again. */
export type JobStep = (
  job: Job,
  signal: AbortSignal,
) => Promise<{ cursor: string | null; done: number; finished: boolean }>

/** A kind of job: what one step of it does, and who may cancel it. */
interface JobKind {
  readonly step: JobStep
  readonly leastRole: Role
}

export interface Jobs {
  /** Before the first job runs: each feature says how its own long work is done. */
  register(kind: string, step: JobStep, leastRole?: Role): void
  /** Who may cancel a job of this kind. */
  leastRole(kind: string): Role
  /** Stores the job, and takes it up at once where this process runs jobs; else another one will. */
  start(request: {
    workspaceId: WorkspaceId
    kind: string
    by: string
    total: number | null
    /** Where the first step begins. */
    cursor?: string
  }): Promise<Job>
  get(workspaceId: WorkspaceId, id: string): Promise<Job | null>
  list(workspaceId: WorkspaceId, limit: number): Promise<Job[]>
  cancel(workspaceId: WorkspaceId, id: string): Promise<Job | null>
  /** Takes up what waits or lies unfinished; resolves when nothing is left to do now. */
  runPending(): Promise<void>
  /** Lets the running step end, then rests. */
  stop(): Promise<void>
}

const kind = 'job'
const leaseMs = minuteMs
const maxFailures = 5

const isOpen = ({ state }: Job): boolean => state === 'queued' || state === 'running'

const withoutLease = ({ leaseUntil: _, failures: __, ...job }: StoredJob): Job => job

export function createJobs({
  storage,
  clock,
  ids,
  runsHere = false,
}: {
  storage: Storage
  clock: Clock
  ids: Ids
  /** Whether a job that is started here is taken up here, without waiting for the next {@link Jobs.runPending}. */
  runsHere?: boolean
}): Jobs {
  const { documents } = storage
  const kinds = new Map<string, JobKind>()
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const docId = (workspaceId: WorkspaceId, id: string) => `${workspaceId}/${id}`

  /** Runs one job until it ends, is cancelled, or someone else has it. */
  async function run(id: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const now = clock.now()
      const taken = await updateDocument(documents, kind, id, (job) =>
        job && isOpen(job) ? { ...job, state: 'running' as const, leaseUntil: now + leaseMs } : null,
      )
      if (taken.state === 'unchanged') return
      const next = await step(taken.after)
      // A conflict means that it was cancelled meanwhile: the loop reads it again and ends.
      await documents.put(kind, id, { ...next, updatedAt: isoInstant(clock.now()) }, taken.version)
    }
  }

  async function step(job: StoredJob): Promise<StoredJob> {
    try {
      const { cursor, done, finished } = await (kinds.get(job.kind) as JobKind).step(job, stopping.signal)
      return { ...job, cursor, done: job.done + done, failures: 0, state: finished ? 'done' : 'running' }
    } catch (error) {
      const failures = job.failures + 1
      const message = error instanceof Error ? error.message : String(error)
      return { ...job, failures, error: message, state: failures >= maxFailures ? 'failed' : 'running' }
    }
  }

  async function pending(): Promise<string[]> {
    const all = await documents.list(kind, { reverse: true, limit: 200 })
    const now = clock.now()
    return all
      .filter(({ body }) => kinds.has(body.kind))
      .filter(({ body }) => body.state === 'queued' || (body.state === 'running' && body.leaseUntil <= now))
      .map(({ id }) => id)
      .reverse()
  }

  function runPending(): Promise<void> {
    running = running.then(async () => {
      for (const id of await pending()) await run(id)
    })
    return running
  }

  return {
    register: (name, step, leastRole = 'admin') => void kinds.set(name, { step, leastRole }),
    leastRole: (name) => kinds.get(name)?.leastRole ?? 'admin',
    async start({ workspaceId, kind: jobKind, by, total, cursor }) {
      const now = clock.now()
      const job: StoredJob = {
        id: ids.uuid(now),
        workspaceId,
        kind: jobKind,
        state: 'queued',
        done: 0,
        total,
        createdAt: isoInstant(now),
        updatedAt: isoInstant(now),
        by,
        cursor: cursor ?? null,
        error: null,
        leaseUntil: 0,
        failures: 0,
      }
      await documents.put(kind, docId(workspaceId, job.id), job, 0)
      // What fails now is tried again by the chore that runs what is pending.
      if (runsHere) void runPending().catch(() => undefined)
      return withoutLease(job)
    },
    async get(workspaceId, id) {
      const found = await documents.get(kind, docId(workspaceId, id))
      return found && withoutLease(found.body)
    },
    async list(workspaceId, limit) {
      const page = await documents.list(kind, { prefix: `${workspaceId}/`, reverse: true, limit })
      return page.map(({ body }) => withoutLease(body))
    },
    async cancel(workspaceId, id) {
      const updatedAt = isoInstant(clock.now())
      const { after } = await updateDocument(documents, kind, docId(workspaceId, id), (job) =>
        job && isOpen(job) ? { ...job, state: 'cancelled' as const, updatedAt } : null,
      )
      return after && withoutLease(after)
    },
    runPending,
    async stop() {
      stopping.abort()
      await running.catch(() => undefined)
    },
  }
}
