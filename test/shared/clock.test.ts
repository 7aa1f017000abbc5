import { describe, expect, it } from 'vitest'
import { dayText, parseDay, parseInstant } from '../../shared/clock.ts'
import { daySchema, instantSchema } from '../../shared/dates.ts'

describe('dates from outside', () => {
  it.each(['2000-01-01', '2026-02-28', '2028-02-29', '2099-12-31'])('takes the day %s', (text) => {
    expect(dayText(parseDay(text) as number)).toBe(text)
    expect(daySchema.safeParse(text).success).toBe(true)
  })
  it.each([
    '9999-12-31',
    '2100-01-01',
    '1999-12-31',
    '0000-00-00',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '+275760-09-13',
    '2026-01-01T00:00:00Z',
    '',
    20260101,
    null,
  ])('refuses %s as a day', (text) => {
    expect(parseDay(text)).toBeNull()
    expect(daySchema.safeParse(text).success).toBe(false)
  })
  it.each(['9999-12-31T00:00:00Z', '1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z', '2026-01-01T00:00:00'])(
    'refuses %s as an instant',
    (text) => {
      expect(parseInstant(text)).toBeNull()
      expect(instantSchema.safeParse(text).success).toBe(false)
    },
  )
  it('refuses a fraction of a second that is longer than any clock writes', () => {
    expect(parseInstant(`2026-01-01T00:00:00.${'1'.repeat(100_000)}Z`)).toBeNull()
  })
})
