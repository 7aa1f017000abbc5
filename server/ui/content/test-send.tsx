import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { Colleagues, handoverWords } from '../emails/test-send.tsx'
import { call, isAtLeast, type Session } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote } from '../shared/parts.tsx'
import type { PreviewRequest } from './types.ts'

type Handover = AnswerOf<'POST /api/content/test-send'>

/** What the preview shows, into one’s own inbox. */
export function TestSend({ request, session }: { request: PreviewRequest; session: Session }) {
  const [handover, setHandover] = useState<Handover | null>(null)
  const { busy, error, run } = useAction()
  const knowsColleagues = isAtLeast(session, 'owner')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const to = String(new FormData(event.currentTarget as HTMLFormElement).get('to')).trim()
    setHandover(null)
    void run(async () => {
      setHandover(await call('POST /api/content/test-send', { body: { ...request, to } }))
    })
  }
  const state = handover?.state as keyof typeof handoverWords | undefined
  return (
    <details class="card test-send">
      <summary>Send a test</summary>
      <form onSubmit={submit}>
        <label>
          To a colleague with an account
          <input
            name="to"
            type="email"
            required
            maxLength={254}
            defaultValue={session.account.email}
            {...(knowsColleagues && { list: 'content-colleagues' })}
          />
        </label>
        {knowsColleagues && <Colleagues id="content-colleagues" />}
        <button type="submit" disabled={busy}>
          {busy ? 'Sending …' : 'Send test email'}
        </button>
      </form>
      <div aria-live="polite">
        {handover && state && (
          <p class={`note${state === 'accepted' ? ' note-good' : ''}`}>
            {handoverWords[state] ?? state}
            {handover.answer && <small>{handover.answer}</small>}
          </p>
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </details>
  )
}
