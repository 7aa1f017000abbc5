import type { Logger } from 'pino'
import type { TrialId } from '../../../shared/trial.ts'
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
  /** Of its events and people, in events. */
  readonly work: number
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

/** @returns cancels it. */
function atEndOfTurn(work: () => void): () => void {
  const immediate = setImmediate(work)
  return () => clearImmediate(immediate)
}

/** Calls back at the end of this turn, or after the hold. */
function afterHold(lastCommitMs: number, { holdMs, cheapCommitMs }: Holding, flush: () => void) {
  if (lastCommitMs < cheapCommitMs) return { cancel: atEndOfTurn(flush), isAtEndOfTurn: true }
  const timer = setTimeout(flush, holdMs)
  return { cancel: () => clearTimeout(timer), isAtEndOfTurn: false }
}

export function createIngestQueue(options: IngestQueueOptions): IngestQueue {
  const { storage, fold, onFolded, log, groupEvents, maxBytes, maxInFlight } = options
  let waiting: Entry[] = []
  let waitingEvents = 0
  let waitingWork = 0
  /** Long requests and short ones take turns. */
  let longIsNext = false
  let bytes = 0
  let inFlight = 0
  /** Unknown at first, and then as good as dear. */
  let lastCommitMs = Number.POSITIVE_INFINITY
  let appointment: { readonly cancel: () => void; readonly isAtEndOfTurn: boolean } | null = null
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

  const flushAtEndOfTurn = () => {
    if (appointment?.isAtEndOfTurn) return
    appointment?.cancel()
    appointment = { cancel: atEndOfTurn(flush), isAtEndOfTurn: true }
  }
  /** Another group may be on its way to a database that answers later. */
  const appoint = () => {
    if (waiting.length === 0 || inFlight >= maxInFlight) return
    if (waitingWork >= groupEvents) flushAtEndOfTurn()
    else appointment ??= afterHold(lastCommitMs, options, flush)
  }

  const flush = () => {
    appointment?.cancel()
    appointment = null
    if (waiting.length === 0 || inFlight >= maxInFlight) return
    const group = nextGroup(waiting, groupEvents, longIsNext)
    longIsNext = !isLong(group[0] as Entry, groupEvents)
    waiting = without(waiting, group)
    for (const { events, work } of group) {
      waitingEvents -= events.length
      waitingWork -= work
    }
    inFlight++
    void ingest(group).then(() => {
      inFlight--
      for (const entry of group) bytes -= entry.bytes
      // What gathered meanwhile has waited long enough; but SQLite answers at once, and others want their turn too.
      if (waiting.length > 0) flushAtEndOfTurn()
      else if (inFlight === 0) {
        for (const resolve of idle) resolve()
        idle = []
      }
    })
    if (waitingWork >= groupEvents) appoint()
  }

  const enqueue = (events: readonly LoggedEvent[], weight: number): Promise<IngestResult> => {
    const work = workOf(events)
    bytes += weight
    waitingEvents += events.length
    waitingWork += work
    return new Promise((resolve, reject) => {
      waiting.push({ events, bytes: weight, work, resolve, reject })
      appoint()
    })
  }

  return {
    submit(events, weight) {
      if (bytes > 0 && bytes + weight > maxBytes) return null
      const parts = inParts(events, longWork(groupEvents))
      if (parts.length === 1) return enqueue(events, weight)
      // The last one leaves last, so the request weighs until then.
      const last = parts.length - 1
      return Promise.all(parts.map((part, index) => enqueue(part, index === last ? weight : 0))).then(
        (results) => joined(parts, results),
      )
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

/** Saving one more person, who may be new, takes as long as so many events. */
const eventsPerPerson = 10

/** The first person is not counted: nearly every request has one. Neighbours mostly are of the same. */
function workOf(events: readonly LoggedEvent[]): number {
  let others = 0
  for (let i = 1; i < events.length; i++) if (events[i]?.trialId !== events[i - 1]?.trialId) others++
  return events.length + others * eventsPerPerson
}

/** A good part of what a group may be. */
const longWork = (groupWork: number): number => groupWork / 4

const isLong = ({ work }: Entry, groupWork: number): boolean => work >= longWork(groupWork) - eventsPerPerson

/**
 * A request that names very many people is committed bit by bit: sent again after a failure, what was stored counts
 * as a duplicate.
 */
function inParts(events: readonly LoggedEvent[], most: number): (readonly LoggedEvent[])[] {
  const parts: (readonly LoggedEvent[])[] = []
  let [begin, work] = [0, 0]
  for (let i = 1; i < events.length; i++) {
    const isOther = events[i]?.trialId !== events[i - 1]?.trialId
    work += isOther ? 1 + eventsPerPerson : 1
    // Events of one person stay together: they are one save.
    if (!isOther || work <= most) continue
    parts.push(events.slice(begin, i))
    ;[begin, work] = [i, 0]
  }
  return [...parts, begin === 0 ? events : events.slice(begin)]
}

/** The parts as if they had been stored at once. */
function joined(parts: readonly (readonly LoggedEvent[])[], results: readonly IngestResult[]): IngestResult {
  const duplicates = new Set<number>()
  const trials: [TrialId, Trial][] = []
  let offset = 0
  results.forEach((result, index) => {
    for (const at of result.duplicates) duplicates.add(offset + at)
    trials.push(...result.trials)
    offset += parts[index]?.length ?? 0
  })
  return { duplicates, trials: new Map(trials) }
}

/**
 * At least one request, and no more work than a group should have: the thread that answers everyone is held by a
 * commit. Of long and short requests the oldest go, whichever of the two is next, so that a short one waits for one
 * long one and not for all.
 */
function nextGroup(waiting: readonly Entry[], groupWork: number, longIsNext: boolean): Entry[] {
  const ofNextKind = waiting.filter((entry) => isLong(entry, groupWork) === longIsNext)
  const candidates = ofNextKind.length > 0 ? ofNextKind : waiting
  const most = isLong(candidates[0] as Entry, groupWork) ? longWork(groupWork) : groupWork
  const group: Entry[] = []
  let work = 0
  for (const entry of candidates) {
    if (group.length > 0 && work + entry.work > most) break
    group.push(entry)
    work += entry.work
  }
  return group
}

function without(waiting: Entry[], group: readonly Entry[]): Entry[] {
  if (group.length === waiting.length) return []
  const taken = new Set(group)
  return waiting.filter((entry) => !taken.has(entry))
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
