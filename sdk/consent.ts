import { attempt } from './guard.ts'
import type { Remembered } from './person.ts'
import type { ConsentState, Options } from './types.ts'

/**
 * Given once, it holds until it is taken back; else what the page says, else granted unless the browser signals the
 * person's refusal.
 */
export function initialConsent(key: string, { consent, gpc, dnt }: Options): ConsentState {
  const before = attempt(() => (JSON.parse(localStorage.getItem(key)!) as Remembered).consent)
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean }
  const refused = (gpc !== false && globalPrivacyControl) || (dnt && doNotTrack === '1')
  return (consent !== 'denied' && before) || consent || (refused ? 'denied' : 'granted')
}
