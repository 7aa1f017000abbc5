import type { Card, Offer } from '../shared/api/card.ts'
import { callServer } from './api.ts'
import { account } from './auth.ts'
import { browser } from './browser.ts'
import { colleagueDomains, lookUpPlan } from './look-up-plan.ts'
import type { Ask, LookedUp } from './messages.ts'
import { loadSettings } from './settings.ts'

/** Who is a trialist: asked in batches, kept for a minute, so that going back to a thread costs nothing. */

const freshMs = 60_000
const maxPerRequest = 100
const logSize = 50

interface Kept {
  at: number
  card: Card | null
  offers?: Offer[]
}
type Cache = Record<string, Kept | undefined>
/** When each card was kept. Cards have keys of their own: reading one must not cost as much as reading all. */
type Index = Record<string, number>

const keyOf = (email: string): string => `card.${email}`

async function readCache(emails: readonly string[]): Promise<Cache> {
  const stored = await browser.storage.session.get(emails.map(keyOf))
  return Object.fromEntries(emails.map((email) => [email, stored[keyOf(email)] as Kept | undefined]))
}

/** One write after the other: two at once would each undo what the other wrote. */
let writing: Promise<unknown> = Promise.resolve()
function inTurn(write: () => Promise<void>): Promise<void> {
  const mine = writing.then(write)
  writing = mine.catch(() => undefined)
  return mine
}

export const remember = (
  cards: Record<string, Card | null>,
  offers: Record<string, Offer[]> = {},
): Promise<void> =>
  inTurn(async () => {
    const now = Date.now()
    const emails = Object.keys(cards)
    const [known, stored] = await Promise.all([readCache(emails), browser.storage.session.get('cards')])
    const index = (stored.cards as Index | undefined) ?? {}
    const old = Object.keys(index).filter((email) => (index[email] ?? 0) < now - 10 * freshMs)
    for (const email of old) delete index[email]
    const news: Record<string, Kept> = {}
    for (const [email, card] of Object.entries(cards))
      if (!isOlder(card, known[email]?.card)) {
        news[keyOf(email)] = { at: now, card, ...(offers[email] && { offers: offers[email] }) }
        index[email] = now
      }
    await Promise.all([
      browser.storage.session.set({ ...news, cards: index }),
      old.length > 0 && browser.storage.session.remove(old.map(keyOf)),
    ])
  })

/** A look-up that left before a change may answer after it. */
const isOlder = (card: Card | null, known: Card | null | undefined): boolean =>
  card !== null && known?.userId === card.userId && known.version > card.version

/** The team as the server told it last: known before the next answer, so that colleagues are not asked about. */
interface Team {
  domains: string[]
  names: string[]
}
async function readTeam(): Promise<Team> {
  const { team } = (await browser.storage.session.get('team')) as { team?: Team }
  return team ?? { domains: [], names: [] }
}

export async function lookUp({ emails, own, fresh, isSearch }: Ask<'lookup'>): Promise<LookedUp> {
  const [settings, cache, team, signedIn] = await Promise.all([
    loadSettings(),
    fresh ? Promise.resolve<Cache>({}) : readCache(emails),
    readTeam(),
    account(),
  ])
  const now = Date.now()
  const domains = colleagueDomains(own, team.domains)
  const { ask, skipped } = lookUpPlan(emails, { settings, own, domains, isSearch: isSearch ?? false })
  const known = ask.filter((email) => (cache[email]?.at ?? 0) > now - freshMs)
  const missing = ask.filter((email) => !known.includes(email))
  const found: LookedUp = {
    cards: Object.fromEntries(known.map((email) => [email, cache[email]?.card ?? null])),
    skipped,
    offers: Object.fromEntries(known.map((email) => [email, cache[email]?.offers ?? []])),
    team: team.names,
    server: signedIn?.server ?? null,
    at: Math.min(now, ...known.map((email) => cache[email]?.at ?? now)),
  }
  for (let start = 0; start < missing.length; start += maxPerRequest) {
    const asked = missing.slice(start, start + maxPerRequest)
    const answer = await callServer('POST /api/ext/v1/lookup', { body: { emails: asked } })
    const cards = Object.fromEntries(asked.map((email) => [email, answer.cards[email] ?? null]))
    Object.assign(found.cards, cards)
    Object.assign(found.offers, answer.offers)
    found.team = answer.team ?? []
    found.at = now
    // The card need not wait for these; should the worker end first, the next look-up asks again.
    void remember(cards, answer.offers)
    void log(asked)
    void browser.storage.session.set({ team: { domains: answer.ownDomains, names: found.team } })
  }
  return found
}

const log = (emails: string[]): Promise<void> =>
  inTurn(async () => {
    const { lookups = [] } = (await browser.storage.session.get('lookups')) as {
      lookups?: { at: number; emails: string[] }[]
    }
    await browser.storage.session.set({ lookups: [{ at: Date.now(), emails }, ...lookups].slice(0, logSize) })
  })
