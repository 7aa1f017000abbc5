import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmailAddress } from '../../shared/trial.ts'

describe('spellings of one mailbox', () => {
  it.each([
    ['an international domain and its punycode', 'ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['composed and decomposed letters before the @', 'jos\u00e9@corp.example', 'jose\u0301@corp.example'],
    ['composed and decomposed letters in the domain', 'ann@m\u00fcller.example', 'ann@mu\u0308ller.example'],
    ['full-width letters', 'bob@corp.example', 'bob@ｃｏｒｐ.example'],
    ['an ideographic full stop', 'eve@例え.example', 'eve@例え。example'],
    ['a trailing dot', 'pat@corp.example', 'pat@corp.example.'],
    ['letter case', 'MiXeD@Corp.Example', 'mixed@corp.example'],
    ['case of an international domain', 'ann@BÜCHER.example', 'ann@bücher.EXAMPLE'],
    ['white space around it', ' ann@corp.example\n', 'ann@corp.example'],
  ])('are one address: %s', (_, a, b) => {
    expect(parseEmailAddress(a)).not.toBeNull()
    expect(parseEmailAddress(a)).toBe(parseEmailAddress(b))
  })

  it.each(['o\u2019brien@corp.example', "o'brien+tag@corp.example", 'ann@mail.co.uk', 'ann@my_host.example'])(
    'leaves %s as it is',
    (address) => {
      expect(parseEmailAddress(address)).toBe(address)
    },
  )
})

it.each([
  'ann@corp%2eexample.com',
  'ann@example.com/path',
  'ann@example.com?x',
  'ann@example.com#x',
  'ann@ex ample.com',
  'ann@１２７.１.１.１２',
  'ann@xn--\u00fc.example',
  'ann@-',
  `${'a'.repeat(65)}@example.com`,
  `ann@${'b'.repeat(250)}.example`,
])('refuses %s', (address) => {
  expect(parseEmailAddress(address)).toBeNull()
})

it('reads its own answer as itself, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (local, domain) => {
      const read = parseEmailAddress(`${local}@${domain}.example`)
      if (read !== null) expect(parseEmailAddress(read)).toBe(read)
    }),
  )
})
