import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkToken, linkTokenPattern } from '../../../../server/domain/messages/link-token.ts'
import {
  mailAddress,
  mailName,
  openMailName,
  parseMailAddress,
  parseMailName,
} from '../../../../server/domain/messages/return-path.ts'

const purposes = ['bounce', 'reply', 'unsubscribe'] as const

describe('link tokens', () => {
  it('are 128 bits in base64url and the same for the same email', () => {
    expect(linkToken('secret', 'trial/rule/0')).toMatch(linkTokenPattern)
    expect(linkToken('secret', 'trial/rule/0')).toBe(linkToken('secret', 'trial/rule/0'))
  })

  it('differ by secret and by key', () => {
    const tokens = ['a', 'b'].flatMap((secret) => ['k1', 'k2'].map((key) => linkToken(secret, key)))
    expect(new Set(tokens).size).toBe(4)
  })
})

describe('mail addresses', () => {
  it('come back as what they were made of, also after a gateway folded their case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...purposes), fc.string(), fc.string(), (purpose, secret, key) => {
        const token = linkToken(secret, key)
        const address = mailAddress(purpose, token, secret, 'acme.example')
        expect(address.split('@')[0]?.length).toBeLessThanOrEqual(64)
        for (const seen of [address, address.toUpperCase(), `<${address}>`, ` ${address} `]) {
          const parsed = parseMailAddress(seen, 'acme.example')
          expect(parsed?.purpose).toBe(purpose)
          expect(parsed && openMailName(secret, parsed)).toBe(token)
        }
      }),
    )
  })

  it('prove a bounce only with the secret they were made with', () => {
    const parsed = parseMailAddress(mailAddress('bounce', linkToken('right', 'k'), 'right', 'acme.example'))
    expect(parsed && openMailName('right', parsed)).toBe(linkToken('right', 'k'))
    expect(parsed && openMailName('wrong', parsed)).toBeNull()
  })

  it('give no other purpose away: a Message-ID proves neither a bounce nor opens the links', () => {
    const token = linkToken('right', 'k')
    const [name = '', mac = ''] = mailName('message-id', token, 'right').split('.')
    expect(Buffer.from(name, 'hex').toString('base64url')).not.toBe(token)
    for (const forged of [`b+${name}.${mac}@bounce`, `unsub+${name}.${mac}@in`, `reply+${name}.${mac}@in`]) {
      const parsed = parseMailAddress(`${forged}.acme.example`, 'acme.example')
      expect(parsed && openMailName('right', parsed)).toBeNull()
    }
    const header = parseMailName('header', `${name}.${mac}`)
    expect(header && openMailName('right', header)).toBeNull()
  })

  it('read the addresses of emails that left before names were enciphered', () => {
    const token = linkToken('right', 'k')
    const hex = Buffer.from(token, 'base64url').toString('hex')
    const reply = parseMailAddress(`reply+${hex}@in.acme.example`)
    expect(reply && openMailName('right', reply)).toBe(token)
    const id = parseMailName('message-id', token)
    expect(id && openMailName('right', id)).toBe(token)
  })

  it.each([
    '',
    'dana@acme.example',
    `b+${'0'.repeat(32)}@bounce.acme.example`,
    `reply+${'0'.repeat(31)}@in.acme.example`,
    `reply+${'0'.repeat(32)}@evil.example`,
    `reply+${'0'.repeat(32)}@in.acme.example, evil@x.example`,
  ])('reads nothing else: %j', (address) => {
    expect(parseMailAddress(address, 'acme.example')).toBeNull()
  })

  it('refuse a token that is none', () => {
    expect(() => mailAddress('reply', 'a@b', 's', 'acme.example')).toThrow(RangeError)
  })
})
