import { useEffect, useState } from 'preact/hooks'
import type { Card } from '../../shared/api/card.ts'
import { FailureNote } from './failure-note.tsx'
import { NoCard, Quiet } from './no-card.tsx'
import { People } from './people.tsx'
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
      {view.screen?.isSearch && !props.wide && (
        <p class="quiet">
          <button type="button" class="link" onClick={() => store.endSearch()}>
            Back to this thread
          </button>
        </p>
      )}
      {view.failure && view.failureAt === 'card' && (
        <FailureNote failure={view.failure} store={store} ask={ask} />
      )}
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
        Gmail looks different today, so the people in this thread could not be read.{' '}
        <button type="button" class="link" onClick={() => void props.ask('openPanel', {})}>
          Find them by address
        </button>
      </Quiet>
    )
  if (!view.selected) return <Quiet>No one else is in this thread.</Quiet>
  if (card) return <PersonCard key={card.userId} {...props} view={view} card={card} />
  const person = view.screen.people.find(({ email }) => email === view.selected)
  if (person && (card === null || view.skipped[person.email]))
    return <NoCard key={person.email} person={person} view={view} store={props.store} ask={props.ask} />
  return view.loading ? <Skeleton /> : null
}

/** Shown after 150 ms by its own animation, so that quick answers do not flicker. */
const Skeleton = () => (
  <div class="skeleton">
    <span class="sr">Looking up…</span>
    <i style="width:60%" />
    <i style="width:85%" />
    <i style="width:40%" />
  </div>
)
