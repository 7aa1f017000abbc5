import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mailAddress, mailName } from '../../../server/domain/messages/return-path.ts'
import { createApplyFeedback } from '../../../server/features/inbound/apply-feedback.ts'
import type { ReplyToForward } from '../../../server/features/inbound/forward-reply.ts'
import { createInbound, type Inbound } from '../../../server/features/inbound/inbound.ts'
import { createInboundServer, type InboundServer } from '../../../server/features/inbound/inbound-server.ts'
import { readMail } from '../../../server/features/inbound/read-mail.ts'
import { createMailResolver } from '../../../server/features/inbound/resolve-mail.ts'
import type { StoredMail } from '../../../server/features/messages/write-mail.ts'
import { StorageUnavailable } from '../../../server/storage/port.ts'
import type { EmailAddress } from '../../../shared/trial.ts'
import { inboundSamples } from '../../support/inbound-samples.ts'
import { serveTracking, type TrackingServer } from '../../support/serve-tracking.ts'

/** One long file, because its tests share one served API, whose start costs more than most of them. */

const mailDomain = 'corkboard.example'
const secret = 'link-acme'
let tracking: TrackingServer
let inbound: Inbound
let smtp: InboundServer
let forwarded: ReplyToForward[] = []
let forwardFails: Error | null = null

beforeAll(async () => {
  tracking = await serveTracking(Date.UTC(2026, 10, 23, 9, 30))
  inbound = createInbound({
    ...tracking,
    documents: tracking.storage.documents,
    resolver: createMailResolver({ ...tracking, mailDomain }),
    read: (raw, envelope) =>
      readMail(raw, envelope, mailDomain).catch((error: Error) => ({ unreadable: error.message })),
    apply: createApplyFeedback({
      ...tracking,
      forward: async (reply) => {
        if (forwardFails) throw forwardFails
        forwarded.push(reply)
      },
    }),
  })
  smtp = await createInboundServer({ port: 0, host: '127.0.0.1', inbound, log: tracking.log })
})
afterAll(async () => {
  await smtp.close()
  await tracking.close()
})
beforeEach(() => {
  forwarded = []
  forwardFails = null
})

let people = 0
/** A new trialist who got an email, and what comes back about it. */
async function sampleFor(kind: string, name: string) {
  const user = `person-${people++}`
  const token = await tracking.sendMail(user)
  const sample = inboundSamples({ token, secret, mailDomain }).find((s) => s.kind === kind && s.name === name)
  if (!sample) throw new Error(`there is no sample ${kind}/${name}`)
  return { user, token, ...sample, trial: () => tracking.trialOf(user) }
}

const deliver = (raw: Buffer, envelope: { from: string; to: readonly string[] }) =>
  createTransport({ host: '127.0.0.1', port: smtp.port, ignoreTLS: true }).sendMail({
    envelope: { from: envelope.from, to: [...envelope.to] },
    raw,
  })

const signalsOf = (token: string) =>
  tracking.storage.documents.list('signal', {
    prefix: `${token}/`,
    limit: 10,
  })

