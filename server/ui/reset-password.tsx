import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call } from './shared/api.ts'
import { Submit } from './shared/form-parts.tsx'
import { useAction } from './shared/hooks.ts'

function LoneCard({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="lone">
      <div class="card login">
        <h1 class="brand">
          <img src="/icon.svg" alt="" width="32" height="32" />
          {title}
        </h1>
        {children}
      </div>
    </main>
  )
}

const toSignIn = <a href="#/">Back to sign-in</a>

/** Asks for a link. What it says is the same whether the address has an account or not. */
export function ForgotPasswordPage() {
  const [sent, setSent] = useState(false)
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const email = String(new FormData(event.currentTarget as HTMLFormElement).get('email')).trim()
    void run(async () => {
      await call('POST /api/session/reset-link', { body: { email } })
      setSent(true)
    })
  }
  return (
    <LoneCard title="Forgot password">
      {sent ? (
        <div role="status">
          <p class="note note-good">If that address has an account, a link is on its way to it.</p>
          <p>
            It works once, for 30 minutes. Where no mail server is set up, anyone who runs this server makes
            one with <code>trialpace accounts reset-link</code>.
          </p>
        </div>
      ) : (
        <form onSubmit={submit}>
          <label>
            Email address
            <input name="email" type="email" autocomplete="username" required maxLength={254} />
          </label>
          <Submit busy={busy} error={error} doing="Sending …">
            Email me a link
          </Submit>
        </form>
      )}
      <p>{toSignIn}</p>
    </LoneCard>
  )
}

/** Opened by such a link. */
export function ResetPasswordPage({ token, onDone }: { token: string; onDone: () => void }) {
  const [done, setDone] = useState(false)
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const next = String(new FormData(event.currentTarget as HTMLFormElement).get('next'))
    void run(async () => {
      await call('POST /api/session/reset', { body: { token, next } })
      setDone(true)
      onDone()
    })
  }
  return (
    <LoneCard title="Choose a new password">
      {done ? (
        <p class="note note-good" role="status">
          Your password is changed, and you are signed out everywhere. Sign in with the new one.
        </p>
      ) : (
        <form onSubmit={submit}>
          <label>
            New password
            <input
              name="next"
              type="password"
              autocomplete="new-password"
              required
              minLength={12}
              maxLength={128}
              aria-describedby="reset-hint"
            />
            <small id="reset-hint">At least 12 characters.</small>
          </label>
          <Submit busy={busy} error={error} doing="Changing …">
            Change password
          </Submit>
        </form>
      )}
      <p>
        {toSignIn}
        {error && (
          <>
            {' · '}
            <a href="#/forgot">Ask for another link</a>
          </>
        )}
      </p>
    </LoneCard>
  )
}
