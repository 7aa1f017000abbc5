import type { Trial } from '../trial/model.ts'
import { peopleIn } from '../trial/recipient.ts'

/** What a nudge brings: people who met it against those who would have, but were held out. */

export interface ExposedGroup {
  readonly people: number
  readonly converted: number
}

export interface NudgeLift {
  readonly shown: ExposedGroup
  readonly heldOut: ExposedGroup
  /** Relative gain in conversion over the control group, 0.2 = a fifth more; null while a group is empty. */
  readonly lift: number | null
  /** 95 % interval of the lift, by the log method of Katz et al. (1978) with ½ added to each cell. */
  readonly interval: readonly [number, number] | null
}

const nobody: ExposedGroup = { people: 0, converted: 0 }
const normalQuantile = 1.96

const plus = (group: ExposedGroup, converted: boolean): ExposedGroup => ({
  people: group.people + 1,
  converted: group.converted + Number(converted),
})

export function liftOf(shown: ExposedGroup, heldOut: ExposedGroup): NudgeLift {
  if (shown.people === 0 || heldOut.people === 0) return { shown, heldOut, lift: null, interval: null }
  const [a, n] = [shown.converted + 0.5, shown.people + 0.5]
  const [b, m] = [heldOut.converted + 0.5, heldOut.people + 0.5]
  const ratio = a / n / (b / m)
  const spread = normalQuantile * Math.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
  return {
    shown,
    heldOut,
    lift: ratio - 1,
    interval: [ratio * Math.exp(-spread) - 1, ratio * Math.exp(spread) - 1],
  }
}

/** Of a company what any of its people met: it converts once. */
function metBy(trial: Trial): Record<string, { readonly isShown: boolean; readonly heldOut: boolean }> {
  const met: Record<string, { isShown: boolean; heldOut: boolean }> = {}
  for (const { nudges } of [trial, ...peopleIn(trial)])
    for (const [id, { shownAt, heldOut }] of Object.entries({ ...trial.claimedNudges, ...nudges })) {
      const known = met[id]
      met[id] = {
        isShown: shownAt.length > 0 || known?.isShown === true,
        heldOut: heldOut || known?.heldOut === true,
      }
    }
  return met
}

/**
 * Counts people by what they met. A nudge stops at the conversion, so anyone who met it and has converted did so after.
 * @param before what earlier pages of trials came to.
 */
export function countExposures(
  trials: readonly Trial[],
  before: ReadonlyMap<string, Pick<NudgeLift, 'shown' | 'heldOut'>> = new Map(),
): Map<string, Pick<NudgeLift, 'shown' | 'heldOut'>> {
  const counts = new Map(before)
  for (const trial of trials)
    for (const [id, { isShown, heldOut }] of Object.entries(metBy(trial))) {
      const so = counts.get(id) ?? { shown: nobody, heldOut: nobody }
      const converted = trial.clock.convertedAt !== null
      if (heldOut) counts.set(id, { ...so, heldOut: plus(so.heldOut, converted) })
      else if (isShown) counts.set(id, { ...so, shown: plus(so.shown, converted) })
    }
  return counts
}
