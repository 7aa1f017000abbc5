import { useState } from 'preact/hooks'
import { request } from '../shared/request.ts'
import type { Session } from './session.ts'

const field = (form: FormData, name: string): string => String(form.get(name) ?? '').trim()

export function SignUp({ onSignedUp }: { onSignedUp: (session: Session) => void }) {
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setBusy(true)
    setFault(null)
    try {
      onSignedUp(
        await request<Session>('/demo/api/app/sign-up', {
          name: field(form, 'name'),
          email: field(form, 'email'),
          company: field(form, 'company'),
          employees: Number(form.get('employees')),
          locale: navigator.language,
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        }),
      )
    } catch (error) {
      setFault((error as Error).message)
      setBusy(false)
    }
  }

  return (
    <main class="welcome">
      <section class="pitch">
        <h1>Every project on one calm board</h1>
        <p>Boardly shows your team what is next, who has it and what is done. Nothing else.</p>
        <ul class="ticks">
          <li>A board in ten seconds</li>
          <li>Teammates see changes at once</li>
          <li>Automations move cards for you (Team plan)</li>
        </ul>
      </section>
      <form class="card form" onSubmit={submit}>
        <h2>Try Boardly free for 14 days</h2>
        <label>
          Your name
          <input name="name" autocomplete="name" required maxLength={100} placeholder="Ada Lovelace" />
        </label>
        <label>
          Work email
          <input
            name="email"
            type="email"
            autocomplete="email"
            required
            maxLength={254}
            placeholder="ada@engine.example"
          />
        </label>
        <div class="row">
          <label>
            Company
            <input name="company" autocomplete="organization" maxLength={100} placeholder="Engine Ltd" />
          </label>
          <label>
            Team size
            <select name="employees">
              <option value="1">Just me</option>
              <option value="12" selected>
                2 to 20
              </option>
              <option value="80">21 to 200</option>
              <option value="500">More</option>
            </select>
          </label>
        </div>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary wide" disabled={busy}>
          {busy ? 'One moment …' : 'Start my trial'}
        </button>
        <p class="small">
          No card needed. This is a demo: emails go to the <a href="/inbox">demo inbox</a>, to no one else.
        </p>
      </form>
    </main>
  )
}
