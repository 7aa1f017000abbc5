import type { NudgeInstance } from '../shared/collect.ts'
import { isAmbient } from '../shared/nudge-rule.ts'
import type { SdkEvent } from './types.ts'

export { isAmbient }

/** Manners, pure: which nudge may show now, and if not, why and when to ask again. */

/** Kept in the browser, shared by all tabs of the origin; the server keeps the same from the reported events. */
export interface NudgeMemory {
  /** Prompts that were shown, oldest first: when and which. At most a week of them. */
  shows: [at: number, id: string][]
  session: { startedAt: number; lastAt: number }
  nudges: Record<string, NudgeHistory>
}

export interface NudgeHistory {
  shown: number
  dismissed: number
  snoozedUntil: number
  clicked: boolean
  heldOut: boolean
}

export interface Caps {
  perSession: number
  perDay: number
  perWeek: number
  gapMs: number
}

/** What the page is like right now. */
export interface Scene {
  now: number
  /** Another prompt that asks for attention is open in this tab. */
  busy: boolean
  /** An input has the focus. */
  typing: boolean
  hidden: boolean
  /** The page shows a dialog of its own, or something in full screen. */
  covered: boolean
  converted: boolean
  /** Instant of the last error of the page. */
  erredAt: number
  anchorFound: boolean
}

/** `at`: worth asking again then, or earlier when the page changes; without it, never. */
export type Verdict = { show: true } | { show: false; why: string; at?: number }

/** A nudge that would like to be shown. */
export interface Waiting {
  nudge: NudgeInstance
  /** Of equal priority the more specific goes first. */
  specificity: number
  heldOut: boolean
  offeredAt: number
  /** The event that earned it, when that happened on this page. */
  cause: SdkEvent | undefined
  networkMs: number
  decided: 'local' | 'server' | 'api'
  /** It could not be seen when it was drawn: the next try, epoch milliseconds. */
  retryAt?: number
  /** Why it still waits. */
  why?: string
}

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
const sessionGapMs = 30 * minuteMs
const calmAfterErrorMs = 10_000
const patienceMs = 30 * minuteMs

export const emptyMemory = (): NudgeMemory => ({
  shows: [],
  session: { startedAt: 0, lastAt: 0 },
  nudges: {},
})

const blank: NudgeHistory = { shown: 0, dismissed: 0, snoozedUntil: 0, clicked: false, heldOut: false }
export const historyOf = (memory: NudgeMemory, id: string): NudgeHistory => memory.nudges[id] ?? blank

/** Takes the attention: one at a time, never over an input. */
export const isInterruptive = ({ format }: NudgeInstance): boolean =>
  format === 'modal' ||
  format === 'slideout' ||
  format === 'tooltip' ||
  format === 'upgrade_wall' ||
  format === 'survey'

const needsAnchor = ({ format, anchor }: NudgeInstance): boolean =>
  anchor !== null || format === 'tooltip' || format === 'inline'

/** What happens inside a shadow root is seen by looking only. */
const anchorPollMs = 1000

const never = (why: string): Verdict => ({ show: false, why })
const later = (why: string, at = Number.POSITIVE_INFINITY): Verdict => ({ show: false, why, at })

function capVerdict(nudge: NudgeInstance, memory: NudgeMemory, caps: Caps, now: number): Verdict | null {
  // A wall answers the person's own attempt, an ambient nudge is part of the page: neither is an interruption more.
  if (isAmbient(nudge) || nudge.format === 'upgrade_wall') return null
  const since = (at: number) => memory.shows.filter(([shownAt]) => shownAt > at).length
  const { session } = memory
  if (now - session.lastAt < sessionGapMs && since(session.startedAt - 1) >= caps.perSession)
    return never('enough for this session')
  if (since(now - dayMs) >= caps.perDay) return never('enough for today')
  if (since(now - 7 * dayMs) >= caps.perWeek) return never('enough for this week')
  const last = memory.shows.at(-1)
  if (last && now - last[0] < caps.gapMs) return later('too soon after the last one', last[0] + caps.gapMs)
  return null
}

export function mayShow(
  nudge: NudgeInstance,
  memory: NudgeMemory,
  caps: Caps,
  offeredAt: number,
  scene: Scene,
): Verdict {
  const { now } = scene
  const history = historyOf(memory, nudge.id)
  if (scene.converted) return never('converted')
  if (history.dismissed >= 2) return never('dismissed twice')
  if (history.snoozedUntil > now) return never('snoozed')
  if (!isAmbient(nudge) && history.shown >= nudge.maxShows) return never('shown often enough')
  if (now - offeredAt > patienceMs) return never('waited too long')
  const capped = capVerdict(nudge, memory, caps, now)
  if (capped) return capped
  if (scene.hidden) return later('page hidden')
  // What is part of the page may be part of its dialog.
  if (scene.covered && (nudge.anchor === null || nudge.format === 'tooltip'))
    return later('the page shows a dialog of its own')
  if (needsAnchor(nudge) && !scene.anchorFound) return later('no element to belong to', now + anchorPollMs)
  if (!isInterruptive(nudge)) return { show: true }
  if (scene.busy) return later('another one is open')
  if (scene.typing) return later('an input has the focus')
  if (now - scene.erredAt < calmAfterErrorMs)
    return later('the page has just failed', scene.erredAt + calmAfterErrorMs)
  return { show: true }
}

const withHistory = (memory: NudgeMemory, id: string, change: Partial<NudgeHistory>): NudgeMemory => ({
  ...memory,
  nudges: { ...memory.nudges, [id]: { ...historyOf(memory, id), ...change } },
})

/** Activity within half an hour is one session. */
export function touched(memory: NudgeMemory, now: number): NudgeMemory {
  const { session } = memory
  const startedAt = now - session.lastAt < sessionGapMs ? session.startedAt : now
  return { ...memory, session: { startedAt, lastAt: now } }
}

export function remembered(
  memory: NudgeMemory,
  nudge: NudgeInstance,
  what: 'Shown' | 'Clicked' | 'Dismissed' | 'Snoozed' | 'Held Out',
  now: number,
  snoozeMs = nudge.snoozeMs,
): NudgeMemory {
  const { id } = nudge
  const history = historyOf(memory, id)
  const snoozedUntil = now + snoozeMs
  if (what === 'Held Out') return withHistory(memory, id, { heldOut: true })
  if (what === 'Clicked') return withHistory(memory, id, { clicked: true, snoozedUntil })
  if (what === 'Snoozed') return withHistory(memory, id, { snoozedUntil })
  if (what === 'Dismissed') return withHistory(memory, id, { dismissed: history.dismissed + 1, snoozedUntil })
  const shown = withHistory(touched(memory, now), id, { shown: history.shown + 1 })
  if (isAmbient(nudge)) return shown
  return { ...shown, shows: [...memory.shows.filter(([at]) => at > now - 7 * dayMs), [now, id]] }
}

/** Priority, then the more specific condition, then the one that waits longest. */
export const byUrgency = (a: Waiting, b: Waiting): number =>
  b.nudge.priority - a.nudge.priority || b.specificity - a.specificity || a.offeredAt - b.offeredAt
