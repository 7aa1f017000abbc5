import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { call, isAtLeast, type Session } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'
import type { MailChoice } from './address.ts'

type Handover = AnswerOf<'POST /api/templates/{kind}/test-send'>

export const handoverWords: Record<Handover['state'], string> = {
  accepted: 'The mail server accepted it.',
  refused: 'It was not sent: a safety check stopped it.',
  deferred: 'It was not sent. Try again later.',
  rejected: 'The mail server refused it.',
  unknown: 'The mail server did not say whether it accepted it.',
}

/** Only owners may know who has an account. */
export function Colleagues({ id }: { id: string }) {
  const { data } = useApi('GET /api/accounts')
  return (
    <datalist id={id}>
      {data?.accounts.map(({ email, name }) => (
        <option key={email} value={email}>
          {name}
        </option>
      ))}
    </datalist>
  )
}

export function TestSend({
  kind,
  choice,
  session,
}: {
  kind: MessageKind
  choice: MailChoice
  session: Session
}) {
  const [handover, setHandover] = useState<Handover | null>(null)
  const { busy, error, run } = useAction()
  const knowsColleagues = isAtLeast(session, 'owner')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const to = String(new FormData(event.currentTarget as HTMLFormElement).get('to')).trim()
    setHandover(null)
    void run(async () => {
      const body = { ...choice, to }
      setHandover(await call('POST /api/templates/{kind}/test-send', { params: { kind }, body }))
    })
  }
  return (
    <Section title="Send a test">
      <form onSubmit={submit}>
        <label>
          To a colleague with an account
          <input
            name="to"
            type="email"
            required
            maxLength={254}
            defaultValue={session.account.email}
            {...(knowsColleagues && { list: 'colleagues' })}
          />
        </label>
        {knowsColleagues && <Colleagues id="colleagues" />}
        <button type="submit" disabled={busy}>
          {busy ? 'Sending …' : 'Send test email'}
        </button>
      </form>
      <div aria-live="polite">
        {handover && (
          <p class={`note${handover.state === 'accepted' ? ' note-good' : ''}`}>
            {handoverWords[handover.state]}
            {handover.answer && <small>{handover.answer}</small>}
          </p>
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </Section>
  )
}
