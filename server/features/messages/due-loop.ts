import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { type Leased, StorageUnavailable } from '../../storage/port.ts'
import { createMessageSender, type SenderDependencies, type SendOutcome } from './send-message.ts'

export interface DueLoopOptions extends SenderDependencies {
  /** Unique among all processes on one database. */
  readonly owner: string
  /** Trials under way at once; the connections of the mail server pool are a good number. Default 5. */
  readonly concurrency?: number
  /** How long a trial stays ours when we die. Default 60 s. */
  readonly leaseMs?: number
  /** Folds events that a crash left logged and unfolded. @returns how many. */
  readonly sweep?: () => Promise<number>
}

interface DueLoopStats {
  readonly running: boolean
  readonly inFlight: number
  /** How often a look at a trial came to this, since the start. */
  readonly outcomes: Readonly<Record<SendOutcome | 'error', number>>
}

export interface DueLoop {
  start(): void
  /** Something may have become due: look again now. */
  wake(): void
  /**
   * Does everything that is due at the clock’s now, also when the loop is not started, and resolves when nothing is
   * left and nothing is under way here. Trials that another process holds are left to it.
   * @throws StorageUnavailable
   */
  drain(): Promise<void>
  /** Finishes what is past its gate, drops the rest before its dot, gives the leases back. */
  stop(): Promise<void>
  stats(): DueLoopStats
}

/** Longest sleep, in which writes of other processes go unseen. */
const longestSleepMs = 2.5 * secondMs
/** Shortest sleep when something is due that another process holds. */
const shortestSleepMs = 100
/** What it looks for is at least a minute old. */
const sweepEveryMs = 30 * secondMs

/**
 * Sends what is due: sleeps until the next moment the storage knows of, leases the trials whose moment has come and
 * takes each through the sending protocol. Any number of loops may run on one database.
 */
export function createDueLoop(options: DueLoopOptions): DueLoop {
  const { storage, changes, clock, log, owner, concurrency = 5, leaseMs = minuteMs } = options
  const send = createMessageSender(options)
  const underWay = new Set<Promise<void>>()
  const outcomes = emptyOutcomes()
  let stopping = new AbortController()
  let sleeping = new AbortController()
  let running: Promise<void> | null = null
  let pumping: Promise<void> | null = null

  const mayWork = () => !stopping.signal.aborted && options.canSend?.() !== false

  async function handle(leased: Leased): Promise<void> {
    const { id } = leased.trial
    try {
      outcomes[await send(leased, stopping.signal)]++
      await storage.trials.release(id, leased.fence)
      options.faults?.('after-release', id, null)
    } catch (error) {
      // The lease is kept, so that a trial that breaks us is met again only after it has run out.
      outcomes.error++
      const level = error instanceof StorageUnavailable ? 'warn' : 'error'
      log[level]({ err: error, trialId: id }, 'a due trial could not be handled')
    }
  }

  function begin(leased: Leased): void {
    const work = handle(leased).finally(() => underWay.delete(work))
    underWay.add(work)
  }

  /** Leases and handles until nothing is due any more; waits for a free place between batches. */
  async function pumpOnce(): Promise<void> {
    while (mayWork()) {
      const limit = concurrency - underWay.size
      const due = limit > 0 ? await storage.trials.claimDue({ owner, now: clock.now(), limit, leaseMs }) : []
      if (!mayWork()) {
        await Promise.allSettled(due.map(({ trial, fence }) => storage.trials.release(trial.id, fence)))
        break
      }
      for (const leased of due) begin(leased)
      if (underWay.size === 0) return
      // When fewer came than asked for, nothing more was due, and only what is under way can change that.
      if (due.length < limit || limit <= 0) await Promise.race(underWay)
    }
    await Promise.all(underWay)
  }

  const pump = (): Promise<void> => {
    pumping ??= pumpOnce().finally(() => {
      pumping = null
    })
    return pumping
  }

  /** Until the next due moment, at most {@link longestSleepMs}, less when woken. @returns whether anything may be due. */
  async function sleep(): Promise<boolean> {
    const nextAt = await storage.trials.nextDueAt()
    const now = clock.now()
    const until = Math.min(
      Math.max(nextAt ?? Number.POSITIVE_INFINITY, now + shortestSleepMs),
      now + longestSleepMs,
    )
    await clock.waitUntil(until, sleeping.signal)
    return sleeping.signal.aborted || (nextAt !== null && nextAt <= clock.now())
  }

  async function run(): Promise<void> {
    let sweptAt = Number.NEGATIVE_INFINITY
    let mayBeDue = true
    while (!stopping.signal.aborted) {
      sleeping = new AbortController()
      try {
        if (options.sweep && Math.abs(clock.now() - sweptAt) >= sweepEveryMs) {
          sweptAt = clock.now()
          await options.sweep()
        }
        if (mayBeDue) await pump()
        if (!stopping.signal.aborted) mayBeDue = await sleep()
      } catch (error) {
        mayBeDue = true
        log.warn({ err: error }, 'the due loop could not read the database')
        await clock.waitUntil(clock.now() + longestSleepMs, sleeping.signal)
      }
    }
  }

  changes.onSaved(({ nextAt }) => {
    if (nextAt !== null && nextAt <= clock.now()) sleeping.abort()
  })

  return {
    start() {
      if (running) return
      stopping = new AbortController()
      running = run()
    },
    wake: () => sleeping.abort(),
    async drain() {
      await pumping
      await pump()
    },
    async stop() {
      stopping.abort()
      sleeping.abort()
      await Promise.allSettled([running, pumping])
      running = null
    },
    stats: () => ({ running: running !== null, inFlight: underWay.size, outcomes: { ...outcomes } }),
  }
}

const emptyOutcomes = (): Record<SendOutcome | 'error', number> => ({
  nothing_due: 0,
  blocked: 0,
  suppressed: 0,
  dropped: 0,
  lost_lease: 0,
  sent: 0,
  deferred: 0,
  failed: 0,
  unknown: 0,
  error: 0,
})
