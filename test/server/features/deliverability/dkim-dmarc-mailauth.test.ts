import { generateKeyPairSync } from 'node:crypto'
import { dkimSign } from 'mailauth/lib/dkim/sign'
import { dkimVerify } from 'mailauth/lib/dkim/verify'
import { dmarc } from 'mailauth/lib/dmarc'
import { describe, expect, it } from 'vitest'
import { judgeDkim, publicHalfOf } from '../../../../server/features/deliverability/dkim-record.ts'
import { judgeDmarc } from '../../../../server/features/deliverability/judge-dmarc.ts'
import type { NeededRecord } from '../../../../server/features/deliverability/record.ts'
import type { DnsAnswer } from '../../../../server/ports.ts'

/** Our readers of DKIM and DMARC records beside those of mailauth, which receivers run. */

const newKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const own = newKey()
const half = publicHalfOf(own.privateKey)
const other = newKey().publicKey.toString('base64')

const recordAt = (name: string): NeededRecord => ({
  id: 'record',
  purpose: '',
  type: 'TXT',
  name,
  value: 'v=DKIM1',
  required: true,
})
const resolverOf =
  (records: Readonly<Record<string, string>>) =>
  async (name: string): Promise<string[][]> => {
    const text = records[name]
    if (text === undefined) throw Object.assign(new Error('no record'), { code: 'ENOTFOUND' })
    return [[text]]
  }
const answerOf = (text: string | undefined): DnsAnswer =>
  text === undefined ? { state: 'absent' } : { state: 'found', values: [text] }

describe('a DKIM record', () => {
  it.each([
    ['as we ask for it', `v=DKIM1; k=rsa; p=${half.value}`],
    ['without version and kind', `p=${half.value}`],
    [
      'in another order, in capitals, with spaces in the key',
      `K=rsa;P = ${half.value.replace(/(.{60})/g, '$1 ')}`,
    ],
    ['of version 2', `v=DKIM2; p=${half.value}`],
    ['revoked', 'v=DKIM1; p='],
    ['without a key', 'v=DKIM1; k=rsa'],
    ['with another key', `v=DKIM1; p=${other}`],
    ['with half a key', `v=DKIM1; p=${half.value.slice(0, 180)}`],
    ['with what is no key', 'v=DKIM1; p=bm8ga2V5'],
  ])('%s: we say what mailauth does', async (_, text) => {
    const message = 'From: ann@acme.com\r\nTo: bob@globex.com\r\nSubject: Hello\r\n\r\nHello.\r\n'
    const signature = { signingDomain: 'acme.com', selector: 's1', privateKey: own.privateKey }
    const { signatures } = await dkimSign(message, { ...signature, signatureData: [signature] })
    const name = 's1._domainkey.acme.com'
    const { results } = await dkimVerify(signatures + message, {
      resolver: resolverOf({ [name]: text }),
    } as Parameters<typeof dkimVerify>[1])
    const verdict = judgeDkim(answerOf(text), recordAt(name), {
      key: half,
      domain: 'acme.com',
      fromDomains: ['acme.com'],
    })
    expect(verdict.state === 'ok').toBe(results[0]?.status.result === 'pass')
  })
})

const relaxed = 'v=DMARC1; p=reject; rua=mailto:d@acme.com'
const names = ['acme.com', 'mail.acme.com', 'b.mail.acme.com', 'acme.co.uk', 'notacme.com']
const emails = names.flatMap((from) =>
  names.flatMap((signedFor) => names.map((returnDomain) => ({ from, signedFor, returnDomain }))),
)

/** Under strict alignment mailauth compares organisations all the same, against RFC 7489 §3.1, so it is no judge there. */
describe('a DMARC record', () => {
  it.each(emails)('from $from, signed for $signedFor, returned to $returnDomain', async (email) => {
    const { from: fromDomain, signedFor, returnDomain } = email
    const theirs = await dmarc({
      headerFrom: [`ann@${fromDomain}`],
      spfDomains: [{ domain: returnDomain }],
      dkimDomains: [{ id: '1', domain: signedFor, aligned: fromDomain }],
      resolver: resolverOf({ [`_dmarc.${fromDomain}`]: relaxed }),
    } as unknown as Parameters<typeof dmarc>[0])
    const result = theirs ? theirs.status.result : 'none'
    expect(result).toMatch(/pass|fail/)
    const identity = { fromDomain, signedFor, returnDomain }
    const record = recordAt(`_dmarc.${fromDomain}`)
    const { state } = judgeDmarc(record, answerOf(relaxed), { state: 'absent' }, identity)
    expect(state !== 'wrong').toBe(result === 'pass')
  })
})
