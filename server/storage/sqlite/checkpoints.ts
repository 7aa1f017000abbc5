import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../start-thread.ts'
import type { CheckpointJob, LogState } from './checkpoint-worker.ts'

/**
 * When the write-ahead log is moved into the database. SQLite by itself does it inside a COMMIT, which then takes 60
 * ms and more. Here a thread with a connection of its own moves nearly all, and the writing connection only the rest,
 * in a moment without commits: the log can begin from its start again only when nothing of it is left.
 */
export interface Checkpoints {
  /** Called after each commit. @param pages roughly how many it has put into the log. */
  committed(pages: number): void
  /** Runs `work` while no pass is under way and none begins. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when the thread has closed the file. */
  close(): Promise<void>
}

export interface CheckpointLimits {
  /** A pass begins when so many pages have been written. */
  readonly passPages: number
  /** In a log of this length the rest is moved even while commits are under way. */
  readonly forcedFrames: number
  /** How long the writing connection watches for a moment without commits, and how often before the next pass. */
  readonly quietMs: number
  readonly watches: number
  /** After so long without a commit all is moved, so that the file alone is a whole copy. */
  readonly idleMs: number
}

const usualLimits: CheckpointLimits = {
  passPages: 2_000,
  forcedFrames: 24_000,
  quietMs: 2,
  watches: 20,
  idleMs: 5_000,
}

interface CheckpointOptions {
  readonly file: string
  /** Moves what is left, on the writing connection and at once. */
  readonly moveRest: () => void
  /** Called when there is no thread to do it: the writing connection has to. */
  readonly onNoThread: () => void
  readonly limits?: CheckpointLimits
}

export function createCheckpoints(options: CheckpointOptions): Checkpoints {
  const { moveRest, limits = usualLimits } = options
  const thread = createThread(options)
  let pages = 0
  let commits = 0
  let isRunning = false
  let holders = 0
  let isClosed = false
  const mayGoOn = () => holders === 0 && !isClosed
  let idleTimer: NodeJS.Timeout | null = null
  const watchForIdle = () => {
    const seen = commits
    idleTimer = setTimeout(() => {
      idleTimer = null
      if (isClosed) return
      if (commits !== seen || isRunning || holders > 0) watchForIdle()
      else moveRest()
    }, limits.idleMs)
    idleTimer.unref()
  }

  /** Whether there was a moment without commits: what is done in it costs no one anything. */
  async function quietMoment(): Promise<boolean> {
    for (let watch = 0; watch < limits.watches && mayGoOn(); watch++) {
      const seen = commits
      await sleep(limits.quietMs, undefined, { ref: false })
      if (commits === seen) return mayGoOn()
    }
    return false
  }

  async function run(): Promise<void> {
    isRunning = true
    while (mayGoOn()) {
      pages = 0
      const log = await thread.pass()
      if (log === null || !mayGoOn()) break
      if (log.frames >= limits.forcedFrames || (await quietMoment())) {
        moveRest()
        break
      }
    }
    isRunning = false
  }

  return {
    committed(written) {
      commits++
      pages += written
      if (!idleTimer && !isClosed) watchForIdle()
      if (pages >= limits.passPages && !isRunning && mayGoOn()) void run()
    },
    async alone(work) {
      holders++
      try {
        await thread.rest()
        return await work()
      } finally {
        holders--
      }
    },
    close() {
      isClosed = true
      if (idleTimer) clearTimeout(idleTimer)
      return thread.close()
    },
  }
}

/** Started when there is something to do for the first time: most processes write little. */
function createThread({ file, onNoThread }: CheckpointOptions) {
  let worker: Worker | null = null
  let ended: Promise<void> | null = null
  let passing: Promise<LogState | null> | null = null
  let answer: (log: LogState | null) => void = () => {}
  let isClosing = false

  function start(): Worker {
    const started = startThread('./storage/sqlite/checkpoint-worker.ts', {
      workerData: { file },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    started.unref()
    started.on('message', (log: LogState | null) => answer(log))
    // It is followed by its exit.
    started.on('error', () => {})
    ended = new Promise((resolve) => {
      started.once('exit', () => {
        worker = null
        if (!isClosing) onNoThread()
        isClosing = true
        answer(null)
        resolve()
      })
    })
    return started
  }

  return {
    /** @returns null when nothing can be said, as where the thread has ended. */
    async pass(): Promise<LogState | null> {
      if (isClosing) return null
      try {
        worker ??= start()
      } catch {
        isClosing = true
        onNoThread()
        return null
      }
      passing = new Promise((resolve) => {
        answer = resolve
      })
      worker.postMessage('pass' satisfies CheckpointJob)
      return passing
    },
    /** Resolves when no pass is under way. */
    async rest() {
      // Someone waits for it now, so it is a reason for the process to stay.
      worker?.ref()
      await passing
      if (!isClosing) worker?.unref()
    },
    async close(): Promise<void> {
      isClosing = true
      worker?.ref()
      worker?.postMessage('close' satisfies CheckpointJob)
      await ended
    },
  }
}
