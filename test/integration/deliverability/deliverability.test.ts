import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../../server/cli/doctor-command.ts'
import { dkimValue, publicHalfOf } from '../../../server/features/deliverability/dkim-record.ts'
import type { CheckedRecord } from '../../../server/features/deliverability/record.ts'
import { minuteMs } from '../../../shared/clock.ts'
import { someTime } from '../../support/build-trial.ts'
import { type DnsZone, reverseName, type ServedDns, serveDns } from '../../support/dns-server.ts'
import { type ServedApi, serveApi, sessionOf } from '../../support/serve-api.ts'

/** A real name server on loopback, asked by the API and by `trialpace doctor`. */

interface Report {
  from: string | null
  records: CheckedRecord[]
  checkedAt: string | null
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const selector = 's1._domainkey.boardly-mail.com'

/** As a careful team has it. */
const goodZone = (): DnsZone => ({
  'boardly-mail.com': { TXT: ['site-verification=1', 'v=spf1 include:parts.boardly-mail.com ~all'] },
  'parts.boardly-mail.com': { TXT: ['v=spf1 ip4:203.0.113.0/24 mx -all'] },
  'bounce.boardly-mail.com': {
    TXT: ['v=spf1 redirect=boardly-mail.com'],
    MX: ['20 backup.boardly-mail.com', '10 trials.boardly-mail.com'],
  },
  'in.boardly-mail.com': { MX: ['10 trials.boardly-mail.com'] },
  [selector]: { TXT: [dkimValue(publicHalfOf(pem))] },
  '_dmarc.boardly-mail.com': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@boardly-mail.com'] },
  'trials.boardly-mail.com': { CNAME: ['host.hoster.net'] },
  'host.hoster.net': { A: ['198.51.100.1'] },
  'backup.boardly-mail.com': { AAAA: ['2001:db8::2'] },
  'smtp.boardly-mail.com': { A: ['203.0.113.9'] },
  [reverseName('203.0.113.9')]: { PTR: ['smtp.boardly-mail.com'] },
})

const zone: DnsZone = {}
let dns: ServedDns
let api: ServedApi
let folder: string
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialpace-dns-'))
  const keyFile = join(folder, 'dkim.pem')
  await writeFile(keyFile, pem)
  dns = await serveDns(zone)
  env = {
    DNS_SERVERS: dns.address,
    PUBLIC_URL: 'https://trials.boardly-mail.com',
    MAIL_FROM: 'Boardly <hello@boardly-mail.com>',
    SMTP_URL: 'smtp://smtp.boardly-mail.com:25',
    DKIM_DOMAIN: 'boardly-mail.com',
    DKIM_SELECTOR: 's1',
    DKIM_PRIVATE_KEY_FILE: keyFile,
  }
  api = await serveApi(someTime, { env })
})
afterAll(async () => {
  await api.close()
  await dns.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  for (const name of Object.keys(zone)) delete zone[name]
  Object.assign(zone, goodZone())
  api.clock.advance(2 * minuteMs)
  dns.asked.length = 0
})

async function report(): Promise<Report> {
  const { status, body } = await api.call<Report>('GET', '/api/deliverability')
  expect(status).toBe(200)
  return body
}
const statesOf = ({ records }: Report) => Object.fromEntries(records.map(({ id, state }) => [id, state]))
const recordOf = ({ records }: Report, id: string) => records.find((record) => record.id === id)

