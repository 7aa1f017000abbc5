import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createIds } from '../../../server/adapters/ids.ts'
import { systemClock } from '../../../server/adapters/system-clock.ts'
import { dayMs, hourMs } from '../../../shared/clock.ts'

describe('ids', () => {
  const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('are version 7 and carry their millisecond', () => {
    const id = createIds().uuid(1_772_442_000_123)
    expect(id).toMatch(uuidV7)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_772_442_000_123)
  })

  it('rise strictly within a millisecond and when the clock steps back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 200 }), (steps) => {
        const ids = createIds()
        const made = steps.map((step) => ids.uuid(1_772_442_000_000 + step))
        for (const id of made) expect(id).toMatch(uuidV7)
        expect([...made].sort()).toEqual(made)
        expect(new Set(made).size).toBe(made.length)
      }),
    )
  })

  it('make secrets of 256 bits', () => {
    const secret = createIds().secret()
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    expect(createIds().secret()).not.toBe(secret)
  })
})

describe('the system clock', () => {
  afterEach(() => void vi.useRealTimers())

  it('waits 30 days in steps that no timer overflows', async () => {
    vi.useFakeTimers()
    const at = Date.now() + 30 * dayMs
    let over = false
    const waiting = systemClock.waitUntil(at, new AbortController().signal).then(() => {
      over = true
    })
    await vi.advanceTimersByTimeAsync(30 * dayMs - 1)
    expect(over).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
    expect(over).toBe(true)
  })

  it('notices within the hour that the clock was moved', async () => {
    vi.useFakeTimers()
    let over = false
    void systemClock.waitUntil(Date.now() + 40 * dayMs, new AbortController().signal).then(() => {
      over = true
    })
    vi.setSystemTime(Date.now() + 50 * dayMs)
    await vi.advanceTimersByTimeAsync(hourMs)
    expect(over).toBe(true)
  })

  it('ends at once when aborted or when the moment has passed', async () => {
    const abort = new AbortController()
    const waiting = systemClock.waitUntil(Date.now() + dayMs, abort.signal)
    abort.abort()
    await waiting
    await systemClock.waitUntil(Date.now() + dayMs, abort.signal)
    await systemClock.waitUntil(0, new AbortController().signal)
  })
})
