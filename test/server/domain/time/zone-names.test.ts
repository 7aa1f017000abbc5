import { describe, expect, it } from 'vitest'
import { isTimeZone, offsetMs, zoneKey } from '../../../../server/domain/time/zoned-time.ts'

const name = 'america/argentina/comodrivadavia'

/** Another mix of capitals for each number. */
const spelling = (bits: number): string =>
  [...name].map((letter, index) => ((bits >> (index % 13)) & 1 ? letter.toUpperCase() : letter)).join('')

/** How many formats are made while `work` runs: each costs 24 KB. */
function formatsMadeBy(work: () => void): number {
  const { DateTimeFormat } = Intl
  let made = 0
  Intl.DateTimeFormat = new Proxy(DateTimeFormat, {
    construct(target, args) {
      made++
      return Reflect.construct(target, args)
    },
  })
  try {
    work()
    return made
  } finally {
    Intl.DateTimeFormat = DateTimeFormat
  }
}

describe('names of time zones that strangers write', () => {
  it('are one zone in every mix of capitals, made once', () => {
    const keys = new Set<string>()
    const made = formatsMadeBy(() => {
      for (let n = 0; n < 5000; n++) keys.add(zoneKey(spelling(n)))
    })
    expect([...keys]).toEqual([name])
    expect(made).toBe(1)
  })
  it('give the same offset in every mix of capitals', () => {
    const at = Date.UTC(2026, 0, 24, 12)
    expect(new Set([1, 77, 4095].map((n) => offsetMs(at, spelling(n))))).toEqual(new Set([-3 * 3_600_000]))
  })
  it.each(['', 'Mars/Olympus', '+01:00', 'x'.repeat(65), 'Europe/Berlin\0', '../etc/passwd'])(
    'are refused when there is no such zone: %s',
    (unknown) => {
      expect(isTimeZone(unknown)).toBe(false)
      expect(zoneKey(unknown)).toBe('utc')
    },
  )
  it('are asked about once while a stranger repeats one that is unknown', () => {
    const made = formatsMadeBy(() => {
      for (let n = 0; n < 100; n++) isTimeZone('Nowhere/Land')
    })
    expect(made).toBe(1)
  })
})
