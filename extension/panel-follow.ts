import type { Screen } from './ui/store.ts'

/** Whom the side panel shows: who is on screen in the active tab of its own window, until an address is typed. */

export interface Seen {
  tabId: number | null
  screen: Screen | null
}

/** Tab and people, to notice a change. */
const keyOf = ({ tabId, screen }: Seen): string =>
  JSON.stringify([tabId, screen?.threadId ?? null, screen?.people.map(({ email }) => email) ?? []])

/** A search holds until the tab really shows someone else, or another tab is in front. */
export function follow(
  before: string | null,
  seen: Seen,
  isSearch: boolean,
): { key: string; show: Screen | null | 'as_before' } {
  const key = keyOf(seen)
  const hasPeople = (seen.screen?.people.length ?? 0) > 0
  if (before === key || (isSearch && !hasPeople)) return { key, show: 'as_before' }
  return { key, show: hasPeople ? seen.screen : null }
}
