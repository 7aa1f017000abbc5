import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  isAligned,
  isReserved,
  organisationalDomain,
} from '../../../../server/domain/organisational-domain.ts'
import { dkimValue, judgeDkim, publicHalfOf } from '../../../../server/features/deliverability/dkim-record.ts'
import { judgeDmarc } from '../../../../server/features/deliverability/judge-dmarc.ts'
import { judgeMx, judgePtr, judgeTracking } from '../../../../server/features/deliverability/judge-hosts.ts'
import {
  neededRecords,
  relayKind,
  type SendingSetup,
  spfMechanism,
} from '../../../../server/features/deliverability/needed-records.ts'
import type { NeededRecord } from '../../../../server/features/deliverability/record.ts'
import type { DnsAnswer } from '../../../../server/ports.ts'

const keyOf = (modulusLength: number) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return { publicKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
const strong = keyOf(2048)
const key = publicHalfOf(strong.pem)

const found = (...values: string[]): DnsAnswer => ({ state: 'found', values })
const absent: DnsAnswer = { state: 'absent' }
const silent: DnsAnswer = { state: 'silent', why: 'ETIMEOUT' }

const setup: SendingSetup = {
  fromDomains: ['acme.com'],
  mailDomain: 'acme.com',
  smtpHost: 'email-smtp.eu-west-1.amazonaws.com',
  dkim: { domain: 'acme.com', selector: 's1', key },
  publicUrl: 'https://trials.acme.com',
  listens: true,
}
const needed = (id: string, change: Partial<SendingSetup> = {}): NeededRecord => {
  const record = neededRecords({ ...setup, ...change }).find((candidate) => candidate.id === id)
  if (!record) throw new Error(`no record ${id}`)
  return record
}

describe('organisational domains', () => {
  it.each([
    ['acme.com', 'acme.com'],
    ['Trials.ACME.com.', 'acme.com'],
    ['a.b.acme.co.uk', 'acme.co.uk'],
    ['mail.acme.com.au', 'acme.com.au'],
    ['acme.io', 'acme.io'],
    ['mail.co.com', 'mail.co.com'],
    ['a.mail.acme.k12.ca.us', 'acme.k12.ca.us'],
    ['www.acme.com.br', 'acme.com.br'],
    ['shop.acme.co.jp', 'acme.co.jp'],
    ['b.acme.kobe.jp', 'b.acme.kobe.jp'],
    ['www.city.kobe.jp', 'city.kobe.jp'],
    ['mail.net.acme.org', 'acme.org'],
    ['a.ann.github.io', 'ann.github.io'],
    ['github.io', 'github.io'],
    ['co.uk', 'co.uk'],
    ['mail.acme.co', 'acme.co'],
    ['www.müller.de', 'müller.de'],
    ['_dmarc.acme.com', 'acme.com'],
    ['mail.acme.example', 'acme.example'],
    ['localhost', 'localhost'],
    ['192.0.2.7', '192.0.2.7'],
    ['', ''],
  ])('of %s is %s', (domain, organisation) => {
    expect(organisationalDomain(domain)).toBe(organisation)
  })

  it('tell siblings from strangers', () => {
    expect(isAligned('trials.acme.com', 'mail.acme.com')).toBe(true)
    expect(isAligned('notacme.com', 'acme.com')).toBe(false)
    expect(isAligned('acme.co.uk', 'other.co.uk')).toBe(false)
    expect(isAligned('ann.github.io', 'bob.github.io')).toBe(false)
    expect(isAligned('192.0.2.7', '198.51.2.7')).toBe(false)
    expect(isReserved('mail.acme.example')).toBe(true)
    expect(isReserved('example.org')).toBe(false)
  })
})

describe('the records that are needed', () => {
  it('come with values to paste, as far as they can be known', () => {
    expect(neededRecords(setup).map(({ id, type, name, value }) => [id, type, name, value])).toEqual([
      ['dkim', 'TXT', 's1._domainkey.acme.com', dkimValue(key)],
      ['spf-return', 'TXT', 'bounce.acme.com', 'v=spf1 include:amazonses.com ~all'],
      ['dmarc:acme.com', 'TXT', '_dmarc.acme.com', 'v=DMARC1; p=none; rua=mailto:dmarc@acme.com'],
      ['mx-bounce', 'MX', 'bounce.acme.com', '10 trials.acme.com'],
      ['tracking', 'CNAME', 'trials.acme.com', null],
      ['mx-in', 'MX', 'in.acme.com', '10 trials.acme.com'],
      ['spf:acme.com', 'TXT', 'acme.com', 'v=spf1 include:amazonses.com ~all'],
      ['ptr', 'PTR', 'email-smtp.eu-west-1.amazonaws.com', null],
    ])
  })

  it('follow the addresses of the playbook', () => {
    const ids = neededRecords({ ...setup, fromDomains: ['acme.com', 'acme.io'] }).map(({ id }) => id)
    expect(ids).toContain('dmarc:acme.io')
    expect(ids).toContain('spf:acme.io')
  })

  it.each([
    ['smtp.acme.com', 'own', 'a:smtp.acme.com'],
    ['203.0.113.9', 'own', 'ip4:203.0.113.9'],
    ['2001:db8::9', 'own', 'ip6:2001:db8::9'],
    ['localhost', 'local', 'a:trials.acme.com'],
    ['127.0.0.1', 'local', 'a:trials.acme.com'],
    ['10.0.0.5', 'local', 'a:trials.acme.com'],
    ['mailrelay', 'local', 'a:trials.acme.com'],
    ['smtp.sendgrid.net', 'service', 'include:sendgrid.net'],
    ['smtp-relay.gmail.com', 'service', 'include:_spf.google.com'],
    ['mail.hoster.net', 'service', 'a:mail.hoster.net'],
  ])('for the mail server %s (%s) SPF has %s', (smtpHost, kind, mechanism) => {
    expect(relayKind(smtpHost, ['acme.com'])).toBe(kind)
    expect(spfMechanism({ ...setup, smtpHost })).toBe(mechanism)
  })

  it('leave open what no one can know', () => {
    expect(needed('spf-return', { smtpHost: null }).value).toBeNull()
    expect(needed('mx-in', { publicUrl: null }).value).toBeNull()
    expect(needed('dkim', { dkim: null })).toMatchObject({ value: null, name: '*._domainkey.acme.com' })
  })
})

describe('the DKIM record', () => {
  const facts = { key, domain: 'acme.com', fromDomains: ['acme.com'] }
  const judge = (answer: DnsAnswer, more: Partial<typeof facts> = {}) =>
    judgeDkim(answer, needed('dkim'), { ...facts, ...more })
  const value = dkimValue(key)

  it('is good when it holds the public half of our key, written in whatever way', () => {
    const spki = strong.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const pkcs1 = strong.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')
    expect(key.value).toBe(spki)
    for (const text of [
      value,
      `p=${spki}`,
      `v=DKIM1;k=rsa;h=sha1:sha256;s=*;p=${spki.replace(/(.{60})/g, '$1 ')};`,
      `v=DKIM1; p=${pkcs1}`,
    ])
      expect(judge(found(text))).toMatchObject({ state: 'ok', found: [text] })
  })

  it.each([
    ['another key', dkimValue(publicHalfOf(keyOf(2048).pem))],
    ['no key', 'v=DKIM1; k=rsa'],
    ['a revoked key', 'v=DKIM1; p='],
    ['rubbish', 'v=DKIM1; p=rubbish'],
    ['another kind of key', value.replace('k=rsa', 'k=ed25519')],
    ['an old digest', `${value}; h=sha1`],
    ['another service', `${value}; s=tlsrpt`],
  ])('with %s is wrong, and the fix is the record to paste', (_what, text) => {
    expect(judge(found(text))).toMatchObject({
      state: 'wrong',
      fix: `Publish s1._domainkey.acme.com TXT ${value}`,
    })
  })

  it('missing or doubled is wrong, unanswered is unknown', () => {
    expect(judge(absent).state).toBe('wrong')
    expect(judge(found('some other text')).state).toBe('wrong')
    expect(judge(found(value, value)).state).toBe('wrong')
    expect(judge(silent).state).toBe('unknown')
  })

  it('says when the key is weak, only a test, or for another organisation', () => {
    const weak = publicHalfOf(keyOf(1024).pem)
    expect(judge(found(dkimValue(weak)), { key: weak }).state).toBe('warning')
    const tiny = publicHalfOf(keyOf(768).pem)
    expect(judge(found(dkimValue(tiny)), { key: tiny }).state).toBe('wrong')
    expect(judge(found(`${value}; t=y`)).state).toBe('warning')
    expect(judge(found(value), { fromDomains: ['acme.com', 'other.com'] })).toMatchObject({ state: 'wrong' })
    expect(judge(found(value), { fromDomains: ['mail.acme.com'] }).state).toBe('ok')
  })

  it('cannot be made of anything but an RSA key', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    expect(() => publicHalfOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(
      RangeError,
    )
    expect(() => publicHalfOf('no key')).toThrow(RangeError)
  })
})

describe('the DMARC record', () => {
  const us = { fromDomain: 'acme.com', signedFor: 'acme.com', returnDomain: 'bounce.acme.com' }
  const judge = (
    answer: DnsAnswer,
    identity: Partial<Parameters<typeof judgeDmarc>[3]> = {},
    above: DnsAnswer = absent,
  ) => judgeDmarc(needed('dmarc:acme.com'), answer, above, { ...us, ...identity })

  it.each([
    ['v=DMARC1; p=reject; rua=mailto:d@acme.com', 'ok', null],
    ['v=DMARC1; p=none; rua=mailto:d@acme.com', 'ok', 'quarantine'],
    ['v=DMARC1; p=reject', 'warning', 'rua='],
    ['v=DMARC1; p=discard; rua=mailto:d@acme.com', 'wrong', 'p=none'],
    ['v=DMARC2; p=reject', 'wrong', 'Publish'],
  ])('%s is %s', (text, state, fix) => {
    const verdict = judge(found(text))
    expect(verdict.state).toBe(state)
    if (fix === null) expect(verdict.fix).toBeNull()
    else expect(verdict.fix).toContain(fix)
  })

  it('counts once, and that of the organisation where the name has none', () => {
    const good = 'v=DMARC1; p=reject; rua=mailto:d@acme.com'
    expect(judge(found(good, good)).state).toBe('wrong')
    expect(judge(absent).state).toBe('wrong')
    expect(judge(absent, {}, found(good))).toMatchObject({ state: 'ok', found: [good] })
    expect(judge(silent).state).toBe('unknown')
    expect(judge(absent, {}, silent).state).toBe('unknown')
  })

  it('is no use when nothing of ours counts as the sender', () => {
    const strict = found('v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@acme.com')
    expect(judge(strict).state).toBe('ok')
    expect(judge(strict, { signedFor: 'mail.acme.com' }).state).toBe('wrong')
    expect(judge(strict, { signedFor: null }).state).toBe('warning')
    expect(judge(found('v=DMARC1; p=none; rua=mailto:d@acme.com'), { signedFor: 'other.com' }).state).toBe(
      'ok',
    )
  })
})

describe('hosts', () => {
  const mx = needed('mx-bounce')
  const here = new Map([['trials.acme.com', found('203.0.113.1')]])

  it('that take bounces must be there', () => {
    expect(judgeMx(mx, found('10 trials.acme.com'), here, true).state).toBe('ok')
    expect(judgeMx(mx, found('10 trials.acme.com'), here, false).detail).toContain('INBOUND_SMTP_PORT')
    expect(judgeMx(mx, absent, new Map(), true)).toMatchObject({
      state: 'wrong',
      fix: 'Publish bounce.acme.com MX 10 trials.acme.com',
    })
    expect(judgeMx(mx, found('0 .'), new Map(), true).state).toBe('wrong')
    expect(judgeMx(mx, found('10 gone.acme.com'), new Map([['gone.acme.com', absent]]), true).state).toBe(
      'wrong',
    )
    expect(judgeMx(mx, found('10 x.acme.com'), new Map([['x.acme.com', silent]]), true).state).toBe('unknown')
    expect(judgeMx(mx, silent, new Map(), true).state).toBe('unknown')
  })

  it.each([
    [null, found('203.0.113.1'), 'wrong'],
    ['http://trials.acme.com', found('203.0.113.1'), 'wrong'],
    ['https://trials.other.com', found('203.0.113.1'), 'wrong'],
    ['https://trials.acme.com', absent, 'wrong'],
    ['https://trials.acme.com', silent, 'unknown'],
    ['https://trials.acme.com:8443', found('203.0.113.1'), 'ok'],
  ] as const)('of links: %s, %j is %s', (url, answer, state) => {
    expect(judgeTracking(needed('tracking'), answer, { url, fromDomain: 'mail.acme.com' }).state).toBe(state)
  })

  it('that send must have names that lead back to them', () => {
    const look = (names: DnsAnswer, forward: DnsAnswer) => ({
      address: '203.0.113.9',
      names,
      forward: new Map(names.state === 'found' ? names.values.map((name) => [name, forward] as const) : []),
    })
    const host = found('203.0.113.9')
    const judge = (names: DnsAnswer, forward: DnsAnswer = absent) =>
      judgePtr(host, [look(names, forward)], 'smtp.acme.com').state
    expect(judge(found('smtp.acme.com'), host)).toBe('ok')
    expect(judge(found('smtp.acme.com'), found('198.51.100.1'))).toBe('wrong')
    expect(judge(absent)).toBe('wrong')
    expect(judge(silent)).toBe('unknown')
    expect(judge(found('smtp.acme.com'), silent)).toBe('unknown')
    expect(judgePtr(absent, [], 'smtp.acme.com').state).toBe('wrong')
    expect(judgePtr(silent, [], 'smtp.acme.com').state).toBe('unknown')
  })
})