describe('over SMTP', () => {
  it('a hard bounce stops all mail to the address', async () => {
    const { raw, envelope, trial, token } = await sampleFor('hard_bounce', 'gmail-no-such-user')
    const { response } = await deliver(raw, envelope)
    expect(response).toContain('hard_bounce')
    expect((await trial()).contact.suppressed?.reason).toBe('hard_bounce')
    expect((await trial()).outbox[0]?.bouncedAt).not.toBeNull()
    expect((await signalsOf(token)).map(({ body }) => body.type)).toEqual(['hard_bounce'])
  })

  it('the third soft bounce in two weeks stops mail to the address, whoever has it', async () => {
    const { raw, envelope, trial } = await sampleFor('soft_bounce', 'mailbox-full-552')
    const { id, workspaceId, person } = await trial()
    const at = tracking.clock.now()
    const listed = () => tracking.suppressions.find(workspaceId, person.email as EmailAddress)
    await tracking.changes.change(id, { type: 'softBounce', key: null, at })
    await tracking.changes.change(id, { type: 'softBounce', key: null, at })
    expect(await listed()).toBeNull()
    await deliver(raw, envelope)
    expect((await trial()).contact.suppressed).toEqual({ reason: 'soft_bounces', at })
    expect(await listed()).toMatchObject({ reason: 'soft_bounces', trialIds: [id] })
  })

  it('a reply pauses the automation, is kept and goes on to the rep', async () => {
    const { raw, envelope, trial, token } = await sampleFor('reply', 'gmail-english')
    await deliver(raw, envelope)
    expect((await trial()).contact.repliedAt).toBe(tracking.clock.now())
    expect((await trial()).outbox[0]?.repliedAt).toBe(tracking.clock.now())
    expect((await trial()).contact.suppressed).toBeNull()
    expect(forwarded).toEqual([
      expect.objectContaining({
        to: 'dana@corkboard.example',
        from: { address: 'sam@customer.example', name: 'Sam' },
        subject: 'Re: Need a little more time?',
      }),
    ])
    expect((await signalsOf(token))[0]?.body).toMatchObject({
      type: 'reply',
      text: 'Thanks Dana, sounds good. We want to plan our sprints with it.',
      sentiment: 'positive',
    })
  })

  it('our own words, quoted in a way no rule knows, are never the person’s refusal', async () => {
    const user = 'survey-reader'
    const token = await tracking.sendMail(user)
    const found = await tracking.storage.documents.get('mail', token)
    const text =
      'Hi,\nwhat kept you from upgrading?\nIt was too expensive for us\nNo thanks, we are not interested'
    await tracking.storage.documents.put('mail', token, { ...(found?.body as StoredMail), text })
    const to = mailAddress('reply', token, secret, mailDomain)
    const body = `Thanks Dana, we love it and will buy next month.\n\n~ Dana, at ten ~\n${text}`
    const raw = Buffer.from(`From: s@customer.example\r\nTo: ${to}\r\nSubject: Re: x\r\n\r\n${body}\r\n`)
    await deliver(raw, { from: 's@customer.example', to: [to] })
    expect((await signalsOf(token))[0]?.body).toMatchObject({ type: 'reply', sentiment: 'positive' })
  })

  it('takes no mail for other addresses: it is no relay', async () => {
    const { raw } = await sampleFor('reply', 'gmail-english')
    for (const to of ['someone@else.example', 'dana@corkboard.example', 'b+00@bounce.corkboard.example'])
      await expect(deliver(raw, { from: 'a@b.example', to: [to] })).rejects.toThrow(/550/)
  })

  it('asks the sender to come back when the effect cannot be stored, and then does it once', async () => {
    const { raw, envelope, trial, token } = await sampleFor('reply', 'outlook-german')
    forwardFails = new StorageUnavailable('the database is away')
    await expect(deliver(raw, envelope)).rejects.toThrow(/451/)
    expect(await signalsOf(token)).toEqual([])
    forwardFails = null
    await deliver(raw, envelope)
    await deliver(raw, envelope)
    expect(forwarded).toHaveLength(1)
    expect(await signalsOf(token)).toHaveLength(1)
    expect((await trial()).contact.repliedAt).not.toBeNull()
  })

  it('survives mail that is no mail', async () => {
    const { envelope } = await sampleFor('reply', 'gmail-english')
    for (const raw of ['', '\0\0\0', 'no header at all', 'Subject: =?utf-8?B?////?=\r\n\r\n\xff'])
      await expect(deliver(Buffer.from(raw, 'latin1'), envelope)).resolves.toBeDefined()
  })

  it('refuses what it cannot read, and says why', async () => {
    const { envelope } = await sampleFor('reply', 'gmail-english')
    const nested = `${'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'.repeat(60)}x`
    await expect(deliver(Buffer.from(nested), envelope)).rejects.toThrow(/554 5\.6\.0 .*depth/)
    const header = Buffer.from(`Subject: x\r\n${'X-Pad: 1\r\n'.repeat(2000)}\r\nHello`)
    await expect(deliver(header, envelope)).rejects.toThrow(/554 5\.6\.0 .*header/)
  })

  it('refuses addresses behind which there is no email, and ends a connection that goes on guessing', async () => {
    const to = (digit: string) => mailAddress('reply', digit.repeat(22), secret, mailDomain)
    await expect(deliver(Buffer.from('x'), { from: 'a@b.example', to: [to('A')] })).rejects.toThrow(
      /550 5\.1\.1/,
    )
    const forged = to('A').replace(/\.[0-9a-f]{8}@/, '.00000000@')
    await expect(deliver(Buffer.from('x'), { from: 'a@b.example', to: [forged] })).rejects.toThrow(/550/)
    const guesses = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `${letter}@in.${mailDomain}`)
    await expect(deliver(Buffer.from('x'), { from: 'a@b.example', to: guesses })).rejects.toThrow()
  })

  it('reads the beginning of a mail that is larger than anyone’s words', async () => {
    const { raw, envelope, token } = await sampleFor('reply', 'gmail-english')
    const large = Buffer.concat([raw, Buffer.alloc(3 * 1024 * 1024, 'x\r\n')])
    await deliver(large, envelope)
    expect((await signalsOf(token))[0]?.body.type).toBe('reply')
  })
})

