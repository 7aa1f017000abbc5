import { minuteMs } from '../../../shared/clock.ts'
import type { Clock } from '../../ports.ts'

/** Holds back whoever guesses passwords: 5 tries per account and 20 per address in 15 minutes. */
export interface LoginBrake {
  /** Counts a try. @returns seconds to wait, 0 when it may go on. */
  take(ip: string, email: string): number
  /** A right password clears the account’s count. */
  succeeded(email: string): void
}

const windowMs = 15 * minuteMs
const perAccount = 5
const perAddress = 20
/** More keys than that are an attack with many addresses; the oldest are forgotten first. */
const maxKeys = 10_000

export function createLoginBrake({ clock }: { clock: Clock }): LoginBrake {
  const tries = new Map<string, number[]>()

  function wait(key: string, most: number, now: number): number {
    const recent = (tries.get(key) ?? []).filter((at) => now - at < windowMs)
    if (recent.length >= most) return Math.ceil(((recent[0] as number) + windowMs - now) / 1000)
    tries.delete(key)
    tries.set(key, [...recent, now])
    const oldest = tries.size > maxKeys ? tries.keys().next().value : undefined
    if (oldest !== undefined) tries.delete(oldest)
    return 0
  }

  return {
    take(ip, email) {
      const now = clock.now()
      return Math.max(wait(`ip:${ip}`, perAddress, now), wait(`account:${email}`, perAccount, now))
    },
    succeeded: (email) => void tries.delete(`account:${email}`),
  }
}
