import { setPriority } from 'node:os'

const low = 10

/**
 * Called by a thread whose work strangers can ask for: where the processor is short, that which answers requests goes
 * first. Only Linux knows a priority of one thread; elsewhere this would be the whole process.
 */
export function lowerOwnPriority(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, low)
  } catch {
    // A sandbox may forbid it: the thread then works at the usual one.
  }
}
