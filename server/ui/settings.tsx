import { useState } from 'preact/hooks'
import { api, isAdmin, type Session } from './api.ts'
import { dateText } from './format.ts'
import { useAction, useApi } from './hooks.ts'
import { Copyable, Dialog, ErrorNote, Loading, Section } from './parts.tsx'

interface Workspace {
  id: string
  name: string
  writeKey: string
  publicUrl: string
  snippet: string
}

interface Key {
  id: string
  label: string
  hint: string
  createdAt: string
}

export function SettingsPage({ session }: { session: Session }) {
  const workspace = useApi<Workspace>('/api/workspace')
  return (
    <>
      <h1>Settings</h1>
      {workspace.state === 'failed' && <ErrorNote error={workspace.error} retry={workspace.reload} />}
      {!workspace.data && workspace.state === 'loading' && <Loading what="settings" />}
      {workspace.data && <Install workspace={workspace.data} />}
      {isAdmin(session) && <Keys />}
    </>
  )
}

function Install({ workspace: { snippet, writeKey, publicUrl } }: { workspace: Workspace }) {
  const call = `curl -X PUT ${publicUrl}/api/trialists/USER_ID \\
  -H "Authorization: Bearer sk_…" -H "Content-Type: application/json" \\
  -d '{"email":"ann@example.com","name":"Ann","trial":{"endsAt":"2030-01-31"}}'`
  return (
    <Section title="Install">
      <p>Put this into the head of your product’s pages:</p>
      <Copyable label="Snippet for your pages" text={snippet} />
      <p>Track the moments that matter:</p>
      <Copyable
        label="Example of a tracked event"
        text={"trialpace.identify('USER_ID')\ntrialpace.track('First Result')"}
      />
      <p>Tell addresses and trial dates from your server, with a secret key:</p>
      <Copyable label="Example of a call from your server" text={call} />
      <p class="quiet">
        Public write key: <code>{writeKey}</code>
      </p>
    </Section>
  )
}

function Keys() {
  const keys = useApi<{ keys: Key[] }>('/api/keys')
  const [made, setMade] = useState<string | null>(null)
  const { busy, error, run } = useAction()
  const create = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const label = String(new FormData(form).get('label')).trim()
    void run(async () => {
      const { key } = await api<{ key: string }>('POST', '/api/keys', { body: { label } })
      setMade(key)
      form.reset()
      keys.reload()
    })
  }
  const revoke = (id: string) =>
    run(async () => {
      await api('DELETE', `/api/keys/${encodeURIComponent(id)}`)
      keys.reload()
    })
  return (
    <Section title="Secret keys">
      {keys.state === 'failed' && <ErrorNote error={keys.error} retry={keys.reload} />}
      <ul class="plain-list">
        {keys.data?.keys.map((key) => (
          <li key={key.id} class="row">
            <span>
              <code>{key.hint}</code> {key.label}
              <small>made {dateText(key.createdAt)}</small>
            </span>
            <button
              type="button"
              class="plain"
              disabled={busy}
              onClick={() => revoke(key.id)}
              aria-label={`Revoke ${key.label}`}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
      <form class="row start" onSubmit={create}>
        <label class="grow">
          <span class="sr">What the new key is for</span>
          <input name="label" required maxLength={100} placeholder="What the new key is for" />
        </label>
        <button type="submit" disabled={busy}>
          Make a key
        </button>
      </form>
      {error && <ErrorNote error={error} />}
      {made && (
        <Dialog title="Your new key" onClose={() => setMade(null)}>
          <p>It is shown this once: only its hash is stored.</p>
          <Copyable label="Secret key" text={made} />
        </Dialog>
      )}
    </Section>
  )
}
