import { describe, expect, it } from 'vitest'
import { callName } from '../../server/locales/call-name.ts'
import {
  createCatalog,
  flatten,
  loadCatalog,
  localeChain,
  readLocales,
} from '../../server/locales/catalog.ts'
import { koreanParticles } from '../../server/locales/korean-particles.ts'
import {
  calendarDaysBetween,
  writeDate,
  writeDaysUntil,
  writeMoney,
  writeNumber,
} from '../../server/locales/write.ts'
import { templatesDir } from '../support/mail-samples.ts'

const files = readLocales(templatesDir)
const english = flatten(files.en as never)
const slotsOf = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name))].sort()

describe.each(Object.keys(files))('texts in %s', (locale) => {
  const texts = flatten(files[locale] as never)
  const own = (key: string) => key.startsWith('own.')

  it('are all there, and no others', () => {
    expect([...texts.keys()].filter((key) => !own(key)).sort()).toEqual(
      [...english.keys()].filter((key) => !own(key)).sort(),
    )
  })

  it('fill only slots that the English text has', () => {
    for (const [key, text] of texts) {
      if (own(key)) continue
      const known = slotsOf(english.get(key) ?? '')
      expect(
        slotsOf(text).filter((slot) => !known.includes(slot)),
        key,
      ).toEqual([])
    }
  })

  it('are valid messages', () => {
    const resolved = loadCatalog(templatesDir).resolve(locale)
    for (const [key, text] of texts) {
      if (own(key)) continue
      const slots = Object.fromEntries(
        slotsOf(text).map((name) => [name, name === 'days' || name === 'count' ? 2 : 'x']),
      )
      expect(resolved.text(key, slots), key).not.toMatch(/[{}<>]/)
    }
  })
})

describe('the language of a person', () => {
  it.each([
    ['vi-VN', ['vi-VN', 'vi', 'en']],
    ['zh_Hant_TW', ['zh-Hant-TW', 'zh-Hant', 'zh', 'en']],
    ['en-GB', ['en-GB', 'en']],
    ['', ['en']],
    ['not a tag', ['en']],
    [null, ['en']],
  ])('%s falls back along %j', (wish, chain) => {
    expect(localeChain(wish)).toEqual(chain)
  })

  it('keeps its region for dates and falls back text by text', () => {
    const catalog = createCatalog({
      en: { a: 'colour {n, plural, one {#} other {#s}}', b: 'only English' },
      de: { a: 'Farbe' },
    })
    const austrian = catalog.resolve('de-AT')
    expect([austrian.tag, austrian.text('a'), austrian.text('b')]).toEqual(['de-AT', 'Farbe', 'only English'])
    expect(catalog.resolve('ja-JP').tag).toBe('en')
    expect(() => austrian.text('c')).toThrow(/no text for "c"/)
    expect(() => catalog.resolve('en').text('a', { n: 0 })).toThrow(/"n" is 0/)
  })

  it('never lets a slot bring markup into HTML', () => {
    const locale = createCatalog({ en: { a: 'Hello <b>{name}</b> & co' } }).resolve('en')
    expect(locale.html('a', { name: '<i>&' })).toBe('Hello <strong>&#60;i&#62;&#38;</strong> &#38; co')
    expect(locale.text('a', { name: '<i>' })).toBe('Hello <i> & co')
  })

  it('has the plural forms of Arabic', () => {
    const arabic = loadCatalog(templatesDir).resolve('ar')
    const links = [1, 2, 7, 14].map((days) => arabic.text('expiring_passive.link', { days }))
    expect(new Set(links).size).toBe(4)
    expect(links[1]).toBe('مدّد يومين')
  })

  it.each([
    ['Nguyễn Văn An', 'Nguyễn', 'vi', 'An'],
    ['An Nguyễn', 'An', 'vi', 'An'],
    ['김민수', '김민수', 'ko', '김민수'],
    ['Sam Carter', 'Sam', 'en', 'Sam'],
    ['Sam https://evil.example', 'Sam', 'ko', 'Sam'],
  ])('calls %s by name', (name, firstName, locale, expected) => {
    expect(callName({ name, firstName }, locale)).toBe(expected)
  })

  it.each([
    ['민수를(을)', '민수를'],
    ['서울를(을)', '서울을'],
    ['서울(으)로', '서울로'],
    ['부산(으)로', '부산으로'],
    ['Slack가(이)', 'Slack이'],
    ['Boardly를(을)', 'Boardly를'],
    ['!를(을)', '!를(을)'],
  ])('takes the Korean particle that fits: %s', (text, expected) => {
    expect(koreanParticles(text)).toBe(expected)
  })
})

describe('dates, numbers and money', () => {
  const now = Date.UTC(2026, 2, 28, 12)
  const write = { locale: 'en-GB', timeZone: 'Europe/Berlin', now }

  it('name the weekday of the recipient’s zone', () => {
    const at = Date.UTC(2026, 2, 31, 23, 30)
    expect(writeDate(at, 'long', write)).toBe('Wednesday 1 April')
    expect(writeDate(at, 'long', { ...write, timeZone: 'America/New_York' })).toBe('Tuesday 31 March')
    expect(writeDate(Date.UTC(2027, 0, 4), 'short', write)).toBe('Mon, 4 Jan 2027')
  })

  it.each([
    ['es', 'jueves 9 de abril', 'jueves 7 de enero de 2027'],
    ['vi-VN', 'thứ Năm, ngày 9 tháng 4', 'thứ Năm, ngày 7 tháng 1 năm 2027'],
    ['de', 'Donnerstag, 9. April', 'Donnerstag, 7. Januar 2027'],
  ])('take the form a sentence asks for: %s', (locale, thisYear, nextYear) => {
    const long = (at: number) => writeDate(at, 'long', { ...write, locale })
    expect(long(Date.UTC(2026, 3, 9, 12))).toBe(thisYear)
    expect(long(Date.UTC(2027, 0, 7, 12))).toBe(nextYear)
  })

  it('count calendar days over the change of clocks', () => {
    const beforeChange = Date.UTC(2026, 2, 28, 22, 30)
    const afterChange = Date.UTC(2026, 2, 29, 22, 30)
    expect(calendarDaysBetween(beforeChange, afterChange, 'Europe/Berlin')).toBe(2)
    expect(writeDaysUntil(Date.UTC(2026, 2, 29, 9), write)).toBe('tomorrow')
    expect(() => writeDaysUntil(now - 86_400_000, write)).toThrow(/passed/)
  })

  it('write money in the currency’s own smallest unit', () => {
    expect(writeMoney({ amountMinor: 1250, currency: 'EUR' }, 'de')).toBe('12,50\u00a0€')
    expect(writeMoney({ amountMinor: 9900, currency: 'KRW' }, 'ko')).toBe('₩9,900')
    expect(writeMoney({ amountMinor: 1200, currency: 'USD' }, 'en')).toBe('$12')
    expect(writeMoney({ amountMinor: 1200, currency: 'USD' }, 'ar')).toBe('\u206612\u00a0US$\u2069')
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, '', '5'])(
    'refuse %s where there is nothing to say',
    (nothing) => {
      expect(() => writeNumber(nothing, 'en')).toThrow(RangeError)
      expect(() => writeDate(nothing === -1 ? 0 : nothing, 'long', write)).toThrow(RangeError)
      expect(() => writeMoney({ amountMinor: nothing, currency: 'EUR' }, 'en')).toThrow(RangeError)
    },
  )
})
