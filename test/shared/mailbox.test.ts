import { describe, expect, test } from 'vitest'
import { isPublicDomain, isSameMailbox, mailboxKey } from '../../shared/mailbox.ts'

describe('one mailbox', () => {
  test.each([
    ['kimpark@gmail.com', 'Kim.Park+trial@googlemail.com', true],
    ['k.i.m.park@gmail.com', 'kimpark@gmail.com', true],
    ['leo@firm.test', 'LEO@firm.test', true],
    ['leo@firm.test', 'leo+boardly@firm.test', false],
    ['kim.park@firm.test', 'kimpark@firm.test', false],
    ['kimpark@gmail.com', 'kimpark@gmail.com.evil.test', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(isSameMailbox(one, other)).toBe(expected)
  })

  test('has one key with and without a tag', () => {
    expect(mailboxKey('leo+boardly@firm.test')).toBe(mailboxKey('leo@firm.test'))
    expect(mailboxKey('kim.park@firm.test')).not.toBe(mailboxKey('kimpark@firm.test'))
    expect(mailboxKey('+tag@firm.test')).toBe('+tag@firm.test')
  })

  test('at a public provider is no company', () => {
    expect(isPublicDomain('Gmail.com')).toBe(true)
    expect(isPublicDomain('acme.test')).toBe(false)
  })
})
