import { hashShare } from '../../../shared/nudge-rule.ts'
import { type Interval, wilson } from './interval.ts'

/**
 * Tests of subjects. Emails go out in proportion to how likely each subject is the best (Thompson sampling with
 * Beta(1 + conversions, 1 + others)), never less than a tenth to any. A winner is named late: by default there is
 * none, because trial lists are small and a test that is looked at every day finds “winners” by chance.
 */
export interface ArmCounts {
  readonly variant: number
  readonly sent: number
  readonly conversions: number
  /** Unsubscribes and complaints. */
  readonly objections: number
}

interface Arm extends ArmCounts {
  readonly share: number | null
  readonly interval: Interval | null
  readonly probabilityBest: number
  /** Share of emails it gets from now on. */
  readonly weight: number
  /** Why it gets no more emails; null while it does. */
  readonly stopped: string | null
}

export interface SubjectTest {
  readonly arms: readonly Arm[]
  /** null: no winner yet. */
  readonly winner: number | null
  /** What a person should know about it, in one or two sentences. */
  readonly words: string
}

export const leastShare = 0.1
export const leastConversions = 25
const winnerProbability = 0.95
/** Odds of 20 to 1 against chance, however often one has looked (Ville’s inequality: at most 1 in 20 by chance). */
const leastEvidence = Math.log(20)
/** A difference worth waiting for: 30 % more than now. */
const worthwhileLift = 0.3

/** Lanczos, g = 7: absolute error below 1e-13 for x ≥ 1. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

function logGamma(x: number): number {
  const shifted = x - 1
  const t = shifted + 7.5
  let sum: number = lanczos[0]
  for (let i = 1; i < lanczos.length; i++) sum += (lanczos[i] as number) / (shifted + i)
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum)
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

const gridSize = 256

/** P(each arm has the highest true share), by integrating their Beta densities over one grid. */
export function probabilitiesBest(arms: readonly Pick<ArmCounts, 'sent' | 'conversions'>[]): number[] {
  const shapes = arms.map(({ sent, conversions }) => {
    const hits = Math.min(conversions, sent)
    const [a, b] = [1 + hits, 1 + sent - hits]
    const mean = a / (a + b)
    return { a, b, mean, deviation: Math.sqrt((mean * (1 - mean)) / (a + b + 1)) }
  })
  const low = Math.max(0, Math.min(...shapes.map(({ mean, deviation }) => mean - 8 * deviation)))
  const high = Math.min(1, Math.max(...shapes.map(({ mean, deviation }) => mean + 8 * deviation)))
  const step = (high - low) / gridSize
  const grid = Array.from({ length: gridSize }, (_, i) => {
    const x = low + (i + 0.5) * step
    return { logHit: Math.log(x), logMiss: Math.log1p(-x) }
  })
  const densities = shapes.map(({ a, b }) => {
    const scale = logBeta(a, b)
    return normalised(
      grid.map(({ logHit, logMiss }) => Math.exp((a - 1) * logHit + (b - 1) * logMiss - scale)),
    )
  })
  const below = densities.map(cumulative)
  const best = densities.map((density, arm) =>
    density.reduce(
      (sum, weight, i) =>
        sum +
        weight *
          below.reduce((product, others, k) => (k === arm ? product : product * (others[i] as number)), 1),
      0,
    ),
  )
  return normalised(best)
}

function normalised(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0)
  return values.map((value) => (sum > 0 ? value / sum : 1 / values.length))
}

/** Up to the middle of each cell, so that equal arms come out equal. */
function cumulative(density: readonly number[]): number[] {
  let sum = 0
  return density.map((weight) => {
    sum += weight
    return sum - weight / 2
  })
}

/**
 * Logarithm of how many times better “each arm has a share of its own” explains the data than “all have the same”:
 * Beta(1, 1) mixtures against the best common share. Under the latter it is an e-process, so looking often is free.
 */
export function evidenceOfDifference(arms: readonly { sent: number; conversions: number }[]): number {
  const sent = arms.reduce((sum, arm) => sum + arm.sent, 0)
  const hits = arms.reduce((sum, arm) => sum + Math.min(arm.conversions, arm.sent), 0)
  const share = sent === 0 ? 0 : hits / sent
  const common =
    (hits > 0 ? hits * Math.log(share) : 0) + (sent > hits ? (sent - hits) * Math.log1p(-share) : 0)
  const own = arms.reduce((sum, arm) => {
    const conversions = Math.min(arm.conversions, arm.sent)
    return sum + logBeta(1 + conversions, 1 + arm.sent - conversions)
  }, 0)
  return own - common
}