describe('what is done about it', () => {
  const receive = async (kind: string, name: string) => {
    const sample = await sampleFor(kind, name)
    const result = await inbound.receive(sample.raw, sample.envelope)
    return { ...sample, result, after: await sample.trial() }
  }

  it('a complaint stops mail to the address in every workspace', async () => {
    const user = 'complainer'
    const token = await tracking.sendMail(user, { email: 'angry@customer.example' })
    await tracking.sendMail('same-person', { email: 'angry@customer.example', workspaceId: 'other' })
    const sample = inboundSamples({ token, secret, mailDomain }).find(({ name }) => name === 'yahoo')
    if (!sample) throw new Error('no sample')
    await inbound.receive(sample.raw, sample.envelope)
    expect((await tracking.trialOf(user)).contact.suppressed?.reason).toBe('complaint')
    expect((await tracking.trialOf('same-person', 'other')).contact.suppressed?.reason).toBe('complaint')
  })

  it('“this is not spam” takes the complaint back, and only that', async () => {
    const user = 'forgiving'
    const token = await tracking.sendMail(user)
    const samples = inboundSamples({ token, secret, mailDomain })
    for (const name of ['yahoo', 'not-spam']) {
      const sample = samples.find((s) => s.name === name)
      if (!sample) throw new Error('no sample')
      await inbound.receive(sample.raw, sample.envelope)
    }
    expect((await tracking.trialOf(user)).contact.suppressed).toBeNull()
  })

  it.each([
    ['policy_bounce', 'spamhaus'],
    ['other_bounce', 'too-large'],
    ['delayed', 'postfix-warning'],
    ['auto_reply', 'rfc3834'],
    ['report', 'delivered-receipt'],
  ])('%s (%s) changes nothing for the person', async (kind, name) => {
    const { after, result } = await receive(kind, name)
    expect(result.kind).toBe(kind)
    expect(after.contact).toMatchObject({ suppressed: null, repliedAt: null, softBounces: [] })
    expect(forwarded).toEqual([])
  })

  it('what is only guessed to be automatic costs nobody’s words, and pauses nothing', async () => {
    const { after, result, token } = await receive('auto_reply', 'german')
    expect(result).toMatchObject({
      kind: 'auto_reply',
      detail: expect.stringContaining('probably automatic'),
    })
    expect(after.contact.repliedAt).toBeNull()
    expect(forwarded).toEqual([
      expect.objectContaining({ subject: expect.stringMatching(/^\[probably automatic\] /) }),
    ])
    expect((await signalsOf(token))[0]?.body).toMatchObject({ text: expect.any(String), sentiment: null })
  })

  it('a soft bounce is counted', async () => {
    const { after } = await receive('soft_bounce', 'mailbox-full-4xx')
    expect(after.contact.softBounces).toHaveLength(1)
    expect(after.contact.suppressed).toBeNull()
  })

  it.each(['list-unsubscribe-mailto', 'reply-stop', 'arf-opt-out'])('%s unsubscribes', async (name) => {
    const { after } = await receive('unsubscribe', name)
    expect(after.contact.suppressed?.reason).toBe('unsubscribed')
  })

  it('a bounce or a complaint is about the address the email went to, not about the present one', async () => {
    for (const [kind, name, reason] of [
      ['hard_bounce', 'gmail-no-such-user', 'hard_bounce'],
      ['complaint', 'yahoo', 'complaint'],
    ] as const) {
      const { raw, envelope, trial } = await sampleFor(kind, name)
      const { id, workspaceId, person } = await trial()
      const old = person.email as EmailAddress
      const email = `corrected-${kind}@customer.example` as EmailAddress
      await tracking.changes.change(id, {
        type: 'describe',
        patch: { email },
        by: { kind: 'api', name: 'k' },
      })
      await inbound.receive(raw, envelope)
      expect((await trial()).contact.suppressed).toBeNull()
      expect(await tracking.suppressions.find(workspaceId, email)).toBeNull()
      expect((await tracking.suppressions.find(workspaceId, old))?.reason).toBe(reason)
    }
  })

  it('soft bounces of an address that was corrected are not counted for the new one', async () => {
    const { raw, envelope, trial } = await sampleFor('soft_bounce', 'mailbox-full-4xx')
    const { id } = await trial()
    const email = 'moved@customer.example' as EmailAddress
    await tracking.changes.change(id, { type: 'softBounce', key: null, at: tracking.clock.now() })
    await tracking.changes.change(id, { type: 'describe', patch: { email }, by: { kind: 'api', name: 'k' } })
    await inbound.receive(raw, envelope)
    expect((await trial()).contact.softBounces).toEqual([])
    expect((await trial()).outbox[0]?.bouncedAt).not.toBeNull()
  })

  it.each(['bounce', 'complaint', 'not-spam', 'opt-out'])(
    'a %s from who knows only the Message-ID and the reply address proves nothing',
    async (what) => {
      const victim = await tracking.sendMail(`victim-${what}`)
      const own = await tracking.sendMail(`attacker-${what}`)
      const [type, fields] =
        what === 'bounce'
          ? ['delivery-status', 'Final-Recipient: rfc822; v@x.example\r\nAction: failed\r\nStatus: 5.1.1']
          : ['feedback-report', `Feedback-Type: ${what === 'complaint' ? 'abuse' : what}\r\nVersion: 1`]
      const to = mailAddress('reply', own, secret, mailDomain)
      const id = mailName('message-id', victim, secret)
      const raw = Buffer.from(
        `From: <>\r\nTo: ${to}, ${mailAddress('reply', victim, secret, mailDomain)}\r\nSubject: x\r\n` +
          `Content-Type: multipart/report; report-type=${type}; boundary=b\r\n\r\n--b\r\n` +
          `Content-Type: message/${type}\r\n\r\n${fields}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n` +
          `Message-ID: <${id}@${mailDomain}>\r\nX-Trialpace-Id: ${id}\r\n--b--\r\n`,
      )
      expect((await inbound.receive(raw, { from: '', to: [to] })).token).toBeNull()
      for (const user of [`victim-${what}`, `attacker-${what}`])
        expect((await tracking.trialOf(user)).contact.suppressed).toBeNull()
    },
  )

  it('junk reported through Outlook.com, which sends no report with it, is a complaint', async () => {
    const token = await tracking.sendMail('outlook-user')
    const raw = Buffer.from(
      'From: staff@hotmail.com\r\nTo: abuse@corkboard.example\r\nSubject: complaint about message from 192.0.2.2\r\n' +
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n' +
        'X-HmXmrOriginalRecipient: outlook-user@customer.example\r\nX-Reporter-IP: 192.0.2.22\r\n' +
        `From: hello@corkboard.example\r\nX-Trialpace-Id: ${mailName('header', token, secret)}\r\n\r\nHi\r\n--b--\r\n`,
    )
    expect((await inbound.receive(raw, { from: null, to: [] })).kind).toBe('complaint')
    expect((await tracking.trialOf('outlook-user')).contact.suppressed?.reason).toBe('complaint')
  })

  it('a bounce address with a wrong check value proves nothing', async () => {
    const token = await tracking.sendMail('target')
    const forged = inboundSamples({ token, secret: 'another-secret', mailDomain }).find(
      ({ name }) => name === 'exim-plain',
    )
    if (!forged) throw new Error('no sample')
    expect((await inbound.receive(forged.raw, forged.envelope)).token).toBeNull()
    expect((await tracking.trialOf('target')).contact.suppressed).toBeNull()
  })

  it('brought by several servers at the same time, it is done once', async () => {
    const { raw, envelope } = await sampleFor('reply', 'gmail-english')
    const results = await Promise.all(Array.from({ length: 4 }, () => inbound.receive(raw, envelope)))
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(forwarded).toHaveLength(1)
  })

  it('a mail about nobody we know is taken and forgotten', async () => {
    const to = mailAddress('reply', 'A'.repeat(22), secret, mailDomain)
    const raw = Buffer.from(`From: a@b.example\r\nTo: ${to}\r\nSubject: hi\r\n\r\nHello\r\n`)
    expect(await inbound.receive(raw, { from: 'a@b.example', to: [to] })).toMatchObject({
      kind: 'reply',
      token: null,
    })
  })
})
