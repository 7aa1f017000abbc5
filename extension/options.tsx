import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { askWorker } from './ask.ts'
import { normaliseServer } from './auth.ts'
import { browser } from './browser.ts'
import { failureOf } from './failure.ts'
import type { AdapterHealth } from './gmail-people.ts'
import type { ExtensionState } from './messages.ts'
import type { Settings } from './settings.ts'
import { optionsStyles } from './ui/options-styles.ts'

/** Settings: sign in, what is never looked up, what was. */

function Options() {
  const [state, setState] = useState<ExtensionState | null>(null)
  const [fault, setFault] = useState('')
  const [saved, setSaved] = useState('')
  const load = async () => {
    const reply = await askWorker('state', {})
    if (reply.ok) setState(reply.value)
    else setFault(reply.failure.detail)
  }
  useEffect(() => void load(), [])
  if (!state) return <p>{fault || 'Loading…'}</p>
  const save = async (settings: Settings) => {
    const reply = await askWorker('saveSettings', { settings })
    setSaved(reply.ok ? 'Saved.' : '')
    if (reply.ok) await load()
    else setFault(reply.failure.detail)
  }
  return (
    <>
      <h1>Trialpace for Gmail</h1>
      {fault && <p role="alert">{fault}</p>}
      {state.signedIn ? (
        <SignedIn state={state} setState={setState} />
      ) : (
        <SignIn setState={setState} setFault={setFault} />
      )}
      <Privacy settings={state.settings} save={save} />
      <p role="status">{saved}</p>
      <Health health={state.health} />
      <section>
        <h2>Looked up in this session</h2>
        {state.lookups.length === 0 && <p>Nothing yet.</p>}
        <ul>
          {state.lookups.map(({ at, emails }) => (
            <li key={at}>
              {new Date(at).toLocaleTimeString()}: {emails.join(', ')}
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

const healthTexts: Record<AdapterHealth, [title: string, help: string]> = {
  good: ['Good', 'Two independent ways of reading a thread agree.'],
  degraded: [
    'Degraded',
    'Gmail has changed its page. The card still works with the more robust of two methods. Look for an update of this extension.',
  ],
  lost: [
    'Lost',
    'The people in a thread could not be read. Update this extension. Until then, click its icon to open the side panel and type an address.',
  ],
  no_thread: ['Unknown yet', 'Open a thread in Gmail and come back.'],
}

function Health({ health }: { health: ExtensionState['health'] }) {
  const [title, help] = healthTexts[health?.health ?? 'no_thread']
  return (
    <section class="health">
      <h2>Reading Gmail</h2>
      <p>
        <strong class={health?.health}>{title}</strong>
        {health && ` (${new Date(health.at).toLocaleString()})`}. {help}
      </p>
    </section>
  )
}

function SignedIn({ state, setState }: { state: ExtensionState; setState: (state: ExtensionState) => void }) {
  const out = async () => {
    const reply = await askWorker('signOut', {})
    if (reply.ok) setState(reply.value)
  }
  return (
    <section>
      <p>
        Signed in to <strong>{state.server}</strong>
        {state.rep && ` as ${state.rep}`}.
      </p>
      <button type="button" onClick={() => void out()}>
        Sign out
      </button>
    </section>
  )
}

function SignIn({
  setState,
  setFault,
}: {
  setState: (state: ExtensionState) => void
  setFault: (text: string) => void
}) {
  const [server, setServer] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setFault('')
    setBusy(true)
    try {
      const origin = normaliseServer(server)
      // Only here, straight in the click: the browser asks the person for exactly this one origin.
      if (!(await browser.permissions.request({ origins: [`${origin}/*`] })))
        return setFault(`Without access to ${origin} the extension cannot look up trialists.`)
      const reply = await askWorker('signIn', { server: origin })
      if (reply.ok) setState(reply.value)
      else setFault(reply.failure.detail)
    } catch (error) {
      setFault(failureOf(error).detail)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        URL of your Trialpace server
        <input
          required
          placeholder="https://trialpace.example.com"
          value={server}
          onInput={(event) => setServer(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}

function Privacy({ settings, save }: { settings: Settings; save: (settings: Settings) => Promise<void> }) {
  const [text, setText] = useState(settings.neverLookUp.join('\n'))
  const neverLookUp = text
    .split(/[\n,]/)
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
  return (
    <section>
      <h2>Privacy</h2>
      <p>
        Only the addresses of the people in the open thread are sent, and only to your server. The text of an
        email is never read.
      </p>
      <label>
        Never look up (an address or @domain per line)
        <textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="button" onClick={() => void save({ ...settings, neverLookUp })}>
        Save list
      </button>
      <label class="row">
        <input
          type="checkbox"
          checked={settings.listDots}
          onChange={(event) => void save({ ...settings, listDots: event.currentTarget.checked })}
        />
        Mark trialists in thread lists (looks up every sender on the page)
      </label>
    </section>
  )
}

const style = document.createElement('style')
style.textContent = optionsStyles
document.head.append(style)
const root = document.createElement('main')
document.body.append(root)
render(<Options />, root)
