import { hourMs } from '../../shared/clock.ts'
import { pause } from '../pause.ts'
import type { Clock } from '../ports.ts'

/**
 * The machine’s clock. It waits in steps of at most an hour and looks at the time after each: setTimeout overflows
 * after 24.8 days, and a step of the clock (NTP, a suspended laptop) is noticed within the hour.
 * Its timers never keep the process alive.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  async waitUntil(at, signal) {
    while (!signal.aborted && Date.now() < at) await pause(Math.min(at - Date.now(), hourMs), signal)
  },
}
