import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { AskWorker } from '../ask.ts'
import type { Person } from '../person.ts'
import { Find } from './find.tsx'
import type { Store, View } from './store.ts'

/** What is in place of a card: no one to show, someone who is no trialist, or someone not looked up. */

export const Quiet = ({ children }: { children: ComponentChildren }) => <p class="quiet">{children}</p>

interface Parts {
  person: Person
  view: View
  store: Store
  ask: AskWorker
}

export function NoCard(props: Parts) {
  const { person, view } = props
  if (person.via) return <ViaGroup {...props} via={person.via} />
  if (view.skipped[person.email] === 'colleague') return <Colleague {...props} />
  if (view.skipped[person.email] === 'never') return <NotLookedUp {...props} entry={person.email} />
  return <NotATrialist {...props} />
}

const ViaGroup = ({ via, store }: Parts & { via: NonNullable<Person['via']> }) => (
  <div class="quiet">
    <p>
      <bdi>{via.name}</bdi> wrote through the group <bdi>{via.group}</bdi>, which hides their address. If you
      know it, look them up:
    </p>
    <Find search={store.search} />
  </div>
)

const Colleague = ({ person, store }: Parts) => (
  <details class="quiet">
    <summary>{person.email} is a colleague: not looked up</summary>
    <p>
      <button type="button" class="link" onClick={() => store.search(person.email)}>
        Look up anyway
      </button>
    </p>
  </details>
)

function NotLookedUp({ entry, ask, store }: Pick<Parts, 'ask' | 'store'> & { entry: string }) {
  const undo = async () => {
    if ((await ask('lookUpAgain', { entry })).ok) store.reload()
  }
  return (
    <Quiet>
      {entry} will not be looked up any more.{' '}
      <button type="button" class="link" onClick={() => void undo()}>
        Undo
      </button>
    </Quiet>
  )
}

function NotATrialist({ person: { email }, view, ask, store }: Parts) {
  const [hidden, setHidden] = useState<string | null>(null)
  const hide = async (entry: string) => {
    const reply = await ask('neverLookUp', { entry })
    if (reply.ok) setHidden(entry)
  }
  const domain = email.slice(email.lastIndexOf('@'))
  if (hidden) return <NotLookedUp entry={hidden} ask={ask} store={store} />
  const offers = view.offers[email] ?? []
  return (
    <>
      {offers.length > 0 && (
        <p class="quiet">
          Maybe the same person:{' '}
          {offers.map((offer) => (
            <button key={offer.email} type="button" class="link" onClick={() => store.search(offer.email)}>
              {offer.name ? `${offer.name}, ${offer.email}` : offer.email}
            </button>
          ))}
        </p>
      )}
      <details class="quiet">
        <summary>{email} is not a trialist</summary>
        <p class="actions">
          <button type="button" class="link" onClick={() => void hide(email)}>
            Never look up this address
          </button>
          <button type="button" class="link" onClick={() => void hide(domain)}>
            Never look up {domain}
          </button>
        </p>
      </details>
    </>
  )
}
