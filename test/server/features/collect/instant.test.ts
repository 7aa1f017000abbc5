import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantOf } from '../../../../server/features/collect/instant.ts'
import { dayMs, parseInstant } from '../../../../shared/clock.ts'

const usual = fc
  .date({ min: new Date('1999-11-01'), max: new Date('2101-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())

describe('an instant read by its characters', () => {
  it('is what the shared parser reads, for every day of the century', () => {
    for (let at = Date.UTC(1999, 11, 30); at < Date.UTC(2100, 0, 3); at += dayMs) {
      const text = new Date(at + 45_296_789).toISOString()
      expect(instantOf(text)).toBe(parseInstant(text))
    }
  })

  it('is what the shared parser reads, where one character is another', () => {
    fc.assert(
      fc.property(
        usual,
        fc.nat({ max: 23 }),
        fc.constantFrom(...'0123456789-+:.TZ ٣x'),
        (text, at, other) => {
          const changed = text.slice(0, at) + other + text.slice(at + 1)
          expect(instantOf(changed)).toBe(parseInstant(changed))
        },
      ),
      { numRuns: 10_000 },
    )
  })

  it.each([
    '2026-02-31T00:00:00.000Z',
    '2026-02-28T24:00:00.000Z',
    '2028-02-29T12:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T00:00:60.000Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00+02:00',
    '2026-01-01T00:00:00.123456Z',
    '2026-01-01',
    '1970-01-01T00:00:00.000Z',
    '1999-12-31T23:59:59.999Z',
    '2000-01-01T00:00:00.000Z',
    '2099-12-31T23:59:59.999Z',
    '2100-01-01T00:00:00.000Z',
    'yesterday',
    '',
  ])('%s is what the shared parser says', (text) => {
    expect(instantOf(text)).toBe(parseInstant(text))
  })

  it('is no number and nothing else', () => {
    for (const value of [null, undefined, 0, 1_700_000_000_000, {}, ['2026-01-01T00:00:00.000Z']])
      expect(instantOf(value)).toBeNull()
  })
})
