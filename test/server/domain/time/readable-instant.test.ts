import { describe, expect, it } from 'vitest'
import { readableInstant } from '../../../../server/domain/time/readable-instant.ts'

const at = Date.UTC(2026, 0, 24, 12, 34, 56)

describe('an instant as callers write it', () => {
  it.each([
    [at],
    [at / 1000],
    [String(at)],
    [String(at / 1000)],
    [`${at / 1000}.0`],
    ['2026-01-24T12:34:56Z'],
    ['2026-01-24T12:34:56'],
    ['2026-01-24 12:34:56'],
    ['2026-01-24 12:34:56.000000'],
    ['2026-01-24 12:34:56Z'],
    ['2026-01-24 12:34:56 UTC'],
    ['2026-01-24 13:34:56+01:00'],
    ['2026-01-24 13:34:56 +0100'],
    ['2026-01-24T13:34:56+01'],
    ['2026-01-24t12:34:56z'],
    ['2026-01-24T12:34:56,000Z'],
    [' 2026-01-24T12:34:56.000Z\n'],
    ['Sat, 24 Jan 2026 12:34:56 GMT'],
    ['24 Jan 2026 13:34:56 +0100'],
  ])('is read: %j', (value) => {
    expect(readableInstant(value)).toBe(at)
  })
  it.each([
    ['2026-01-24T12:34:56.789123456Z', at + 789],
    [at + 789, at + 789],
    [at / 1000 + 0.789, at + 789],
    ['2026-01-24 12:34', at - 56_000],
    ['2026-01-24', Date.UTC(2026, 0, 24)],
  ])('keeps its precision: %j', (value, instant) => {
    expect(readableInstant(value)).toBe(instant)
  })
  it.each([
    '',
    'now',
    '24/01/2026',
    '2026-13-01 00:00:00',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00.000Z',
    '2999-01-01 00:00:00',
    '9'.repeat(400),
    `2026-01-24T12:34:56.${'0'.repeat(100_000)}Z`,
    0,
    -1,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    null,
    {},
    [at],
  ])('is none: %j', (value) => {
    expect(readableInstant(value)).toBeNull()
  })
})
