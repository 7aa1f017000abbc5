/**
 * How many digits an amount has after the point, by ISO 4217. The one table for all of the product: `Intl` follows
 * CLDR, where forint, Colombian peso, rupiah and Pakistani rupee have none, and billing systems, bank statements and
 * ISO keep two.
 *
 * Source: ISO 4217 list one (SIX Financial Information, maintenance agency), column “minor unit”. Currencies that are
 * not listed here have two; so has a code that no one knows.
 */
const digits: Readonly<Record<string, 0 | 3 | 4>> = {
  ...Object.fromEntries(
    ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV']
      .concat(['XAF', 'XOF', 'XPF'])
      .map((code) => [code, 0 as const]),
  ),
  ...Object.fromEntries(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3 as const])),
  CLF: 4,
  UYW: 4,
}

/** @param currency ISO 4217 code, in either case. */
export function minorDigits(currency: string): number {
  const code = currency.toUpperCase()
  return Object.hasOwn(digits, code) ? (digits[code] as number) : 2
}

/** An amount in the smallest unit, e.g. cents, in whole units. */
export const toMajor = (amountMinor: number, currency: string): number =>
  amountMinor / 10 ** minorDigits(currency)

/** A rate between whole units, of one that is kept between smallest units: 0.67 cents for a yen are 0.0067 dollars. */
export const majorRate = (minorRate: number, currency: string, base: string): number =>
  Number((minorRate * 10 ** (minorDigits(currency) - minorDigits(base))).toPrecision(12))

/** The reverse of {@link majorRate}. */
export const minorOfMajorRate = (rate: number, currency: string, base: string): number =>
  Number((rate * 10 ** (minorDigits(base) - minorDigits(currency))).toPrecision(12))

/** For `Intl.NumberFormat`: as many digits as the currency has, whatever CLDR shows. */
export function currencyFormat(currency: string): Intl.NumberFormatOptions {
  const count = minorDigits(currency)
  return {
    style: 'currency',
    currency,
    minimumFractionDigits: count,
    maximumFractionDigits: count,
  }
}
