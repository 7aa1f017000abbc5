import type { Card, ExtendRequest } from '../../shared/api/card.ts'
import { dayMs } from '../../shared/clock.ts'
import { dateText, dayIn } from './format.ts'

/** What the form to extend decides: which days it offers, whether the rep has seen the end, which key a request has. */

export const reasons = ['Needs more time', 'Waiting for IT', 'Hit a bug', 'Evaluating with the team'] as const

export interface Choice {
  /** null: until a day. */
  days: number | null
  until: string
  reason: string
  note: string
}

/** Calendar days the policy allows, counted as the server does: from the present end, or from now once it is past. */
export function dateRange(card: Card, now: number): { min: string; max: string } {
  const base = dayIn(card.timeZone, Math.max(Date.parse(card.endsAt ?? ''), now))
  const later = (days: number) => new Date(Date.parse(base) + days * dayMs).toISOString().slice(0, 10)
  return { min: later(1), max: later(card.extend.maxDays) }
}

/** Null while the trial ends when the rep last saw it end; else how it stands, in a sentence. */
export function movedText(seenEnd: string | null, card: Card): string | null {
  if (seenEnd === card.endsAt) return null
  if (!card.endsAt) return 'In the meantime the end date was removed from this trial. Nothing was added.'
  const latest = card.extensions.find(({ after }) => after === card.endsAt)
  const how = latest ? ` (${Math.round(latest.days)} days more by ${latest.by})` : ''
  return `In the meantime the end has moved to ${dateText(card.endsAt, card.timeZone)}${how}. Nothing was added.`
}

/**
 * One key for one request: pressed twice or tried again, the server grants one extension. Another wish is another
 * request; the end it expects keeps it from adding to one that came through unnoticed.
 */
export function requestKey(
  before: { key: string; text: string } | null,
  body: ExtendRequest,
  newKey: () => string,
): { key: string; text: string } {
  const text = JSON.stringify(body)
  return before?.text === text ? before : { key: newKey(), text }
}
