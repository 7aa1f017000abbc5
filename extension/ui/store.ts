import type { Card } from '../../shared/api/card.ts'
import type { AskWorker } from '../ask.ts'
import type { AdapterHealth, Person } from '../gmail-people.ts'
import type { Failure } from '../messages.ts'

/** What the card shows. One store for the card in Gmail and the side panel. */

export interface Screen {
  people: Person[]
  threadId: string | null
  health: AdapterHealth
}

export interface View {
  screen: Screen | null
  /** Address on show. */
  selected: string | null
  /** undefined: not answered yet; null: no trialist. */
  cards: Readonly<Record<string, Card | null>>
  /** When the cards on show were read, epoch milliseconds. */
  readAt: number
  loading: boolean
  failure: Failure | null
  /** An extension that can be taken back, while its toast shows. */
  undo: { userId: string; email: string; extensionId: string; text: string } | null
  busy: boolean
}

const emptyView: View = {
  screen: null,
  selected: null,
  cards: {},
  readAt: 0,
  loading: false,
  failure: null,
  undo: null,
  busy: false,
}

export interface Store {
  view(): View
  subscribe(listener: () => void): () => void
  /** Another thread (or none) is on screen. Answers to older look-ups are dropped. */
  show(screen: Screen | null): void
  select(email: string): void
  reload(): void
  /** Runs a change on the selected person; failures show in the card, success replaces it. */
  change(request: () => ReturnType<AskWorker>, done?: (value: never) => Partial<View>): Promise<boolean>
  dismissUndo(): void
  clearFailure(): void
}

export function createStore(ask: AskWorker): Store {
  let view = emptyView
  /** Which screen, and which look-up of it, is the current one: answers to older ones are dropped. */
  let screens = 0
  let lookups = 0
  const listeners = new Set<() => void>()
  const set = (change: Partial<View>) => {
    view = { ...view, ...change }
    for (const listener of listeners) listener()
  }

  /** The first person who is a trialist; else the first of all, so that the pill names someone. */
  const bestOf = (people: readonly Person[], cards: View['cards']): string | null =>
    people.find(({ email }) => cards[email])?.email ?? people[0]?.email ?? null

  async function load(fresh: boolean): Promise<void> {
    const { screen } = view
    if (!screen || screen.people.length === 0) return
    const mine = ++lookups
    set({ loading: true })
    const reply = await ask('lookup', { emails: screen.people.map(({ email }) => email), fresh })
    if (mine !== lookups) return
    if (!reply.ok) return set({ loading: false, failure: reply.failure })
    const { cards, at } = reply.value
    const keep = view.selected !== null && (cards[view.selected] || view.busy)
    set({
      cards,
      readAt: at,
      loading: false,
      failure: null,
      selected: keep ? view.selected : bestOf(screen.people, cards),
    })
  }

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    show(screen) {
      const same =
        screen?.threadId === view.screen?.threadId &&
        screen?.people.map(({ email }) => email).join() ===
          view.screen?.people.map(({ email }) => email).join()
      if (same) return
      screens++
      lookups++
      set({ ...emptyView, screen, selected: screen?.people[0]?.email ?? null })
      void load(false)
    },
    select: (email) => set({ selected: email, failure: null, undo: null }),
    reload: () => void load(true),
    async change(request, done) {
      if (view.busy) return false
      const mine = screens
      const { selected } = view
      set({ busy: true, failure: null })
      const reply = await request()
      // The rep has moved on: what came back is about someone who is no longer on show.
      if (mine !== screens) return reply.ok
      if (!reply.ok) {
        const { failure } = reply
        const cards = failure.card && selected ? { ...view.cards, [selected]: failure.card } : view.cards
        set({ busy: false, failure, cards })
        return false
      }
      const { card } = reply.value as { card?: Card }
      // A look-up that left before the change must not bring the old state back.
      if (card) lookups++
      const cards = card && selected ? { ...view.cards, [selected]: card } : view.cards
      set({ busy: false, loading: false, cards, readAt: Date.now(), ...done?.(reply.value as never) })
      return true
    },
    dismissUndo: () => set({ undo: null }),
    clearFailure: () => set({ failure: null }),
  }
}
