import type { EventDocuments } from './event-documents.ts'

/**
 * Marks folded events in the log, those of several groups with one write: it is the third write of each group, and
 * the only one that no answer waits for.
 */
export interface Marker {
  /** Of folds whose events are all logged and all in their trials. */
  later(foldIds: readonly string[]): void
  /** Whether this process knows that all events of the fold were marked. */
  isMarked(foldId: string): boolean
  noteMarked(foldId: string): void
  /** Resolves when nothing waits to be marked and no marking is under way. */
  settled(): Promise<void>
}

/** How long folds gather. A crash leaves that much more to the sweeper, which finds it folded already. */
const gatherMs = 100
/** So many are marked at once, and sooner when there are as many. */
const foldsAtOnce = 400
/** How many fold ids are remembered as marked; forgetting one costs a query later, no more. */
const maxMarked = 20_000

export function createMarker({ markFolds }: Pick<EventDocuments, 'markFolds'>): Marker {
  const marked = new Set<string>()
  const marking = new Set<Promise<void>>()
  let waiting: string[] = []
  let timer: NodeJS.Timeout | null = null

  function noteMarked(foldId: string): void {
    marked.add(foldId)
    if (marked.size <= maxMarked) return
    for (const oldest of marked) {
      marked.delete(oldest)
      return
    }
  }

  async function mark(foldIds: readonly string[]): Promise<void> {
    await markFolds(foldIds)
    for (const foldId of foldIds) noteMarked(foldId)
  }

  function flush(): void {
    if (timer) clearTimeout(timer)
    timer = null
    const gathered = waiting
    waiting = []
    for (let from = 0; from < gathered.length; from += foldsAtOnce) {
      // Those that stay unmarked are found in the trial’s list by the sweeper.
      const task = mark(gathered.slice(from, from + foldsAtOnce)).catch(() => {})
      marking.add(task)
      void task.finally(() => marking.delete(task))
    }
  }

  return {
    later(foldIds) {
      for (const foldId of foldIds) waiting.push(foldId)
      if (waiting.length >= foldsAtOnce) flush()
      else timer ??= setTimeout(flush, gatherMs)
    },
    isMarked: (foldId) => marked.has(foldId),
    noteMarked,
    async settled() {
      flush()
      await Promise.all(marking)
    },
  }
}
