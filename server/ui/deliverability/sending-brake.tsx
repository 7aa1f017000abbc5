import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { dateTimeText } from '../shared/format.ts'
import { type Loaded, useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'

type Brake = AnswerOf<'GET /api/brake'>

type LoadedBrake = Loaded<Brake> & { reload: () => void }

/** Says that trial emails rest, or that they soon will; nothing while all is well. */
export function BrakeBanner({ session }: { session: Session }) {
  const brake = useApi('GET /api/brake')
  return <BrakeNote brake={brake} session={session} />
}

function BrakeNote({ brake, session }: { brake: LoadedBrake; session: Session }) {
  const { busy, error, run } = useAction()
  const { data } = brake
  if (!data || (!data.paused && data.verdict === 'ok')) return null
  const resume = () =>
    run(async () => {
      await call('POST /api/brake/resume')
      brake.reload()
    })
  return (
    <div class={`note ${data.paused ? 'note-error' : 'note-warn'}`} role="status">
      <p>
        <strong>{data.paused ? 'Trial emails are paused.' : 'Warning.'}</strong>{' '}
        {data.paused ? data.pausedWhy : data.why}
        {data.pausedAt && ` Since ${dateTimeText(data.pausedAt)}. Service emails still go out.`}
      </p>
      {data.paused && isAdmin(session) && (
        <button type="button" disabled={busy} onClick={resume}>
          Resume sending
        </button>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  )
}

/** The brake judges by no fewer. */
const fewEmails = 200

/** The state of sending, also while all is well. */
export function BrakeSection({ session }: { session: Session }) {
  const brake = useApi('GET /api/brake')
  const { data } = brake
  return (
    <Section title="Sending">
      {brake.state === 'failed' && <ErrorNote error={brake.error} retry={brake.reload} />}
      {!data && brake.state === 'loading' && <Loading what="the sending status" />}
      <BrakeNote brake={brake} session={session} />
      {data && (
        <>
          {!data.paused && data.verdict === 'ok' && (
            <p>
              <strong>Trial emails are going out.</strong>{' '}
              {data.handed < fewEmails
                ? 'Too few to judge complaints and bounces by.'
                : 'Complaints and bounces are low.'}
            </p>
          )}
          <p>
            Last 28 days: {data.handed} emails handed over, {data.complaints} marked as spam,{' '}
            {data.hardBounces} to addresses that do not exist.
          </p>
          <p class="quiet">
            Trial emails pause automatically when 0.3 % are marked as spam or 5 % hard-bounce, out of at least
            200 emails.
          </p>
        </>
      )}
    </Section>
  )
}
