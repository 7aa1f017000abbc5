import { LRUCache } from 'lru-cache'
import { minuteMs } from '../../../shared/clock.ts'

/** Receivers that asked us to slow down, by domain; kept in memory, because it is only a courtesy. */
export interface DestinationBackoff {
  /** @returns until when the domain of this address is to be left alone, or null. */
  until(address: string, now: number): number | null
  /** Whether an answer means “all of you, slower”, and not just this email. */
  note(address: string, answer: { code: number | null; text: string } | 'accepted', now: number): void
}

const shortestMs = minuteMs
const longestMs = 30 * minuteMs
/** Anyone who signs up chooses the domain. */
const maxDomains = 10_000

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

/** 421: the service is closing; 4.7.x: policy or rate (RFC 3463 §3.8). */
const asksToSlowDown = ({ code, text }: { code: number | null; text: string }): boolean =>
  code === 421 || (code !== null && code < 500 && /\b4\.7\.\d{1,3}\b/.test(text))

/** Doubles from a minute to half an hour while the trouble lasts; one accepted email ends it. */
export function createDestinationBackoff(): DestinationBackoff {
  const troubled = new LRUCache<string, { until: number; spanMs: number }>({ max: maxDomains })
  return {
    until(address, now) {
      const found = troubled.get(domainOf(address))
      return found && found.until > now ? found.until : null
    },
    note(address, answer, now) {
      const domain = domainOf(address)
      if (answer === 'accepted') troubled.delete(domain)
      else if (asksToSlowDown(answer)) {
        const before = troubled.get(domain)
        // Emails that were under way together are one complaint, not many.
        if (before && before.until > now) return
        const spanMs = Math.min(before ? before.spanMs * 2 : shortestMs, longestMs)
        troubled.set(domain, { until: now + spanMs, spanMs })
      }
    },
  }
}
