import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import { call, serverNow } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, When } from '../shared/parts.tsx'
import { sentence } from '../shared/words.ts'

type Blocked = AnswerOf<'GET /api/blocked-emails'>['emails'][number]

/** How long an email is given to leave before the list is read again. */
const lookAgainMs = 1500
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Emails that could not be written, why, and a button for when the cause is gone; nothing while there are none. */
export function BlockedEmails() {
  const list = useApi('GET /api/blocked-emails')
  const { busy, error, run } = useAction()
  const emails = list.data?.emails ?? []
  if (emails.length === 0) return null
  const now = serverNow()
  const send = ({ userId, key }: Blocked) =>
    run(async () => {
      await call('POST /api/trialists/{userId}/retries', { params: { userId }, body: { key } })
      await wait(lookAgainMs)
      list.reload()
    })
  return (
    <details class="note note-warn" data-blocked={emails.length} open={emails.length <= 5}>
      <summary>
        {emails.length} {emails.length === 1 ? 'email is' : 'emails are'} blocked
      </summary>
      <p class="quiet">Each is sent by itself once its cause is gone, while it is of use.</p>
      {error && <ErrorNote error={error} />}
      <ul class="plain-list">
        {emails.map((email) => (
          <li key={email.key} class="row start">
            <div class="grow">
              <a href={`#/trialists/${encodeURIComponent(email.userId)}`}>
                {email.name ?? email.email ?? email.userId}
              </a>
              : {kindLabels[email.kind]}
              <small>
                {sentence(email.why)} Of use until <When at={email.usefulUntil} now={now} />.
              </small>
            </div>
            <button type="button" disabled={busy} onClick={() => send(email)}>
              Send now<span class="sr"> to {email.name ?? email.userId}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
