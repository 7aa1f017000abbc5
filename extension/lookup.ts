import type { Card, LookupAnswer } from '../shared/ext.ts'
import { callServer } from './api.ts'
import { browser } from './browser.ts'
import { loadSettings, mayLookUp } from './settings.ts'

/** Who is a trialist: asked in batches, kept for a minute, so that going back to a thread costs nothing. */

const freshMs = 60_000
const maxPerRequest = 100
const logSize = 50

interface Kept {
  at: number
  card: Card | null
}
type Cache = Record<string, Kept>

const readCache = async (): Promise<Cache> =>
  ((await browser.storage.session.get('cards')).cards as Cache | undefined) ?? {}

export async function remember(cards: Record<string, Card | null>): Promise<void> {
  const now = Date.now()
  const cache = await readCache()
  for (const [email, kept] of Object.entries(cache)) if (kept.at < now - 10 * freshMs) delete cache[email]
  for (const [email, card] of Object.entries(cards)) cache[email] = { at: now, card }
  await browser.storage.session.set({ cards: cache })
}

export async function lookUp(
  emails: readonly string[],
  fresh: boolean,
): Promise<{ cards: Record<string, Card | null>; at: number }> {
  const settings = await loadSettings()
  const now = Date.now()
  const wanted = [...new Set(emails)].filter((email) => mayLookUp(email, settings))
  const cache = fresh ? {} : await readCache()
  const known = wanted.filter((email) => (cache[email]?.at ?? 0) > now - freshMs)
  const missing = wanted.filter((email) => !known.includes(email))
  const cards: Record<string, Card | null> = {}
  for (const email of known) cards[email] = cache[email]?.card ?? null
  let at = Math.min(now, ...known.map((email) => cache[email]?.at ?? now))
  for (let start = 0; start < missing.length; start += maxPerRequest) {
    const asked = missing.slice(start, start + maxPerRequest)
    const answer = await callServer<LookupAnswer>({
      method: 'POST',
      path: '/lookup',
      body: { emails: asked },
    })
    const found = Object.fromEntries(asked.map((email) => [email, answer.cards[email] ?? null]))
    Object.assign(cards, found)
    await Promise.all([remember(found), log(asked)])
    at = now
  }
  return { cards, at }
}

async function log(emails: string[]): Promise<void> {
  const { lookups = [] } = (await browser.storage.session.get('lookups')) as {
    lookups?: { at: number; emails: string[] }[]
  }
  await browser.storage.session.set({ lookups: [{ at: Date.now(), emails }, ...lookups].slice(0, logSize) })
}
