import type { Logger } from 'pino'
import { hourMs, secondMs } from '../../shared/clock.ts'
import { pause } from '../pause.ts'

/** A piece of housekeeping. It may run on several servers at once and must not mind. */
export interface Chore {
  readonly name: string
  readonly everyMs: number
  /** Ends soon after the signal: what is begun is finished, nothing more is begun. */
  readonly run: (signal: AbortSignal) => Promise<unknown>
}

export interface Maintenance {
  /** Lets the chores under way end. */
  stop(): Promise<void>
}

const longest = hourMs

/** Runs each chore again `everyMs` after it ended; one that fails is logged and tried at its next turn. */
export function startMaintenance(chores: readonly Chore[], log: Logger): Maintenance {
  const stopping = new AbortController()
  const loops = chores.map(async ({ name, everyMs, run }) => {
    while (!stopping.signal.aborted) {
      await pause(Math.min(Math.max(everyMs, secondMs), longest), stopping.signal)
      if (stopping.signal.aborted) return
      await run(stopping.signal).catch((error: unknown) =>
        log.warn({ err: error, chore: name }, 'chore failed, it will be tried again'),
      )
    }
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}
