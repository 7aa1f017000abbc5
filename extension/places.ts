import { browser } from './browser.ts'
import { type Place, placeFrom } from './place.ts'

/** Where the card was left, by mailbox: people with two accounts arrange each window on its own. */

const mostMailboxes = 20

/** As entries, the one that was moved last at the end. */
async function readAll(): Promise<[string, unknown][]> {
  const { places } = await browser.storage.local.get('places')
  return Array.isArray(places) ? (places as [string, unknown][]) : []
}

export async function loadPlace(mailbox: string): Promise<Place | null> {
  return placeFrom((await readAll()).find(([name]) => name === mailbox)?.[1])
}

export async function savePlace(mailbox: string, place: Place | null): Promise<void> {
  const others = (await readAll()).filter(([name]) => name !== mailbox)
  const places = place ? [...others, [mailbox, place]] : others
  await browser.storage.local.set({ places: places.slice(-mostMailboxes) })
}
