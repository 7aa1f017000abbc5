import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMovableClock, demoStart } from '../../../server/demo/movable-clock.ts'
import { dayMs } from '../../../shared/clock.ts'

const monday = Date.UTC(2026, 10, 23, 14, 30)

describe('movable clock', () => {
  it('starts where it is told and runs with real time', () => {
    let real = 1000
    const clock = createMovableClock(monday, () => real)
    expect(clock.now()).toBe(monday)
    real += 5000
    expect(clock.now()).toBe(monday + 5000)
  })

  it('wakes those whose moment a jump has reached, and no one else', async () => {
    const clock = createMovableClock(monday)
    const woken: string[] = []
    const stop = new AbortController()
    const soon = clock.waitUntil(monday + dayMs, stop.signal).then(() => woken.push('soon'))
    const late = clock.waitUntil(monday + 60 * dayMs, stop.signal).then(() => woken.push('late'))
    clock.moveTo(monday + 2 * dayMs)
    await soon
    await new Promise(setImmediate)
    expect(woken).toEqual(['soon'])
    stop.abort()
    await late
    expect(woken).toEqual(['soon', 'late'])
  })

  it('wakes by itself when the time has come', async () => {
    const clock = createMovableClock(monday)
    await clock.waitUntil(clock.now() + 30, new AbortController().signal)
    expect(clock.now()).toBeGreaterThanOrEqual(monday + 30)
  })

  it('refuses to go back', () => {
    const clock = createMovableClock(monday)
    expect(() => clock.moveTo(monday - 1000)).toThrow(RangeError)
  })
})

describe('start of the demo', () => {
  const utc = (...parts: [number, number, number, number, number]) => Date.UTC(...parts)

  it.each([
    ['a weekday afternoon is kept', utc(2026, 10, 24, 14, 45), utc(2026, 10, 24, 14, 45)],
    ['a weekday morning waits for the afternoon', utc(2026, 10, 24, 8, 0), utc(2026, 10, 24, 14, 30)],
    ['an evening becomes the next afternoon', utc(2026, 10, 24, 19, 0), utc(2026, 10, 25, 14, 30)],
    ['Friday night becomes Monday', utc(2026, 10, 20, 22, 0), utc(2026, 10, 23, 14, 30)],
    ['a Sunday becomes Monday', utc(2026, 10, 22, 14, 40), utc(2026, 10, 23, 14, 30)],
  ])('%s', (_name, real, start) => {
    expect(demoStart(real)).toBe(start)
  })

  it('is never in the past, within four days, and inside the window from New York to Berlin', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }), (real) => {
        const start = demoStart(real)
        expect(start).toBeGreaterThanOrEqual(real)
        expect(start - real).toBeLessThan(4 * dayMs)
        for (const timeZone of ['America/New_York', 'Europe/Lisbon', 'Europe/Berlin', 'UTC']) {
          const local = new Intl.DateTimeFormat('en-GB', {
            timeZone,
            hour: 'numeric',
            weekday: 'short',
          }).format(start)
          expect(local).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? (09|1[0-7])$/)
        }
      }),
      { numRuns: 300 },
    )
  })
})
