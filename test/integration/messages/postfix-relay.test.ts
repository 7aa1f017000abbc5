import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { pino } from 'pino'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import {
  hasDkimpy,
  hasOpendkim,
  opendkimNameServer,
  verifyWithDkimpy,
  verifyWithOpendkim,
} from '../../support/dkim-verifiers.ts'
import { type ServedDns, serveDns } from '../../support/dns-server.ts'
import { type Postfix, startPostfix, whyNoPostfix } from '../../support/postfix.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'
import { templatesDir } from '../../support/serve-tracking.ts'
import { createSmtpSink, type SmtpSink } from '../../support/smtp-sink.ts'
import { startSmtpTap } from '../../support/smtp-tap.ts'

const startAt = Date.UTC(2026, 10, 23, 9, 30)
const whyNot =
  whyNoPostfix() ?? (hasDkimpy() ? null : 'dkimpy is not installed (Debian: apt install python3-dkim)')
if (whyNot) console.warn(`THE WAY THROUGH POSTFIX WAS NOT TESTED. ${whyNot}.`)

/** Names and languages that have to be encoded and folded. */
const people = [
  { userId: 'ann', name: 'Ann Lee', locale: 'en' },
  { userId: 'zoe', name: 'Zoë Æther-Łukasiewicz von und zu Sankt Überlingen am Bodensee', locale: 'de' },
  { userId: 'linh', name: 'Nguyễn Thị Mỹ Linh', locale: 'vi' },
  { userId: 'minseo', name: '김민서', locale: 'ko' },
  { userId: 'layla', name: 'ليلى حداد', locale: 'ar' },
]
const mustBeSigned = [
  'from',
  'to',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'content-type',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
  'auto-submitted',
]

function makeKey(folder: string) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = join(folder, 'dkim.pem')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const value = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  return { file, records: { 'tp1._domainkey.acme.example': `v=DKIM1; k=rsa; p=${value}` } }
}

const welcomeAtAnyHour = {
  ...defaultPlaybook,
  messages: defaultPlaybook.messages.map((rule) =>
    rule.kind === 'welcome' ? { ...rule, window: 'any' as const } : rule,
  ),
}

