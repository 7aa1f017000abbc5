import { useState } from 'preact/hooks'
import { oneOfEachTeam } from '../one-of-each-team.ts'
import type { Person } from '../person.ts'
import type { Store, View } from './store.ts'

const shownAtFirst = 8

/** Everyone in the thread; people with the same name are told apart by their addresses. */
export function People({ view, store }: { view: View; store: Store }) {
  const [isAll, setAll] = useState(false)
  const people = oneOfEachTeam(view.screen?.people ?? [], view.cards, view.selected)
  if (people.length < 2) return null
  const shown = isAll ? people : firstOf(people, view)
  const names = people.map(({ name }) => name)
  const label = ({ name, email }: (typeof people)[number]): string =>
    name && names.indexOf(name) === names.lastIndexOf(name) ? name : email
  return (
    <ul class="people" aria-label="People in this thread">
      {shown.map((person) => (
        <li key={person.email}>
          <button
            type="button"
            class={`chip ${view.cards[person.email] ? 'known' : ''}`}
            aria-pressed={person.email === view.selected}
            title={person.email}
            onClick={() => store.select(person.email)}
          >
            <bdi>{label(person)}</bdi>
          </button>
        </li>
      ))}
      {people.length > shownAtFirst && (
        <li>
          <button type="button" class="chip" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? 'Fewer' : `${people.length - shown.length} more`}
          </button>
        </li>
      )}
    </ul>
  )
}

type Listed = readonly Person[]

/** Trialists first to be kept, in the order of the thread. */
function firstOf(people: Listed, { cards, selected }: View) {
  const isWanted = (email: string) => email === selected || Boolean(cards[email])
  const wanted = people.filter(({ email }) => isWanted(email)).slice(0, shownAtFirst)
  const others = people.filter(({ email }) => !isWanted(email)).slice(0, shownAtFirst - wanted.length)
  return people.filter((person) => wanted.includes(person) || others.includes(person))
}