/** A subject that drives people away, compared with all others together. */
function objectionTo(arm: ArmCounts, arms: readonly ArmCounts[]): string | null {
  const others = arms.filter(({ variant }) => variant !== arm.variant)
  const rest = {
    sent: others.reduce((sum, { sent }) => sum + sent, 0),
    conversions: others.reduce((sum, { objections }) => sum + objections, 0),
  }
  const mine = { sent: arm.sent, conversions: arm.objections }
  if (rest.sent === 0 || mine.sent === 0 || mine.conversions < 5) return null
  const isHigher = mine.conversions / mine.sent > rest.conversions / rest.sent
  return isHigher && evidenceOfDifference([mine, rest]) >= leastEvidence
    ? `${arm.objections} of ${arm.sent} unsubscribed or complained, clearly more than with the other subject lines`
    : null
}

function weightsOf(probabilities: readonly number[], isStopped: readonly boolean[]): number[] {
  const running = isStopped.filter((stopped) => !stopped).length
  if (running === 0) return probabilities.map(() => 1 / probabilities.length)
  const open = probabilities.reduce((sum, probability, i) => sum + (isStopped[i] ? 0 : probability), 0)
  const free = 1 - leastShare * running
  return probabilities.map((probability, i) =>
    isStopped[i] ? 0 : leastShare + free * (open > 0 ? probability / open : 1 / running),
  )
}

function weeksLeft(arms: readonly ArmCounts[], perWeek: number): number | null {
  const sent = arms.reduce((sum, arm) => sum + arm.sent, 0)
  const share = (arms.reduce((sum, arm) => sum + arm.conversions, 0) + 1) / (sent + 2)
  if (perWeek <= 0 || share >= 1) return null
  // Lehr’s rule: 80 % power, 5 % two-sided.
  const perArm = (16 * share * (1 - share)) / (share * worthwhileLift) ** 2
  return Math.max(0, Math.ceil((perArm * arms.length - sent) / perWeek))
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

function wordsOf(test: { winner: number | null; arms: readonly Arm[] }, perWeek: number): string {
  if (test.winner !== null) return `Subject line ${test.winner + 1} brings more; you can drop the others.`
  if (test.arms.filter(({ stopped }) => stopped === null).length < 2)
    return 'Only one subject line is left; the others were stopped.'
  const weeks = weeksLeft(test.arms, perWeek)
  if (weeks === null) return 'No winner yet: no emails were sent lately.'
  if (weeks === 0) return 'No winner yet: if there is a difference, it is less than 30 %.'
  return weeks > 520
    ? 'No winner yet, and at this rate there will hardly be one: too few emails are sent.'
    : `No winner yet: needs about ${plural(weeks, 'more week')} at this rate to see a difference of 30 %.`
}

/** @param perWeek emails of this test in a week, as it goes now. */
export function assessSubjects(counts: readonly ArmCounts[], perWeek: number): SubjectTest {
  const stopped = counts.map((arm) => objectionTo(arm, counts))
  const probabilities = probabilitiesBest(counts)
  const weights = weightsOf(
    probabilities,
    stopped.map((why) => why !== null),
  )
  const arms = counts.map((arm, i) => ({
    ...arm,
    share: arm.sent === 0 ? null : arm.conversions / arm.sent,
    interval: wilson(arm.conversions, arm.sent),
    probabilityBest: probabilities[i] as number,
    weight: weights[i] as number,
    stopped: stopped[i] ?? null,
  }))
  const isRipe =
    counts.every(({ conversions }) => conversions >= leastConversions) &&
    evidenceOfDifference(counts) >= leastEvidence
  const best = arms.find(
    (arm) => arm.probabilityBest > winnerProbability && arm.stopped === null && isRipe && arms.length > 1,
  )
  const winner = best?.variant ?? null
  return { arms, winner, words: wordsOf({ winner, arms }, perWeek) }
}

/**
 * Which subject a person gets: the same for the same weights, anyone who asks. Once an email has gone out with one it
 * stays with that one; see the caller.
 */
export function assignVariant(trialId: string, ruleId: string, weights: readonly number[]): number {
  const point = hashShare(`subject:${trialId}:${ruleId}`)
  let sum = 0
  for (let variant = 0; variant < weights.length; variant++) {
    sum += weights[variant] as number
    if (point < sum) return variant
  }
  return Math.max(0, weights.length - 1)
}
