import type { Logger } from 'pino'

/** Work by key in the background, a few at once; a key that comes again while it is worked on is done once more. */
export interface WorkQueue {
  add(key: string): void
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>
}

const atOnce = 4

export function createWorkQueue(work: (key: string) => Promise<void>, log: Pick<Logger, 'warn'>): WorkQueue {
  const waiting = new Set<string>()
  const running = new Set<string>()
  let idlers: (() => void)[] = []

  async function run(key: string) {
    running.add(key)
    await work(key).catch((error: unknown) =>
      log.warn({ err: error }, 'billing work failed, it will be tried again'),
    )
    running.delete(key)
    next()
  }

  function next() {
    for (const key of waiting) {
      if (running.size >= atOnce) return
      if (running.has(key)) continue
      waiting.delete(key)
      void run(key)
    }
    if (running.size > 0 || waiting.size > 0) return
    for (const resolve of idlers) resolve()
    idlers = []
  }

  return {
    add(key) {
      waiting.add(key)
      next()
    },
    idle: () =>
      running.size === 0 && waiting.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => idlers.push(resolve)),
  }
}
