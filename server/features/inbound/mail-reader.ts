import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { startThread } from '../../start-thread.ts'
import { mimeBounds } from './mime-bounds.ts'
import type { MailReader } from './read-mail.ts'
import type { ReadJob, ReadReply } from './read-worker.ts'

/** There is no room for one more: anyone who brings the email should come again. */
export class MailReaderBusy extends Error {
  override readonly name = 'MailReaderBusy'
}

export interface ReaderLimits {
  /** After this long the thread is ended. An email of ordinary size takes some milliseconds. */
  readonly killAfterMs: number
  readonly maxHeapMb: number
  /** Emails that wait. */
  readonly maxWaiting: number
  /** A thread with nothing to do ends, and gives its memory back. */
  readonly idleMs: number
}

const usual: ReaderLimits = { killAfterMs: 4 * secondMs, maxHeapMb: 96, maxWaiting: 50, idleMs: minuteMs }

interface Job {
  readonly job: ReadJob
  readonly answer: (reply: ReadReply) => void
  readonly fail: (error: Error) => void
}

/** One email at a time in a thread of its own, which does not keep the process alive. */
class ReaderThread {
  readonly worker: Worker
  readonly #onReady: () => void
  #job: Job | null = null
  #timer: NodeJS.Timeout | undefined
  isReady = false
  #isEnding = false

  constructor(
    private readonly limits: ReaderLimits,
    on: { ready: () => void; end: () => void; log: Logger },
  ) {
    this.#onReady = on.ready
    this.worker = startThread('./features/inbound/read-worker.ts', {
      resourceLimits: {
        maxOldGenerationSizeMb: limits.maxHeapMb,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: 4,
      },
    })
    this.worker.unref()
    this.worker.on('message', (message: 'ready' | ReadReply) => {
      this.isReady = true
      if (message !== 'ready') this.#settle(message)
      this.#onReady()
    })
    this.worker.on('error', (error) => on.log.warn({ err: error }, 'a received mail broke its reader'))
    this.worker.on('exit', () => {
      clearTimeout(this.#timer)
      this.#job?.answer({ unreadable: 'it takes too long or too much memory to read' })
      this.#job = null
      on.end()
    })
  }

  get isFree(): boolean {
    return this.isReady && !this.#isEnding && this.#job === null
  }

  take(job: Job): void {
    this.#job = job
    this.#after(this.limits.killAfterMs)
    this.worker.postMessage(job.job)
  }

  #settle(reply: ReadReply): void {
    const job = this.#job
    this.#job = null
    this.#after(this.limits.idleMs)
    job?.answer(reply)
  }

  #after(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isEnding = true
      void this.worker.terminate()
    }, ms).unref()
  }
}

/**
 * Reads email in a thread with limits on time and memory. What goes beyond them is answered as unreadable: no email is
 * tried twice, because the second time would take as long as the first.
 */
export function createMailReader({
  mailDomain,
  log,
  limits = usual,
}: {
  mailDomain: string
  log: Logger
  limits?: ReaderLimits
}): MailReader {
  const waiting: Job[] = []
  let thread: ReaderThread | null = null

  function next(): void {
    if (waiting.length === 0) return
    thread ??= new ReaderThread(limits, { ready: next, end: replace, log })
    if (thread.isFree) thread.take(waiting.shift() as Job)
  }

  function replace(): void {
    const wasReady = thread?.isReady ?? false
    thread = null
    if (wasReady) {
      next()
      return
    }
    // A thread that dies before it is ready would die again: answer instead of starting for ever.
    log.error('no thread can be started to read received mail')
    for (const { fail } of waiting.splice(0)) fail(new MailReaderBusy('the reader of mails does not start'))
  }

  return (raw, envelope) => {
    if (waiting.length >= limits.maxWaiting)
      return Promise.reject(new MailReaderBusy('too many received mails wait to be read'))
    return new Promise((answer, fail) => {
      const bytes = Uint8Array.from(raw.subarray(0, mimeBounds.bytes))
      waiting.push({ job: { raw: bytes, envelope, mailDomain }, answer, fail })
      next()
    })
  }
}
