import { attempt } from '../guard.ts'
import type { Bridge } from '../nudge-bridge.ts'
import { emptyMemory, historyOf, type NudgeMemory, remembered, touched } from '../nudge-policy.ts'
import type { NudgeInstance } from '../types.ts'

/** What this browser remembers of nudges, read again each time because other tabs write it too. */
export function createMemory(bridge: Bridge) {
  const key = `${bridge.key}.n`
  const read = (): NudgeMemory => ({
    ...emptyMemory(),
    ...attempt(() => JSON.parse(bridge.get(key)!) as NudgeMemory),
  })
  const write = (memory: NudgeMemory) => bridge.set(key, memory)
  return {
    key,
    read,
    historyOf: (id: string) => historyOf(read(), id),
    note: (nudge: NudgeInstance, what: Parameters<typeof remembered>[2], snoozeMs?: number) =>
      write(remembered(read(), nudge, what, bridge.now(), snoozeMs)),
    touch: () => write(touched(read(), bridge.now())),
  }
}
