import type { Card } from '../../shared/api/card.ts'
import type { AskWorker } from '../ask.ts'
import type { AdapterHealth } from '../gmail-people.ts'
import type { Failure, LookedUp } from '../messages.ts'
import type { Person } from '../person.ts'

/** What the card shows. One store for the card in Gmail and the side panel. */

export interface Screen {
  people: Person[]
  threadId: string | null
  health: AdapterHealth
  /** Addresses of this mailbox: they and their colleagues are not looked up. */
  own?: string[]
  /** An address that the rep typed. */
  isSearch?: boolean
}

export interface View {
  screen: Screen | null
  /** Address on show. */
  selected: string | null
  /** undefined: not answered yet; null: no trialist. */
  cards: Readonly<Record<string, Card | null>>
  skipped: LookedUp['skipped']
  offers: LookedUp['offers']
  team: readonly string[]
  server: string | null
  /** When the cards on show were read, epoch milliseconds. */
  readAt: number
  loading: boolean
  failure: Failure | null
  /** Beside the form whose request was refused, so that it is seen; else above the card. */
  failureAt: Place
  /** An extension that can be taken back, while its toast shows. */
  undo: { userId: string; email: string; extensionId: string; text: string } | null
  busy: boolean
}

/** Where a refusal is shown. */
type Place = 'card' | 'extend'

const emptyView: View = {
  screen: null,
  selected: null,
  cards: {},
  skipped: {},
  offers: {},
  team: [],
  server: null,
  readAt: 0,
  loading: false,
  failure: null,
  failureAt: 'card',
  undo: null,
  busy: false,
}

const screenKey = (screen: Screen | null): string =>
  JSON.stringify(screen && [screen.threadId, screen.people.map(({ email }) => email)])

export interface Store {
  view(): View
  subscribe(listener: () => void): () => void
  /** Another thread (or none) is on screen. Answers to older look-ups are dropped. */
  show(screen: Screen | null): void
  /** Shows the person with an address that the rep typed, until another thread is on screen. */
  search(email: string): void
  endSearch(): void
  select(email: string): void
  reload(): void
  /** Runs a change on the selected person; failures show in the card, success replaces it. */
  change(
    request: () => ReturnType<AskWorker>,
    done?: (value: never) => Partial<View>,
    place?: Place,
  ): Promise<boolean>
  dismissUndo(): void
  clearFailure(): void
}

/** More than this are not people a rep writes with. */
const mostPeople = 200

/** The first person who is a trialist; else the first who was asked about, so that the pill names someone. */
const bestOf = (
  people: readonly Person[],
  { cards, skipped }: Pick<LookedUp, 'cards' | 'skipped'>,
): string | null =>
  (
    people.find(({ email }) => cards[email]) ??
    people.find(({ email }) => !skipped[email]) ??
    people.find(({ email }) => skipped[email] !== 'never') ??
    people[0]
  )?.email ?? null

export function createStore(ask: AskWorker): Store {
  let view = emptyView
  /** Which screen, and which look-up of it, is the current one: answers to older ones are dropped. */
  let screens = 0
  let lookups = 0
  /** The rep chose whom to see: no answer chooses someone else. */
  let isChosen = false
  const listeners = new Set<() => void>()
  const set = (change: Partial<View>) => {
    view = { ...view, ...change }
    for (const listener of listeners) listener()
  }

  /** What the page shows, also while a search is on show. */
  let onPage: Screen | null = null
  function start(screen: Screen | null): void {
    screens++
    lookups++
    isChosen = false
    set({ ...emptyView, screen, selected: screen?.people[0]?.email ?? null })
    void load(false)
  }

  async function load(fresh: boolean): Promise<void> {
    const { screen } = view
    if (!screen || screen.people.length === 0) return
    const mine = ++lookups
    set({ loading: true })
    const reply = await ask('lookup', {
      emails: screen.people.slice(0, mostPeople).map(({ email }) => email),
      own: screen.own ?? [],
      fresh,
      isSearch: screen.isSearch ?? false,
    })
    if (mine !== lookups) return
    if (!reply.ok) return set({ loading: false, failure: reply.failure, failureAt: 'card' })
    const { at, ...found } = reply.value
    const keep = view.selected !== null && (isChosen || found.cards[view.selected] || view.busy)
    set({
      ...found,
      readAt: at,
      loading: false,
      failure: null,
      selected: keep ? view.selected : bestOf(screen.people, found),
    })
  }

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    show(screen) {
      const isSame = screenKey(screen) === screenKey(onPage)
      onPage = screen
      if (!isSame) start(screen)
    },
    search: (email) =>
      start({ people: [{ email, name: null }], threadId: null, health: 'good', isSearch: true }),
    endSearch: () => start(onPage),
    select(email) {
      isChosen = true
      set({ selected: email, failure: null, undo: null })
    },
    reload: () => void load(true),
    async change(request, done, place = 'card') {
      if (view.busy) return false
      const mine = screens
      const { selected } = view
      set({ busy: true, failure: null })
      const reply = await request()
      // The rep has moved on: what came back is about someone who is no longer on show.
      if (mine !== screens) return reply.ok
      const isOnShow = view.selected === selected
      if (!reply.ok) {
        const { failure } = reply
        const cards = failure.card && selected ? { ...view.cards, [selected]: failure.card } : view.cards
        set({ busy: false, cards, ...(isOnShow && { failure, failureAt: place }) })
        return false
      }
      const { card } = reply.value as { card?: Card }
      // A look-up that left before the change must not bring the old state back.
      if (card) lookups++
      const cards = card && selected ? { ...view.cards, [selected]: card } : view.cards
      set({
        busy: false,
        loading: false,
        cards,
        readAt: Date.now(),
        ...(isOnShow && done?.(reply.value as never)),
      })
      return true
    },
    dismissUndo: () => set({ undo: null }),
    clearFailure: () => set({ failure: null }),
  }
}
