import { browser } from './browser.ts'

export interface Settings {
  version: 1
  /** Addresses or `@domains` that are never sent to the server. */
  neverLookUp: string[]
  /** Segment dots in lists of threads. */
  listDots: boolean
  cardOpen: boolean
}

/** Fills what an older version did not know; unknown or broken values fall back to the default. */
function migrateSettings(stored: unknown): Settings {
  const given = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<Settings>
  return {
    version: 1,
    neverLookUp: Array.isArray(given.neverLookUp)
      ? given.neverLookUp.filter((entry): entry is string => typeof entry === 'string')
      : [],
    listDots: given.listDots === true,
    cardOpen: given.cardOpen !== false,
  }
}

export async function loadSettings(): Promise<Settings> {
  const { settings } = await browser.storage.local.get('settings')
  return migrateSettings(settings)
}

export async function saveSettings(settings: Settings): Promise<Settings> {
  const clean = migrateSettings(settings)
  await browser.storage.local.set({ settings: clean })
  return clean
}
