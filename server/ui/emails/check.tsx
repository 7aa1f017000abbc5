import { useEffect, useState } from 'preact/hooks'
import { type ApiError, call } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { CheckReport } from './report.tsx'
import type { Job } from './types.ts'

const isRunning = (job: Job | null): boolean => job?.state === 'queued' || job?.state === 'running'

const lookEveryMs = 500

/** Follows a job to its end, also one that someone else began. */
function useCheckJob(onEnd: () => void) {
  const [job, setJob] = useState<Job | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => {
    const leaving = new AbortController()
    call('GET /api/jobs', { query: { limit: 20 }, signal: leaving.signal }).then(
      ({ jobs }) =>
        setJob((now) => now ?? jobs.find((each) => each.kind === 'lint' && isRunning(each)) ?? null),
      () => undefined,
    )
    return () => leaving.abort()
  }, [])
  const id = isRunning(job) ? job?.id : undefined
  useEffect(() => {
    if (id === undefined) return
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      try {
        const next = await call('GET /api/jobs/{id}', { params: { id }, signal: leaving.signal })
        setError(null)
        if (!isRunning(next)) onEnd()
        setJob(next)
      } catch (cause) {
        if (!leaving.signal.aborted) setError(cause as ApiError)
      }
      if (!leaving.signal.aborted) timer = setTimeout(look, lookEveryMs)
    }
    timer = setTimeout(look, lookEveryMs)
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [id, onEnd])
  return { job, setJob, error }
}

function Progress({ job, onCancel }: { job: Job; onCancel: () => void }) {
  return (
    <div class="check-progress">
      <p role="status">
        Checking: {job.done} of {job.total ?? '…'} emails
      </p>
      <progress value={job.done} max={job.total ?? 1} aria-label="Emails checked" />
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  )
}

/** Every email in every language, situation and subject: begun here, watched here. */
export function CheckAllMails() {
  const report = useApi('GET /api/lint')
  const playbook = useApi('GET /api/playbook')
  const { job, setJob, error: lost } = useCheckJob(report.reload)
  const { busy, error, run } = useAction()
  const start = () => run(async () => setJob(await call('POST /api/lint')))
  const cancel = () =>
    run(async () => {
      if (job) setJob(await call('DELETE /api/jobs/{id}', { params: { id: job.id } }))
    })
  const running = job !== null && isRunning(job)
  return (
    <Section title="All emails">
      <p class="quiet">
        Checks every kind in every language, situation and subject line: size, links, readability, plain text
        and wording, plus the SpamAssassin score if it is set up.
      </p>
      {running ? (
        <Progress job={job} onCancel={cancel} />
      ) : (
        <button type="button" disabled={busy} onClick={start}>
          Check all emails
        </button>
      )}
      {job?.state === 'cancelled' && (
        <p role="status">Cancelled. The results below are from the previous check.</p>
      )}
      {job?.state === 'failed' && <p class="note note-error">The check failed: {job.error ?? 'unknown'}</p>}
      {(error ?? lost) && <ErrorNote error={(error ?? lost) as ApiError} />}
      {report.state === 'failed' && <ErrorNote error={report.error} retry={report.reload} />}
      {!report.data && report.state === 'loading' && <Loading what="the last check" />}
      {report.data?.report && (
        <CheckReport report={report.data.report} newest={playbook.data?.version ?? null} />
      )}
      {report.data?.report === null && !running && <p class="quiet">Not checked yet.</p>}
    </Section>
  )
}
