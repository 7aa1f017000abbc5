import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { call, serverNow } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section, TableHead, When } from '../shared/parts.tsx'

type OwnSession = AnswerOf<'GET /api/sessions'>['sessions'][number]

/** Where one is signed in, and the way to end that elsewhere. */
export function SessionsSection() {
  const sessions = useApi('GET /api/sessions')
  const [said, setSaid] = useState<string | null>(null)
  const { busy, error, run } = useAction()
  const end = (work: () => Promise<string>) =>
    run(async () => {
      setSaid(await work())
      sessions.reload()
    })
  const endOne = ({ id, device }: OwnSession) =>
    end(async () => {
      await call('DELETE /api/sessions/{id}', { params: { id } })
      return `${device} is signed out.`
    })
  const endOthers = () =>
    end(async () => {
      const { ended } = await call('DELETE /api/sessions')
      return ended === 1 ? 'One other session is ended.' : `${ended} other sessions are ended.`
    })
  const hasOthers = sessions.data?.sessions.some(({ current }) => !current) ?? false
  return (
    <Section title="Your sessions">
      <p>Browsers in which you are signed in. The Gmail companion is ended by a new password.</p>
      <div role="status">{said && <p class="note note-good">{said}</p>}</div>
      {error && <ErrorNote error={error} />}
      {sessions.state === 'failed' && <ErrorNote error={sessions.error} retry={sessions.reload} />}
      {!sessions.data && sessions.state === 'loading' && <Loading what="your sessions" />}
      {sessions.data && <SessionTable sessions={sessions.data.sessions} busy={busy} onEnd={endOne} />}
      {hasOthers && (
        <button type="button" disabled={busy} onClick={endOthers}>
          Sign out everywhere else
        </button>
      )}
    </Section>
  )
}

function SessionTable({
  sessions,
  busy,
  onEnd,
}: {
  sessions: readonly OwnSession[]
  busy: boolean
  onEnd: (session: OwnSession) => void
}) {
  const now = serverNow()
  return (
    <table class="list people-list session-list">
      <TableHead titles={['Device', 'Signed in', 'Last used']} action="End" />
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <th scope="row">{session.device}</th>
            <td data-label="Signed in">
              <When at={session.createdAt} now={now} />
            </td>
            <td data-label="Last used">
              <When at={session.seenAt} now={now} />
            </td>
            <td class="settings-actions">
              {session.current ? (
                <span class="quiet">This one</span>
              ) : (
                <button type="button" class="plain" disabled={busy} onClick={() => onEnd(session)}>
                  Sign out<span class="sr"> of {session.device}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
