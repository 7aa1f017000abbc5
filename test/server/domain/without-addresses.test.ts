import { expect, test } from 'vitest'
import { withoutAddresses } from '../../../server/domain/without-addresses.ts'

test.each([
  ['she wrote on 3 May', 'she wrote on 3 May'],
  ['ana@corp.example wrote', '… wrote'],
  ['wrote:\nana@corp.example,\tthen called', 'wrote:\n…\tthen called'],
  ['<ana@corp.example>: user unknown', '… user unknown'],
  ['ana＠corp.example', '…'],
  ['https://x.example/?to=ana%40corp.example', '…'],
  ['ana&#64;corp.example ok', '… ok'],
  ['mail ana [at] corp.example please', 'mail … please'],
  ['mail ana(at)corp.example please', 'mail … please'],
  ['look at the plan (at noon)', 'look at the plan (at noon)'],
])('%j is written down as %j', (typed, written) => {
  expect(withoutAddresses(typed)).toBe(written)
})

test('goes through members, their names and lists, and leaves other values', () => {
  expect(
    withoutAddresses({ 'ana@corp.example': [{ note: 'to ana@corp.example' }], n: 3, no: null, yes: true }),
  ).toEqual({ '…': [{ note: 'to …' }], n: 3, no: null, yes: true })
})

test('takes out the names of those it is about', () => {
  expect(withoutAddresses('Ana Quetzal’s boss Olga planned it', ['Ana Quetzal', 'ann@corp.example'])).toBe(
    '… … boss Olga planned it',
  )
})

test.each(['a'.repeat(1_000_000), 'a('.repeat(500_000), '(at'.repeat(300_000), '@'.repeat(1_000_000)])(
  'takes no time over a long text (%#)',
  (text) => {
    const startedAt = performance.now()
    withoutAddresses(text)
    expect(performance.now() - startedAt).toBeLessThan(500)
  },
)
