import type { NudgeFormat } from './trial.ts'

/**
 * What server and browser must answer alike about a nudge rule, beside `conditionHolds`: whether it was triggered,
 * and whether a person belongs to its control group. Rule tables in test/cases are replayed by both.
 */

/** What just happened. `path` is the path of the page for page views, else null. */
export interface Happening {
  readonly event: string | null
  readonly path: string | null
}

export type NudgeTrigger = 'any' | { readonly event: string } | { readonly page: string }

const withoutLastSlash = (path: string): string => path.replace(/(.)\/$/, '$1')

/** `*` stands for any run of characters; everything else is literal. A trailing slash makes no difference. */
function pathMatches(pattern: string, path: string): boolean {
  const parts = withoutLastSlash(pattern).split('*')
  let rest = withoutLastSlash(path)
  return (
    parts.every((part, index) => {
      const isLast = index > 0 && index === parts.length - 1
      const at = isLast ? (rest.endsWith(part) ? rest.length - part.length : -1) : rest.indexOf(part)
      rest = rest.slice(at + part.length)
      return index ? at >= 0 : at === 0
    }) && !rest
  )
}

export const isTriggered = (on: NudgeTrigger, { event, path }: Happening): boolean =>
  on === 'any' || ('event' in on ? on.event === event : path !== null && pathMatches(on.page, path))

/**
 * Uniform in [0, 1), the same for the same text everywhere: FNV-1a over UTF-16 code units, then the finalizer of
 * MurmurHash3, because FNV alone leaves the high bits of short texts uneven.
 */
export function hashShare(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** @param subject user id, or anonymous id before identification. */
export const isHeldOut = (nudgeId: string, subject: string, share: number): boolean =>
  share > 0 && hashShare(`${nudgeId}:${subject}`) < share

/** Part of the page rather than a prompt: free of caps and gaps, shown on each page view until dismissed. */
export const isAmbient = ({ format }: { format: NudgeFormat }): boolean =>
  format === 'inline' || format === 'checklist' || format === 'usage_meter' || format === 'countdown'
