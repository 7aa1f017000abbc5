import { minuteMs } from '../../../shared/clock.ts'

/**
 * When an event happened, by our clock. A client’s clock may be wrong by years, but the time between its event and
 * its sending is right: more than a minute apart, that span is counted back from the receipt. Never after the
 * receipt. A server clock moved ahead (demo mode) is the same case.
 */
export function eventTime(receivedAt: number, timestamp: number | null, sentAt: number | null): number {
  if (timestamp === null) return receivedAt
  const skewed = sentAt !== null && Math.abs(receivedAt - sentAt) > minuteMs
  return Math.min(receivedAt, skewed ? receivedAt - (sentAt - timestamp) : timestamp)
}
