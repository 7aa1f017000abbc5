/** Intervals and tests for shares; plain arithmetic, no state. */

export interface Interval {
  readonly low: number
  readonly high: number
}

const z95 = 1.959963984540054

/** Wilson score interval, 95 %. Right at the edges too, where the textbook one has no width. null for n = 0. */
export function wilson(successes: number, n: number): Interval | null {
  if (n <= 0) return null
  const share = Math.min(Math.max(successes / n, 0), 1)
  const z2 = z95 * z95
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half = (z95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** Newcombe’s interval for the difference of two shares, made of their Wilson intervals (method 10, 1998). */
export function differenceInterval(a: number, nA: number, b: number, nB: number): Interval | null {
  const first = wilson(a, nA)
  const second = wilson(b, nB)
  if (!first || !second) return null
  const shareA = a / nA
  const shareB = b / nB
  const difference = shareA - shareB
  return {
    low: difference - Math.hypot(shareA - first.low, second.high - shareB),
    high: difference + Math.hypot(first.high - shareA, shareB - second.low),
  }
}

/** P(X ≥ k) of a Poisson variable. */
export function poissonTail(k: number, mean: number): number {
  if (k <= 0) return 1
  let term = Math.exp(-mean)
  let below = term
  for (let i = 1; i < k; i++) {
    term *= mean / i
    below += term
  }
  return Math.max(0, 1 - below)
}

/**
 * Whether a count stands out against the weeks before: above mean + 3 σ, or, for small counts, too unlikely (1 %)
 * under their mean. Needs four weeks; fewer show nothing.
 */
export function isJump(count: number, weeksBefore: readonly number[]): boolean {
  if (weeksBefore.length < 4) return false
  const mean = weeksBefore.reduce((sum, n) => sum + n, 0) / weeksBefore.length
  if (mean < 10) return poissonTail(count, Math.max(mean, 0.5)) < 0.01
  const variance = weeksBefore.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (weeksBefore.length - 1)
  return count > mean + 3 * Math.sqrt(Math.max(variance, mean))
}
