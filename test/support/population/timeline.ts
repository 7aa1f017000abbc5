/** Things that will happen, by the moment at which they do. */
export interface Timeline {
  /** Moments that have passed already mean now. */
  at(moment: number, act: () => Promise<void>): void
  nextAt(): number | null
  /** Takes out all that is to happen by `now`, in the order of its moments. */
  take(now: number): (() => Promise<void>)[]
}

export function createTimeline(): Timeline {
  const acts = new Map<number, (() => Promise<void>)[]>()
  const moments: number[] = []

  function insert(moment: number): void {
    let [low, high] = [0, moments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((moments[middle] as number) > moment) low = middle + 1
      else high = middle
    }
    moments.splice(low, 0, moment)
  }

  return {
    at(moment, act) {
      const found = acts.get(moment)
      if (found) return void found.push(act)
      acts.set(moment, [act])
      insert(moment)
    },
    nextAt: () => moments.at(-1) ?? null,
    take(now) {
      const taken: (() => Promise<void>)[] = []
      for (let next = moments.at(-1); next !== undefined && next <= now; next = moments.at(-1)) {
        moments.pop()
        taken.push(...(acts.get(next) ?? []))
        acts.delete(next)
      }
      return taken
    },
  }
}

const coarse = (span: number, step: number): number => Math.max(step, Math.round(span / step) * step)

/** Short waits to the second, long ones to ten minutes: what happens to many at once is then done at once. */
export const roughly = (spanMs: number): number =>
  spanMs < 120_000
    ? coarse(spanMs, 1000)
    : spanMs < 3_600_000
      ? coarse(spanMs, 60_000)
      : coarse(spanMs, 600_000)

/** Runs all, a few at a time. @throws the first failure, after all have ended. */
export async function together(acts: readonly (() => Promise<void>)[], width = 12): Promise<void> {
  const queue = [...acts]
  const failures: unknown[] = []
  const worker = async () => {
    for (let act = queue.shift(); act; act = queue.shift())
      await act().catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: Math.min(width, acts.length) }, worker))
  if (failures.length > 0) throw failures[0]
}
