import { openSync, readSync } from 'node:fs'

export interface Hold {
  /** By the clock. */
  readonly ms: number
  /** The longest in which this thread computed all the time: what other programs take away is left out. */
  readonly busyMs: number
  /** One in a hundred moments lies in a stretch of computing as long as this, or longer. */
  readonly busyAtP99Ms: number
}

const tickMs = 1

/** Processor time of the thread that runs this. Where the kernel does not tell it, that of the process. */
function threadClock(): () => number {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r')
    const text = Buffer.alloc(100)
    // Kept open: to open it a thousand times a second takes a good part of a processor.
    return () =>
      Number(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)).split(' ', 1)[0]) / 1e6
  } catch {
    return () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1000
    }
  }
}
const threadMs = threadClock()

/** Ticks, and sees how late each tick is. */
export function watchHolds() {
  let ms = 0
  const stretches: number[] = []
  const startedAt = performance.now()
  let [at, used] = [startedAt, threadMs()]
  const timer = setInterval(() => {
    const [now, usedNow] = [performance.now(), threadMs()]
    const gap = now - at - tickMs
    ms = Math.max(ms, gap)
    stretches.push(Math.min(gap, usedNow - used))
    ;[at, used] = [now, usedNow]
  }, tickMs).unref()
  return {
    stop(): Hold {
      clearInterval(timer)
      const longestFirst = stretches.sort((a, b) => b - a)
      let left = (performance.now() - startedAt) / 100
      const busyAtP99Ms = longestFirst.find((stretch) => {
        left -= stretch
        return left <= 0
      })
      return { ms, busyMs: longestFirst[0] ?? 0, busyAtP99Ms: busyAtP99Ms ?? 0 }
    },
  }
}
