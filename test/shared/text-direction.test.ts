import { describe, expect, it } from 'vitest'
import { directionOf } from '../../shared/text-direction.ts'

describe('the direction of text', () => {
  const rtl =
    'ar ar-EG ar_SA AR arc ckb dv fa fa-AF he iw ks ku-Arab ps sd ug ur yi pa-Arab az-Arab uz-Arab nqo syr ff-Adlm'
  it.each(rtl.split(' '))('of %s is right to left', (locale) => expect(directionOf(locale)).toBe('rtl'))

  const ltr = 'en de-AT zh-Hant ku pa uz sr-Latn ar-Latn he-Latn ks-Deva sd-Deva not_a_language und *'
  it.each(ltr.split(' '))('of %s is left to right', (locale) => expect(directionOf(locale)).toBe('ltr'))

  it('of no name is left to right', () => expect(directionOf('')).toBe('ltr'))
})
