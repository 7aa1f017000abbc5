import type { Logger } from 'pino'
import { hourMs, secondMs } from '../../shared/clock.ts'
import { pause } from '../pause.ts'
import type { Topic } from '../storage/revisions.ts'

/** A piece of housekeeping. It may run on several servers at once and must not mind. */
export interface Chore {
  readonly name: string
  readonly everyMs: number
  /** Runs also soon after that was changed, by whatever process. */
  readonly topic?: Topic
  /** Ends soon after the signal: what is begun is finished, nothing more is begun. */
  readonly run: (signal: AbortSignal) => Promise<unknown>
}

export interface Maintenance {
  /** Lets the chores under way end. */
  stop(): Promise<void>
}

const longest = hourMs

/**
 * Runs each chore again `everyMs` after it ended; one that fails is logged and tried at its next turn.
 * @param changes asked every `changesEveryMs` for the topics that have changed since it was asked before.
 */
export function startMaintenance(
  chores: readonly Chore[],
  log: Logger,
  changes: () => Promise<readonly Topic[]>,
  changesEveryMs: number,
): Maintenance {
  const stopping = new AbortController()
  const sleepers = new Map<Chore, AbortController>()
  const due = new Set<Chore>()

  async function rest(chore: Chore): Promise<void> {
    const sleeper = new AbortController()
    sleepers.set(chore, sleeper)
    const ms = Math.min(Math.max(chore.everyMs, secondMs), longest)
    if (!due.delete(chore)) await pause(ms, AbortSignal.any([stopping.signal, sleeper.signal]))
    due.delete(chore)
    sleepers.delete(chore)
  }

  const attention: Chore = {
    name: 'changes',
    everyMs: changesEveryMs,
    async run() {
      const changed = await changes()
      for (const chore of chores) {
        if (!chore.topic || !changed.includes(chore.topic)) continue
        due.add(chore)
        sleepers.get(chore)?.abort()
      }
    },
  }

  const loops = [attention, ...chores].map(async (chore) => {
    while (!stopping.signal.aborted) {
      await rest(chore)
      if (stopping.signal.aborted) return
      await chore
        .run(stopping.signal)
        .catch((error: unknown) =>
          log.warn({ err: error, chore: chore.name }, 'chore failed, it will be tried again'),
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
