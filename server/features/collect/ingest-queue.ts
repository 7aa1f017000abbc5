import type { Logger } from 'pino'
import type { Trial } from '../../domain/trial/model.ts'
import type { Fold, IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import { StorageUnavailable } from '../../storage/port.ts'

/** Requests that arrive within moments of each other are committed together: the disk is waited for once for all. */
export interface IngestQueue {
  /**
   * @param bytes what the request weighs against the cap of the queue.
   * @returns null when the queue is full. Positions of duplicates count within `events`.
   * @throws StorageUnavailable
   */
  submit(events: readonly LoggedEvent[], bytes: number): Promise<IngestResult> | null
  waiting(): { events: number; bytes: number }
  /** Resolves when all that was submitted is stored or refused. */
  drain(): Promise<void>
}

interface Entry {
  readonly events: readonly LoggedEvent[]
  readonly bytes: number
  readonly resolve: (result: IngestResult) => void
  readonly reject: (error: unknown) => void
}

export interface IngestQueueOptions {
  readonly storage: Pick<Storage, 'ingest'>
  readonly fold: Fold
  /** Called once for every trial that was folded into. */
  readonly onFolded: (trial: Trial) => void
  readonly log: Logger
  /** As {@link Holding} says. */
  readonly holdMs: number
  readonly cheapCommitMs: number
  readonly groupEvents: number
  readonly maxBytes: number
  /** Groups on their way to the database at once. */
  readonly maxInFlight: number
}

const noDuplicates: ReadonlySet<number> = new Set()

/**
 * How long requests gather before they are committed together. Where a commit costs next to nothing, as it does while
 * the disk keeps up, those read in one turn of the event loop are enough: a timer would cost more than it spares.
 */
interface Holding {
  /** While commits are dear. */
  readonly holdMs: number
  /** A commit quicker than this is cheap. */
  readonly cheapCommitMs: number
}

/** Calls back at the end of this turn, or after the hold. @returns cancels it. */
function afterHold(lastCommitMs: number, { holdMs, cheapCommitMs }: Holding, flush: () => void): () => void {
  if (lastCommitMs < cheapCommitMs) {
    const immediate = setImmediate(flush)
    return () => clearImmediate(immediate)
  }
  const timer = setTimeout(flush, holdMs)
  return () => clearTimeout(timer)
}

export function createIngestQueue(options: IngestQueueOptions): IngestQueue {
  const { storage, fold, onFolded, log, groupEvents, maxBytes, maxInFlight } = options
  let waiting: Entry[] = []
  let waitingEvents = 0
  let bytes = 0
  let inFlight = 0
  /** Unknown at first, and then as good as dear. */
  let lastCommitMs = Number.POSITIVE_INFINITY
  let cancelFlush: (() => void) | null = null
  let idle: (() => void)[] = []

  const ingest = async (entries: readonly Entry[]) => {
    try {
      const startedAt = performance.now()
      const result = await storage.ingest(eventsOf(entries), fold)
      lastCommitMs = performance.now() - startedAt
      for (const trial of result.trials.values()) onFolded(trial)
      share(entries, result)
    } catch (error) {
      if (error instanceof StorageUnavailable || entries.length === 1)
        for (const entry of entries) entry.reject(error)
      else {
        // One request must not take the others of its group down with it.
        log.error(
          { err: error, requests: entries.length },
          'a group of events failed, trying each request alone',
        )
        for (const entry of entries) await ingest([entry])
      }
    }
  }

  const flush = () => {
    cancelFlush?.()
    cancelFlush = null
    if (waiting.length === 0 || inFlight >= maxInFlight) return
    const { group, rest } = nextGroup(waiting, groupEvents)
    waiting = rest
    waitingEvents -= countOf(group)
    inFlight++
    void ingest(group).then(() => {
      inFlight--
      for (const entry of group) bytes -= entry.bytes
      // What gathered meanwhile has waited long enough.
      if (waiting.length > 0) flush()
      else if (inFlight === 0) {
        for (const resolve of idle) resolve()
        idle = []
      }
    })
  }

  return {
    submit(events, weight) {
      if (bytes > 0 && bytes + weight > maxBytes) return null
      bytes += weight
      waitingEvents += events.length
      return new Promise((resolve, reject) => {
        waiting.push({ events, bytes: weight, resolve, reject })
        if (waitingEvents >= groupEvents) flush()
        else if (inFlight < maxInFlight) cancelFlush ??= afterHold(lastCommitMs, options, flush)
      })
    },
    waiting: () => ({ events: waitingEvents, bytes }),
    drain() {
      if (waiting.length === 0 && inFlight === 0) return Promise.resolve()
      flush()
      return new Promise((resolve) => {
        idle.push(resolve)
      })
    },
  }
}

function eventsOf(entries: readonly Entry[]): readonly LoggedEvent[] {
  if (entries.length === 1) return (entries[0] as Entry).events
  const all: LoggedEvent[] = []
  for (const { events } of entries) for (const event of events) all.push(event)
  return all
}

const countOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { events }) => sum + events.length, 0)

/** At least one request, and no more events than a group should have. */
function nextGroup(waiting: Entry[], groupEvents: number): { group: Entry[]; rest: Entry[] } {
  let events = 0
  let taken = 0
  for (const entry of waiting) {
    if (taken > 0 && events + entry.events.length > groupEvents) break
    events += entry.events.length
    taken++
  }
  return taken === waiting.length
    ? { group: waiting, rest: [] }
    : { group: waiting.slice(0, taken), rest: waiting.slice(taken) }
}

/** Gives each request its own part of the group’s result. */
function share(entries: readonly Entry[], { duplicates, trials }: IngestResult): void {
  let offset = 0
  for (const { events, resolve } of entries) {
    let own: Set<number> | null = null
    if (duplicates.size > 0)
      for (let i = 0; i < events.length; i++)
        if (duplicates.has(offset + i)) {
          own ??= new Set()
          own.add(i)
        }
    offset += events.length
    resolve({ duplicates: own ?? noDuplicates, trials })
  }
}
