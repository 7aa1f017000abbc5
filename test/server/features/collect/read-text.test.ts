import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formData, textOf, withoutBadNumbers } from '../../../../server/features/collect/read-text.ts'

const json = '{"name":"Müller \u{1f600}"}'
const none = () => undefined

describe('the text of a body', () => {
  it.each([
    ['UTF-8', Buffer.from(json)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${json}`)],
    ['UTF-16 little endian with a mark', Buffer.from(`\ufeff${json}`, 'utf16le')],
    ['UTF-16 little endian', Buffer.from(json, 'utf16le')],
    ['UTF-16 big endian with a mark', Buffer.from(`\ufeff${json}`, 'utf16le').swap16()],
    ['UTF-16 big endian', Buffer.from(json, 'utf16le').swap16()],
  ])('is read from %s', (_, bytes) => {
    expect(textOf(bytes, none)).toBe(json)
  })
  it('is read as Latin-1 where that is said and it is no UTF-8', () => {
    const bytes = Buffer.from('{"n":"Müller"}', 'latin1')
    expect(textOf(bytes, () => 'application/json; charset=iso-8859-1')).toBe('{"n":"Müller"}')
    expect(textOf(Buffer.from(json), () => 'application/json; charset=iso-8859-1')).toBe(json)
  })
  it.each([[Buffer.alloc(0)], [Buffer.from([0xff])], [Buffer.from([0xff, 0xfe, 0x7b])], [Buffer.from([0])]])(
    'never fails: %j',
    (bytes) => {
      expect(typeof textOf(bytes, none)).toBe('string')
    },
  )
})

describe('numbers that JSON does not know', () => {
  it.each([
    ['{"r":NaN}', '{"r":null}'],
    ['[Infinity,-Infinity,NaN,-1,-NaN]', '[null,null,null,-1,null]'],
    ['{"NaN":"NaN -Infinity \\" NaN","b":NaN}', '{"NaN":"NaN -Infinity \\" NaN","b":null}'],
    ['{"a":"\\\\","b":NaN}', '{"a":"\\\\","b":null}'],
  ])('become null: %s', (text, expected) => {
    expect(withoutBadNumbers(text)).toBe(expected)
    JSON.parse(expected)
  })
  it('leave sound JSON as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(withoutBadNumbers(text)).toBe(text)
      }),
    )
  })
})

describe('data of a form or a pixel', () => {
  it.each([
    ['JSON', encodeURIComponent('{"a":"b c+d"}'), '{"a":"b c+d"}'],
    ['JSON with + for a blank', '%7B%22a%22%3A%22b+c%22%7D', '{"a":"b c"}'],
    ['base64', encodeURIComponent(Buffer.from('{"a":">>>???"}').toString('base64')), '{"a":">>>???"}'],
    ['base64 with bare signs', Buffer.from('{"a":">>>???"}').toString('base64'), '{"a":">>>???"}'],
    ['base64url', Buffer.from('{"a":">>>???"}').toString('base64url'), '{"a":">>>???"}'],
  ])('is read as %s', (_, encoded, expected) => {
    expect(formData(encoded)).toBe(expected)
  })
  it('is none when it cannot be decoded', () => {
    expect(formData('%')).toBeNull()
  })
})
