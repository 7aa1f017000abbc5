import { expect, test } from 'vitest'
import { isAmongFirst, isWeakPassword } from '../../../../server/features/accounts/weak-password.ts'

const dana = ['dana@acme.example', 'Dana']

test.each([
  ['password1234', true],
  ['P@ssw0rd2024!!', true],
  ['aaaaaaaaaaaa', true],
  ['123456789012', true],
  ['qwertyuiop12', true],
  ['dana@acme.example', true],
  ['welcomewelcome1', true],
  // Out of the lists of leaked ones, as they are and decorated.
  ['qazwsxedcrfv', true],
  ['finalfantasy', true],
  ['1qaz2wsx3edc4rfv', true],
  ['jessica12345', true],
  ['J3ssica-2027!', true],
  ['liverpool.2026', true],
  ['mustang-mustang', true],
  ['elizabeth123', true],
  // What a person may well choose.
  ['correct horse battery', false],
  ['tide-marble-41-oven', false],
  ['xK9#mQ2$vL7pRw', false],
  ['jessica paints 12 fences', false],
])('%s is weak: %s', async (password, weak) => {
  expect(await isWeakPassword(password, dana)).toBe(weak)
})

test('a leaked password shorter than four letters says nothing about a long one', () => {
  expect(isAmongFirst('cat-9f7Qx!2mLz', [], new Set(['cat', 'x']))).toBe(false)
})
