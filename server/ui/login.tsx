import { call, type Session } from './shared/api.ts'
import { Submit } from './shared/form-parts.tsx'
import { useAction } from './shared/hooks.ts'

export function LoginPage({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    void run(async () =>
      onSignedIn(
        await call('POST /api/session', {
          body: { email: String(form.get('email')).trim(), password: String(form.get('password')) },
        }),
      ),
    )
  }
  return (
    <main class="lone">
      <form class="card login" onSubmit={submit}>
        <h1 class="brand">
          <img src="/icon.svg" alt="" width="32" height="32" />
          Trialpace
        </h1>
        <label>
          Email address
          <input name="email" type="email" autocomplete="username" required maxLength={254} />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required maxLength={128} />
        </label>
        <Submit busy={busy} error={error} doing="Signing in …">
          Sign in
        </Submit>
        <p>
          <a href="#/forgot">Forgot password?</a>
        </p>
      </form>
    </main>
  )
}
