import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTime } from '../../../../server/features/collect/event-time.ts'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'

const receivedAt = Date.UTC(2026, 0, 24, 12)

describe('the time of an event', () => {
  it('is its timestamp when the client’s clock agrees with ours', () => {
    expect(eventTime(receivedAt, receivedAt - hourMs, receivedAt - 200)).toBe(receivedAt - hourMs)
  })
  it('is counted back from the receipt when the client’s clock is wrong', () => {
    const clientNow = receivedAt - 400 * dayMs
    expect(eventTime(receivedAt, clientNow - hourMs, clientNow)).toBe(receivedAt - hourMs)
  })
  it('is recent when our clock was moved three weeks ahead', () => {
    const clientNow = receivedAt - 21 * dayMs
    expect(eventTime(receivedAt, clientNow - 3000, clientNow)).toBe(receivedAt - 3000)
  })
  it('is the timestamp when nothing says when it was sent, and the receipt when nothing says anything', () => {
    expect(eventTime(receivedAt, receivedAt - dayMs, null)).toBe(receivedAt - dayMs)
    expect(eventTime(receivedAt, null, receivedAt)).toBe(receivedAt)
  })
  it('never lies after the receipt, and keeps the order and distance of one client’s events', () => {
    const offset = fc.integer({ min: -1000 * dayMs, max: 1000 * dayMs })
    fc.assert(
      fc.property(
        offset,
        fc.integer({ min: 0, max: 30 * dayMs }),
        fc.integer({ min: 0, max: dayMs }),
        (skew, age, gap) => {
          const sentAt = receivedAt + skew
          const earlier = eventTime(receivedAt, sentAt - age - gap, sentAt)
          const later = eventTime(receivedAt, sentAt - age, sentAt)
          expect(later).toBeLessThanOrEqual(receivedAt)
          if (Math.abs(skew) > minuteMs) expect(later - earlier).toBe(gap)
          expect(later - earlier).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})
