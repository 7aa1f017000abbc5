import { withEnd } from './clock.ts'
import type { Extension, Trial, TrialClock } from './model.ts'

const later = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b)

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

/** Of two trials that become one; no end is the latest end. */
function laterEnd(
  mine: TrialClock,
  theirs: TrialClock,
): Pick<TrialClock, 'endsAt' | 'historyUntil'> & { endsOn: string | null } {
  const isTheirs = mine.endsAt !== null && (theirs.endsAt === null || theirs.endsAt > mine.endsAt)
  const { endsAt, endsOn = null, historyUntil } = isTheirs ? theirs : mine
  return { endsAt, endsOn, ...(historyUntil !== undefined && { historyUntil }) }
}

function extensionsOf(mine: TrialClock, theirs: TrialClock): readonly Extension[] {
  const known = new Set(mine.extensions.map(({ id }) => id))
  return [...mine.extensions, ...theirs.extensions.filter(({ id }) => !known.has(id))].sort(
    (a, b) => a.at - b.at,
  )
}

/**
 * The clock of a person who was known by two ids: the earlier start, the later end, every conversion. An end that was
 * already told under either id is told again only by the usual rule.
 * @param trial of the id that stays. No one has saved it yet: then it has no dates of its own.
 */
export function adoptedClock(trial: Trial, from: Trial, now: number): TrialClock {
  const [mine, theirs] = [trial.clock, from.clock]
  const convertedAt = earlier(mine.convertedAt, theirs.convertedAt)
  const { provisional: _, historyUntil: __, ...rest } = mine
  const isNew = trial.version === 0
  const { endsAt, endsOn, ...known } = laterEnd(isNew ? theirs : mine, theirs)
  const clock: TrialClock = {
    ...rest,
    ...known,
    ...((isNew || mine.provisional) && theirs.provisional && { provisional: true }),
    startsAt: Math.min(isNew ? theirs.startsAt : mine.startsAt, theirs.startsAt),
    endsAt: isNew ? theirs.endsAt : mine.endsAt,
    endsOn: isNew ? (theirs.endsOn ?? null) : (mine.endsOn ?? null),
    said: { ...theirs.said, ...mine.said },
    cycle: Math.max(mine.cycle, theirs.cycle),
    quotedEndsAt: later(mine.quotedEndsAt, theirs.quotedEndsAt),
    convertedAt,
    extensions: extensionsOf(mine, theirs),
    status: convertedAt === null ? 'trialing' : 'converted',
  }
  return withEnd(clock, endsAt, now, endsOn)
}
