import { expect, test } from 'vitest'
import { localeTag } from '../../sdk/locale-tag.ts'

test.each([
  ['de_DE', 'de-DE'],
  ['DE', 'de'],
  ['de-AT-1996', 'de-AT-1996'],
  ['ar_EG', 'ar-EG'],
  ['en-US@posix', 'en-US'],
  ['en_US.UTF-8', 'en-US'],
  ['zh_Hant_TW', 'zh-Hant-TW'],
])('%s is %s', (text, tag) => expect(localeTag(text)).toBe(tag))

// biome-ignore lint/suspicious/noTemplateCurlyInString: what a template engine left behind
test.each(['', 'x-default', '${lang}', 'C', '*'])('"%s" names no language', (text) => {
  expect(() => localeTag(text)).toThrow(RangeError)
})
