import { expect, test } from 'vitest'
import { writeMoney } from '../../server/locales/write.ts'
import { currencyFormat, majorRate, minorDigits, minorOfMajorRate, toMajor } from '../../shared/currency.ts'

test.each([
  ['HUF', 2],
  ['COP', 2],
  ['IDR', 2],
  ['PKR', 2],
  ['huf', 2],
  ['USD', 2],
  ['CRC', 2],
  ['LAK', 2],
  ['JPY', 0],
  ['ISK', 0],
  ['CLP', 0],
  ['KWD', 3],
  ['TND', 3],
  ['IQD', 3],
  ['CLF', 4],
  ['XXY', 2],
])('%s has %d digits after the point', (currency, digits) => {
  expect(minorDigits(currency)).toBe(digits)
})

test('amounts are written with the digits of their currency, in the dashboard and in emails', () => {
  const plain = (text: string) => text.replaceAll(/\s/gu, ' ')
  const huf = new Intl.NumberFormat('en', currencyFormat('HUF'))
  expect(plain(huf.format(toMajor(990_000, 'HUF')))).toBe('HUF 9,900.00')
  expect(plain(writeMoney({ amountMinor: 990_000, currency: 'HUF' }, 'de'))).toBe('9.900 Ft')
  expect(plain(writeMoney({ amountMinor: 500, currency: 'JPY' }, 'en'))).toBe('¥500')
})

test.each([
  ['EUR', 'USD', 1.08, 1.08],
  ['JPY', 'USD', 0.67, 0.0067],
  ['KWD', 'USD', 0.326, 3.26],
  ['USD', 'JPY', 1.49, 149],
] as const)(
  'a rate of %s in %s is kept for smallest units and said for whole ones',
  (code, base, minor, major) => {
    expect(majorRate(minor, code, base)).toBe(major)
    expect(minorOfMajorRate(major, code, base)).toBe(minor)
  },
)
