import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseLocale } from '../../shared/locale.ts'

it.each([
  ['de', 'de'],
  ['DE', 'de'],
  ['de_DE', 'de-DE'],
  ['pt_BR.UTF-8', 'pt-BR'],
  ['de_DE.ISO8859-1@euro', 'de-DE'],
  ['sr_RS@latin', 'sr-Latn-RS'],
  ['zh_CN', 'zh-CN'],
  ['zh-hant-tw', 'zh-Hant-TW'],
  ['en-US,en;q=0.9', 'en-US'],
  ['th-TH-u-ca-buddhist-nu-thai', 'th-TH'],
  ['de-', 'de'],
  ['es-419', 'es-419'],
  ['i-klingon', null],
  ['iw', 'he'],
  ['English', 'en'],
  ['Deutsch', 'de'],
  ['français', 'fr'],
  ['Portuguese (Brazil)', 'pt-BR'],
  ['日本語', 'ja'],
  ['klingon', null],
  ['C', null],
  ['C.UTF-8', null],
  ['POSIX', null],
  ['root', null],
  ['und', null],
  ['*', null],
  ['', null],
  ['x-private', null],
  ['not a tag', null],
  ['ü', null],
  [null, null],
  [7, null],
])('reads %j as %j', (input, expected) => {
  expect(parseLocale(input)).toBe(expected)
})

it('never throws, and reads its own answer as itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = parseLocale(text)
      if (read !== null) expect(parseLocale(read)).toBe(read)
    }),
  )
})
