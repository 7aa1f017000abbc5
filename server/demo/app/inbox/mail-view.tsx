import { useEffect, useState } from 'preact/hooks'
import { request } from '../shared/request.ts'
import { type Mail, senderName } from './messages.ts'

const tabs = ['HTML', 'Text', 'Headers', 'Raw'] as const
type Tab = (typeof tabs)[number]

const actions = [
  ['open', 'Open'],
  ['click', 'Click the main link'],
  ['reply', 'Reply'],
  ['bounce', 'Bounce'],
  ['complaint', 'Mark as spam'],
] as const

export function MailView({ mail }: { mail: Mail }) {
  const [tab, setTab] = useState<Tab>('HTML')
  return (
    <article class="mail" aria-labelledby="mail-subject">
      <header>
        <h1 id="mail-subject">{mail.subject}</h1>
        <p class="small">
          {senderName(mail)} to {mail.envelope.to.join(', ')},{' '}
          <time dateTime={mail.receivedAt}>{new Date(mail.receivedAt).toLocaleString()}</time>
          {mail.kind && <span class="badge">{mail.kind}</span>}
        </p>
        <Simulate mail={mail} />
        <Tabs tab={tab} onPick={setTab} />
      </header>
      <div id="mail-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} class="mail-body">
        <Body mail={mail} tab={tab} />
      </div>
    </article>
  )
}

function Tabs({ tab, onPick }: { tab: Tab; onPick: (tab: Tab) => void }) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (!step) return
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] as Tab
    onPick(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <div role="tablist" aria-label="Parts of the email" class="tabs">
      {tabs.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls="mail-panel"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onPick(name)}
          onKeyDown={move}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

function Body({ mail, tab }: { mail: Mail; tab: Tab }) {
  const [raw, setRaw] = useState('…')
  useEffect(() => {
    if (tab === 'Raw')
      fetch(`/inbox/api/messages/${mail.id}/raw`)
        .then((response) => response.text())
        .then(setRaw, () => setRaw('The demo server does not answer.'))
  }, [mail.id, tab])
  if (tab === 'HTML' && mail.html)
    return (
      <iframe
        title={`Mail: ${mail.subject}`}
        src={`/inbox/api/messages/${mail.id}/html`}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
      />
    )
  if (tab === 'Headers')
    return (
      <dl class="headers">
        {Object.entries(mail.headers).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    )
  return <pre>{tab === 'Raw' ? raw : mail.text || 'This email has no text part.'}</pre>
}

/** Does for real what a recipient could do, so that its effect is seen in the dashboard. */
function Simulate({ mail }: { mail: Mail }) {
  const [result, setResult] = useState('')
  useEffect(() => setResult(''), [mail.id])
  const act = (action: string) =>
    request<{ detail: string }>(`/inbox/api/messages/${mail.id}/actions`, { action }).then(
      ({ detail }) => setResult(detail),
      (error: Error) => setResult(error.message),
    )
  return (
    <fieldset class="simulate">
      <legend>As the recipient</legend>
      {actions.map(([action, label]) => (
        <button key={action} type="button" onClick={() => act(action)} data-action={action}>
          {label}
        </button>
      ))}
      <span role="status" class="small">
        {result}
      </span>
    </fieldset>
  )
}
