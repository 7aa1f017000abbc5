/** What a benchmark tells; `test/bench/run.mjs` adds the machine and prints it. */
export interface BenchReport {
  readonly bench: string
  /** How often each value was measured, where that is one number. */
  readonly rounds?: number
  readonly rows: readonly {
    readonly name: string
    readonly value: number
    readonly unit: string
    readonly min: number
    readonly max: number
  }[]
  readonly checks: readonly BenchCheck[]
}

export interface BenchCheck {
  readonly name: string
  readonly value: number
  readonly op: '<=' | '>='
  readonly target: number
  readonly met: boolean
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** The median of the rounds, and how far they lie apart. */
export const medianRow = (name: string, values: readonly number[], unit: string) => ({
  name,
  value: medianOf(values),
  unit,
  min: Math.min(...values),
  max: Math.max(...values),
})

export const metAtMost = (name: string, value: number, target: number): BenchCheck => ({
  name,
  value,
  op: '<=',
  target,
  met: value <= target,
})

export const metAtLeast = (name: string, value: number, target: number): BenchCheck => ({
  name,
  value,
  op: '>=',
  target,
  met: value >= target,
})
