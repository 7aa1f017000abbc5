import type { Card, ColleaguesAnswer, ExtendRequest, Offer, Snippet } from '../shared/api/card.ts'
import type { AdapterHealth } from './gmail-people.ts'
import type { Skipped } from './look-up-plan.ts'
import type { Seen } from './panel-follow.ts'
import type { Place } from './place.ts'
import type { Settings } from './settings.ts'
import type { Screen } from './ui/store.ts'

/** What pages of the extension may ask of its worker. The worker alone holds tokens and talks to the server. */
interface Requests {
  state: { ask: Record<never, never>; answer: ExtensionState }
  /** `own`: addresses of this mailbox; `isSearch`: the rep asked for exactly these. */
  lookup: { ask: { emails: string[]; own: string[]; fresh?: boolean; isSearch?: boolean }; answer: LookedUp }
  /** `key` is made when the menu opens and kept for every retry: the server grants one extension for it. */
  extend: {
    ask: { userId: string; email: string; key: string; body: ExtendRequest }
    answer: { card: Card; extensionId: string }
  }
  undo: { ask: { userId: string; email: string; extensionId: string }; answer: { card: Card } }
  pause: { ask: { userId: string; email: string; until: string | null }; answer: { card: Card } }
  skip: { ask: { userId: string; email: string; ruleId: string }; answer: { card: Card } }
  note: { ask: { userId: string; email: string; text: string }; answer: { card: Card } }
  own: { ask: { userId: string; email: string; owner: string | null }; answer: { card: Card } }
  labelReply: {
    ask: { userId: string; email: string; label: 'positive' | 'negative' | 'automatic' }
    answer: { card: Card }
  }
  colleagues: { ask: { userId: string }; answer: ColleaguesAnswer }
  snippet: { ask: { userId: string; id: Snippet }; answer: { text: string } }
  /** The content script tells the side panel who is on screen. */
  onScreen: { ask: Screen; answer: null }
  /** The active tab of the window that asks, and who is on screen there. */
  whoIsOnScreen: { ask: { windowId: number | undefined }; answer: Seen }
  openPanel: { ask: Record<never, never>; answer: null }
  openOptions: { ask: Record<never, never>; answer: null }
  neverLookUp: { ask: { entry: string }; answer: { settings: Settings } }
  /** Takes an entry off that list again. */
  lookUpAgain: { ask: { entry: string }; answer: { settings: Settings } }
  /** Where the rep left the card in this mailbox; null: beside the email. */
  place: { ask: { mailbox: string }; answer: { place: Place | null } }
  setPlace: { ask: { mailbox: string; place: Place | null }; answer: null }
  setCardOpen: { ask: { open: boolean }; answer: null }
  saveSettings: { ask: { settings: Settings }; answer: { settings: Settings } }
  signIn: { ask: { server: string }; answer: ExtensionState }
  signOut: { ask: Record<never, never>; answer: ExtensionState }
}

export type RequestName = keyof Requests
export type Ask<Name extends RequestName> = Requests[Name]['ask']
export type Answer<Name extends RequestName> = Requests[Name]['answer']

export interface LookedUp {
  cards: Record<string, Card | null>
  /** Not asked about, and why. */
  skipped: Record<string, Skipped>
  /** Trialists whose addresses differ from the one asked for by a `+tag` only: perhaps the same person. */
  offers: Record<string, Offer[]>
  /** Names of the accounts, for who looks after a trialist. */
  team: string[]
  server: string | null
  /** Epoch milliseconds of the oldest answer among them. */
  at: number
}

export interface ExtensionState {
  server: string | null
  signedIn: boolean
  rep: string | null
  settings: Settings
  /** How well Gmail’s page could be read when a thread was last open. */
  health: { health: AdapterHealth; at: number } | null
  /** Newest first: what was looked up, for the person to see. Kept for the browser session only. */
  lookups: { at: number; emails: string[] }[]
}

export type FailureCode =
  | 'signed_out'
  | 'no_server'
  | 'no_permission'
  | 'offline'
  | 'timeout'
  | 'server'
  | 'conflict'
  | 'policy'
  | 'too_old'
  | 'not_allowed'
  | 'cancelled'
  | 'reload'

export interface Failure {
  code: FailureCode
  /** What happened and what to do, in words a rep understands. */
  detail: string
  /** On a conflict: how things stand now. */
  card?: Card
}

export type Reply<Name extends RequestName> =
  | { ok: true; value: Answer<Name> }
  | { ok: false; failure: Failure }
