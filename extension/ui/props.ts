import type { Card } from '../../shared/api/card.ts'
import type { AskWorker } from '../ask.ts'
import type { ComposeWatch } from '../compose.ts'
import type { Store, View } from './store.ts'

export interface AppProps {
  store: Store
  ask: AskWorker
  now: () => number
  /** Puts text about a person into the email being written; null when done, else why not. */
  insert: ComposeWatch['insert'] | null
  /** Moves the card out of the way of what is under it. */
  move?: { start: (event: PointerEvent) => void; key: (event: KeyboardEvent) => void }
  /** There is no room beside the email: the card begins folded, whatever it was elsewhere. */
  strip?: boolean
  /** The side panel shows history and notes unfolded. */
  wide?: boolean
}

/** What each part of the card about one person is given. */
export interface CardProps extends AppProps {
  view: View
  card: Card
}