describe('GET /api/deliverability', () => {
  test('finds everything in order where it is, with what it found', async () => {
    const all = await report()
    expect(all.from).toBe(env.MAIL_FROM)
    expect(statesOf(all)).toEqual({
      dkim: 'ok',
      'spf-return': 'ok',
      'dmarc:boardly-mail.com': 'ok',
      'mx-bounce': 'ok',
      tracking: 'ok',
      'mx-in': 'ok',
      'spf:boardly-mail.com': 'ok',
      ptr: 'ok',
    })
    expect(recordOf(all, 'spf-return')).toMatchObject({
      found: ['v=spf1 redirect=boardly-mail.com'],
      // redirect, include, mx
      detail: 'one record, 3 of 10 DNS look-ups',
    })
    expect(recordOf(all, 'mx-bounce')?.found).toEqual([
      '10 trials.boardly-mail.com',
      '20 backup.boardly-mail.com',
    ])
    expect(recordOf(all, 'tracking')?.found).toEqual(['198.51.100.1'])
    expect(recordOf(all, 'ptr')?.found).toEqual(['203.0.113.9 → smtp.boardly-mail.com'])
    expect(recordOf(all, 'dmarc:boardly-mail.com')?.fix).toContain('p=quarantine')
  })

  test('names what is missing with the very record to publish', async () => {
    for (const name of Object.keys(zone)) delete zone[name]
    const all = await report()
    expect(new Set(Object.values(statesOf(all)))).toEqual(new Set(['wrong', 'warning']))
    expect(recordOf(all, 'dkim')?.fix).toBe(`Publish ${selector} TXT ${dkimValue(publicHalfOf(pem))}`)
    expect(recordOf(all, 'spf-return')).toMatchObject({
      state: 'wrong',
      value: 'v=spf1 a:smtp.boardly-mail.com ~all',
      fix: 'Publish bounce.boardly-mail.com TXT v=spf1 a:smtp.boardly-mail.com ~all',
    })
    expect(recordOf(all, 'spf:boardly-mail.com')).toMatchObject({ state: 'warning', required: false })
  })

  test('judges a published key that is not ours, and a name that does not lead back', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const otherPem = other.export({ type: 'pkcs8', format: 'pem' }).toString()
    zone[selector] = { TXT: [dkimValue(publicHalfOf(otherPem))] }
    zone[reverseName('203.0.113.9')] = { PTR: ['dialup-9.hoster.net'] }
    zone['dialup-9.hoster.net'] = { A: ['203.0.113.200'] }
    expect(statesOf(await report())).toMatchObject({ dkim: 'wrong', ptr: 'wrong', 'spf-return': 'ok' })
  })

  test('calls no answer unknown, never wrong', async () => {
    for (const name of Object.keys(zone)) zone[name] = 'failing'
    zone['_dmarc.boardly-mail.com'] = 'silent'
    expect(new Set(Object.values(statesOf(await report())))).toEqual(new Set(['unknown']))
  })

  test('asks at most once a minute, however often it is called', async () => {
    const [first] = await Promise.all([report(), report(), report()])
    const asked = dns.asked.length
    expect(dns.asked.filter((question) => question === `${selector} TXT`)).toHaveLength(1)
    delete zone[selector]
    api.clock.advance(minuteMs - 1)
    expect(await report()).toEqual(first)
    expect(dns.asked).toHaveLength(asked)
    api.clock.advance(1)
    expect(recordOf(await report(), 'dkim')?.state).toBe('wrong')
  })

  test('stops at a record that includes itself', async () => {
    zone['parts.boardly-mail.com'] = { TXT: ['v=spf1 include:boardly-mail.com ~all'] }
    const spf = recordOf(await report(), 'spf:boardly-mail.com')
    expect(spf).toMatchObject({ state: 'wrong' })
    expect(spf?.detail).toContain('more than 10')
    expect(dns.asked.length).toBeLessThan(40)
  })

  test('is for reps, not for analysts', async () => {
    const analyst = await sessionOf(api, 'analyst')
    expect((await api.call('GET', '/api/deliverability', analyst)).status).toBe(403)
  })

  test('has nothing to check without a sender', async () => {
    const bare = await serveApi(someTime)
    try {
      const { body } = await bare.call<Report>('GET', '/api/deliverability')
      expect(body).toEqual({ from: null, records: [], checkedAt: null })
    } finally {
      await bare.close()
    }
  })
})

describe('trialpace doctor', () => {
  const findingsOf = async (more: Record<string, string> = {}) => {
    const findings = await examine({
      ...env,
      TRIALPACE_DATA_DIR: join(folder, 'data'),
      // No one listens there; the checks of the DNS do not mind.
      SMTP_URL: 'smtp://127.0.0.1:1',
      ...more,
    })
    return new Map(findings.map((finding) => [finding.check, finding]))
  }

  test('checks the same records', async () => {
    zone['in.boardly-mail.com'] = {}
    const findings = await findingsOf()
    const states = [...findings.values()].map(({ check, state }) => [check, state])
    expect(Object.fromEntries(states)).toMatchObject({
      DKIM: 'ok',
      SPF: 'ok',
      DMARC: 'ok',
      MX: 'ok',
      'MX of in.boardly-mail.com': 'wrong',
      'Tracking host': 'ok',
      'SPF of boardly-mail.com': 'ok',
      PTR: 'unknown',
    })
    expect(findings.get('MX of in.boardly-mail.com')?.fix).toBe(
      'Publish in.boardly-mail.com MX 10 trials.boardly-mail.com',
    )
  })

  test('asks nothing about names for examples, and finds a PUBLIC_URL that only we can reach', async () => {
    const reserved = await findingsOf({ MAIL_FROM: 'hello@acme.example', DKIM_DOMAIN: 'acme.example' })
    for (const check of ['DKIM', 'SPF', 'DMARC', 'MX', 'Tracking host'])
      expect([check, reserved.get(check)?.state]).toEqual([check, 'unknown'])
    expect(dns.asked.filter((question) => question.includes('.example'))).toEqual([])
    const local = await findingsOf({ PUBLIC_URL: 'http://localhost:8080' })
    expect(local.get('Tracking host')).toMatchObject({ state: 'wrong' })
  })

  test('says so when the key file is not usable, and when the mail server signs', async () => {
    const broken = await findingsOf({ DKIM_PRIVATE_KEY_FILE: join(folder, 'none.pem') })
    expect(broken.get('DKIM')).toMatchObject({ state: 'wrong' })
    expect(broken.get('DKIM')?.detail).toContain('ENOENT')
    const relay = await findingsOf({ DKIM_DOMAIN: '', DKIM_SELECTOR: '', DKIM_PRIVATE_KEY_FILE: '' })
    expect(relay.get('DKIM')).toMatchObject({ state: 'unknown' })
  })
})
