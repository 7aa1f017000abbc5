import { api, isAdmin, type Session } from './api.ts'
import { dateTimeText } from './format.ts'
import { useAction, useApi } from './hooks.ts'
import { ErrorNote } from './parts.tsx'

interface Brake {
  paused: boolean
  pausedAt: string | null
  pausedWhy: string | null
  verdict: 'ok' | 'warn' | 'stop'
  why: string
}

/** Says that trial mails rest, or that they soon will; nothing while all is well. */
export function BrakeBanner({ session }: { session: Session }) {
  const brake = useApi<Brake>('/api/brake')
  const { busy, error, run } = useAction()
  const { data } = brake
  if (!data || (!data.paused && data.verdict === 'ok')) return null
  const resume = () =>
    run(async () => {
      await api('POST', '/api/brake/resume')
      brake.reload()
    })
  return (
    <div class={`note ${data.paused ? 'note-error' : 'note-warn'}`} role="status">
      <p>
        <strong>{data.paused ? 'Trial mails are paused.' : 'Take care.'}</strong>{' '}
        {data.paused ? data.pausedWhy : data.why}
        {data.pausedAt && ` Since ${dateTimeText(data.pausedAt)}. Service mails still go out.`}
      </p>
      {data.paused && isAdmin(session) && (
        <button type="button" disabled={busy} onClick={resume}>
          Let them go again
        </button>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  )
}
