import { useState } from 'preact/hooks'
import { call, renewToken, type Session } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'

export function PasswordSection({ session }: { session: Session }) {
  const [done, setDone] = useState(false)
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const fields = new FormData(form)
    const body = { current: String(fields.get('current')), next: String(fields.get('next')) }
    setDone(false)
    void run(async () => {
      renewToken(await call('PUT /api/session/password', { body }))
      form.reset()
      setDone(true)
    })
  }
  return (
    <Section title="Your password">
      <form class="narrow" onSubmit={submit}>
        <label class="sr">
          Account
          <input type="email" autocomplete="username" value={session.account.email} readOnly tabIndex={-1} />
        </label>
        <label>
          Current password
          <input name="current" type="password" autocomplete="current-password" required maxLength={128} />
        </label>
        <label>
          New password
          <input
            name="next"
            type="password"
            autocomplete="new-password"
            required
            minLength={12}
            maxLength={128}
            aria-describedby="password-hint"
          />
          <small id="password-hint">
            At least 12 characters. You will be signed out everywhere else, including the Gmail companion.
          </small>
        </label>
        {error && <ErrorNote error={error} />}
        <button type="submit" disabled={busy}>
          {busy ? 'Changing …' : 'Change password'}
        </button>
        <div role="status">{done && <p class="note note-good">Your password was changed.</p>}</div>
      </form>
    </Section>
  )
}
