import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Card } from '../../shared/api/card.ts'
import type { AskWorker } from '../ask.ts'
import type { Failure, FailureCode } from '../messages.ts'
import { PersonCard } from './person-card.tsx'
import type { AppProps } from './props.ts'
import type { Store, View } from './store.ts'

function useView(store: Store): View {
  const [view, setView] = useState(store.view())
  useEffect(() => store.subscribe(() => setView(store.view())), [store])
  return view
}

export function App(props: AppProps) {
  const { store, ask } = props
  const view = useView(store)
  const card = view.selected ? view.cards[view.selected] : undefined
  return (
    <section class="tp" aria-label="Trialpace" aria-busy={view.loading || view.busy}>
      <People view={view} store={store} />
      {view.failure && <FailureNote failure={view.failure} store={store} ask={ask} />}
      <Body {...props} view={view} card={card} />
      <p class="live" role="status" aria-live="polite">
        {view.undo?.text ?? ''}
      </p>
    </section>
  )
}

function Body({ view, card, ...props }: AppProps & { view: View; card: Card | null | undefined }) {
  if (!view.screen) return <Quiet>Open a thread to see who it is.</Quiet>
  if (view.screen.health === 'lost')
    return (
      <Quiet>
        Gmail looks different today and the people of this thread could not be read.{' '}
        <button type="button" class="link" onClick={() => void props.ask('openPanel', {})}>
          Find them by address
        </button>
      </Quiet>
    )
  if (!view.selected) return <Quiet>Nobody else is in this thread.</Quiet>
  if (card) return <PersonCard key={card.userId} {...props} view={view} card={card} />
  if (card === null) return <NotATrialist email={view.selected} ask={props.ask} />
  return view.loading ? <Skeleton /> : null
}

const Quiet = ({ children }: { children: ComponentChildren }) => <p class="quiet">{children}</p>

/** Shown after 150 ms by its own animation, so that quick answers do not flicker. */
const Skeleton = () => (
  <div class="skeleton">
    <span class="sr">Looking up…</span>
    <i style="width:60%" />
    <i style="width:85%" />
    <i style="width:40%" />
  </div>
)

function People({ view, store }: { view: View; store: Store }) {
  const people = view.screen?.people ?? []
  if (people.length < 2) return null
  return (
    <ul class="people" aria-label="People in this thread">
      {people.slice(0, 8).map(({ email, name }) => (
        <li key={email}>
          <button
            type="button"
            class={`chip ${view.cards[email] ? 'known' : ''}`}
            aria-pressed={email === view.selected}
            title={email}
            onClick={() => store.select(email)}
          >
            {name ?? email}
          </button>
        </li>
      ))}
    </ul>
  )
}

function NotATrialist({ email, ask }: { email: string; ask: AskWorker }) {
  const [hidden, setHidden] = useState<string | null>(null)
  const hide = async (entry: string) => {
    const reply = await ask('neverLookUp', { entry })
    if (reply.ok) setHidden(entry)
  }
  const domain = email.slice(email.lastIndexOf('@'))
  if (hidden) return <p class="quiet">{hidden} will not be looked up any more. Undo this in the settings.</p>
  return (
    <details class="quiet">
      <summary>{email} is not a trialist</summary>
      <p>
        <button type="button" class="link" onClick={() => void hide(email)}>
          Never look up this address
        </button>
        <button type="button" class="link" onClick={() => void hide(domain)}>
          Never look up {domain}
        </button>
      </p>
    </details>
  )
}

const retryable: ReadonlySet<FailureCode> = new Set(['offline', 'timeout', 'server', 'conflict'])
const settingsHelp: ReadonlySet<FailureCode> = new Set([
  'signed_out',
  'no_server',
  'no_permission',
  'too_old',
])

function FailureNote({ failure, store, ask }: { failure: Failure; store: Store; ask: AskWorker }) {
  return (
    <div class="failure" role="alert">
      <p>{failure.detail}</p>
      {retryable.has(failure.code) && (
        <button type="button" class="link" onClick={() => store.reload()}>
          {failure.code === 'conflict' ? 'Show how it stands now' : 'Try again'}
        </button>
      )}
      {settingsHelp.has(failure.code) && (
        <button type="button" class="link" onClick={() => void ask('openOptions', {})}>
          {failure.code === 'signed_out' ? 'Sign in' : 'Open settings'}
        </button>
      )}
      {failure.code === 'reload' && (
        <button type="button" class="link" onClick={() => location.reload()}>
          Reload Gmail
        </button>
      )}
    </div>
  )
}
