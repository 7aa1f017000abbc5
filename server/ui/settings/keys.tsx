import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { call } from '../shared/api.ts'
import { Copyable } from '../shared/copy.tsx'
import { dateText } from '../shared/format.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Loading, Section } from '../shared/parts.tsx'

type Scope = AnswerOf<'GET /api/keys'>['keys'][number]['scope']

const scopes: Record<Scope, string> = {
  full: 'Full access',
  events: 'Send events',
  read: 'Read only',
  inbound: 'Inbound email only',
}

export function KeysSection() {
  const keys = useApi('GET /api/keys')
  const [made, setMade] = useState<string | null>(null)
  const { busy, error, run } = useAction()
  const create = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const label = String(data.get('label')).trim()
    const scope = data.get('scope') as Scope
    void run(async () => {
      const { key } = await call('POST /api/keys', { body: { label, scope } })
      setMade(key)
      form.reset()
      keys.reload()
    })
  }
  const revoke = (id: string) =>
    run(async () => {
      await call('DELETE /api/keys/{id}', { params: { id } })
      keys.reload()
    })
  return (
    <Section title="Secret keys">
      {keys.state === 'failed' && <ErrorNote error={keys.error} retry={keys.reload} />}
      {!keys.data && keys.state === 'loading' && <Loading what="the keys" />}
      {keys.data?.keys.length === 0 && <p class="quiet">No keys yet.</p>}
      <ul class="plain-list">
        {keys.data?.keys.map((key) => (
          <li key={key.id} class="row">
            <span>
              <code>{key.hint}</code> {key.label}
              <small>
                {scopes[key.scope]}, created {dateText(key.createdAt)}
              </small>
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
        <label>
          <span class="sr">What it may do</span>
          <select name="scope">
            {Object.entries(scopes).map(([value, meaning]) => (
              <option key={value} value={value}>
                {meaning}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={busy}>
          Create key
        </button>
      </form>
      {error && <ErrorNote error={error} />}
      {made && (
        <Dialog title="Your new key" onClose={() => setMade(null)}>
          <p>Copy it now: it is shown only once, because only its hash is stored.</p>
          <Copyable label="Secret key" text={made} />
        </Dialog>
      )}
    </Section>
  )
}