describe.skipIf(whyNot !== null)('an email that goes through Postfix', () => {
  let folder: string
  let records: Readonly<Record<string, string>>
  let sink: SmtpSink
  let postfix: Postfix
  let tap: Awaited<ReturnType<typeof startSmtpTap>>
  let api: ServedApi
  let dns: ServedDns | null = null

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trialpace-dkim-'))
    const key = makeKey(folder)
    records = key.records
    sink = await createSmtpSink()
    postfix = await startPostfix({ relayPort: sink.port })
    tap = await startSmtpTap(postfix.port)
    const zone = Object.fromEntries(Object.entries(records).map(([name, text]) => [name, { TXT: [text] }]))
    // Null where another name server has taken the port on all addresses.
    if (hasOpendkim()) dns = await serveDns(zone, opendkimNameServer).catch(() => null)
    if (!dns)
      console.warn('OPENDKIM WAS NOT ASKED. It needs opendkim-testmsg, root, and port 53 of 127.0.5.3.')
    api = await serveApi(startAt, {
      env: {
        SMTP_URL: tap.url,
        MAIL_FROM: 'Acme Łódź <hello@acme.example>',
        PUBLIC_URL: 'https://a-rather-long-host-name-for-trial-mail.product-led-growth.acme.example',
        INBOUND_DOMAIN: 'acme.example',
        DKIM_DOMAIN: 'acme.example',
        DKIM_SELECTOR: 'tp1',
        DKIM_PRIVATE_KEY_FILE: key.file,
      },
      overrides: {
        renderer: createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) }),
        playbook: welcomeAtAnyHour,
      },
    })
    for (const { userId, ...person } of people)
      await api.call('PUT', `/api/trialists/${userId}`, {
        body: { email: `${userId}@customer.example`, ...person },
      })
    await api.server.dueLoop.drain()
    await vi.waitFor(() => expect(sink.ledger).toHaveLength(people.length), {
      timeout: 60_000,
      interval: 100,
    })
  })
  afterAll(async () => {
    await api?.close()
    await tap?.close()
    postfix?.close()
    await sink?.close()
    await dns?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const relayed = (userId: string): Buffer => {
    const found = sink.ledger.find(({ to }) => to === `${userId}@customer.example`)
    if (!found) throw new Error(`nothing came for ${userId}: ${postfix.log()}`)
    return found.raw
  }

  it('arrives as it was sent, with lines of Postfix’s before it and none changed', () => {
    const sent = tap.messages()
    expect(sent).toHaveLength(people.length)
    for (const message of sent) {
      const id = /^Message-ID: *(\S+)/im.exec(message.toString('latin1'))?.[1]
      const arrived = sink.ledger.find(({ messageId }) => messageId === id)?.raw
      if (!arrived) throw new Error(`${id} did not arrive`)
      const added = arrived.subarray(0, arrived.length - message.length).toString('latin1')
      expect(arrived.subarray(added.length).equals(message)).toBe(true)
      expect(added).toMatch(/^Received: from \S+.*by relay\.example \(Postfix\).*\r\n$/s)
      expect(added.replaceAll(/\r\n[ \t]/g, ' ').match(/^\S+:/gm)).toEqual(['Received:'])
    }
  })

  describe.each(people)('to $userId, in $locale', ({ userId, name }) => {
    it('is verified by dkimpy, unsubscription included', () => {
      const { passed, fields } = verifyWithDkimpy(relayed(userId), records)
      expect(passed).toBe(true)
      expect(fields).toEqual(expect.arrayContaining(mustBeSigned))
    })

    it('is verified by OpenDKIM', async ({ skip }) => {
      if (!dns) return skip('OpenDKIM cannot be asked here')
      const before = dns.asked.length
      expect(await verifyWithOpendkim(relayed(userId))).toMatchObject({ passed: true })
      expect(dns.asked.slice(before)).toContain('tp1._domainkey.acme.example TXT')
    })

    it('is verified by mailauth', async () => {
      const resolver = async (host: string, type: string) => {
        const record = records[host]
        if (type !== 'TXT' || !record) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
        return [[record]]
      }
      const { results } = await dkimVerify(relayed(userId), { resolver })
      expect(results.map(({ status }) => status.result)).toEqual(['pass'])
    })

    it('still says to whom it goes, and how to unsubscribe in one click', async () => {
      const { to, headers } = await PostalMime.parse(relayed(userId))
      expect(to).toMatchObject([{ address: `${userId}@customer.example`, name }])
      const value = (key: string) => headers.find((field) => field.key === key)?.value
      expect(value('list-unsubscribe')).toMatch(/^<https:\/\/[^>]+\/u\/[\w-]{22}>, ?<mailto:[^>]+>$/)
      expect(value('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    })
  })

  it.each([
    ['the unsubscribe link', /List-Unsubscribe: <https:\/\/a-/, 'List-Unsubscribe: <https://b-'],
    ['the one click', /List-Unsubscribe=One-Click/, 'List-Unsubscribe=Two-Clicks'],
    ['the sender', /hello@acme\.example/, 'hullo@acme.example'],
    ['the body', /\r\n\r\n--/, '\r\n\r\nMore\r\n--'],
  ])('fails both verifiers once %s was changed', async (_, what, by) => {
    const text = relayed('ann').toString('latin1')
    expect(text).toMatch(what)
    const forged = Buffer.from(text.replace(what, by), 'latin1')
    expect(verifyWithDkimpy(forged, records).passed).toBe(false)
    if (dns) expect((await verifyWithOpendkim(forged)).passed).toBe(false)
  })
})
