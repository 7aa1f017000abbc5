import { generateKeyPairSync } from 'node:crypto'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import PostalMime from 'postal-mime'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmtpMailer, type SmtpMailerOptions } from '../../../server/adapters/smtp-mailer.ts'
import { refusalOf } from '../../../server/features/messages/sending-trouble.ts'
import type { Mailer } from '../../../server/ports.ts'
import { outgoingMail } from '../../support/fake-mail.ts'
import { createSmtpSink, type SinkOptions, type SmtpSink } from '../../support/smtp-sink.ts'

const log = { warn: () => {} }
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function setUp(
  sinkOptions: SinkOptions = {},
  mailerOptions: Partial<SmtpMailerOptions> = {},
): Promise<{ sink: SmtpSink; mailer: Mailer }> {
  const sink = await createSmtpSink(sinkOptions)
  const mailer = createSmtpMailer({ url: sink.url, log, ...mailerOptions })
  open.push(sink.close, mailer.close)
  return { sink, mailer }
}

const yes = () => Promise.resolve(true)
const no = () => Promise.resolve(false)

describe('the gate', () => {
  it('open: the body arrives byte for byte, dots at line starts included', async () => {
    const { sink, mailer } = await setUp()
    const text = ['.', '..', '.leading dot', 'middle . dot', '...', 'end.', '.'].join('\n')
    const result = await mailer.send(outgoingMail({ text }), yes)
    expect(result).toMatchObject({ state: 'accepted', answer: expect.stringContaining('250') })
    const seen = await PostalMime.parse(sink.ledger[0]?.raw ?? '')
    expect(seen.text?.trimEnd()).toBe(text)
  })

  it('is asked once, when the server has said 354 and the body is on its way, and before it has a message', async () => {
    const stages: string[] = []
    const { sink, mailer } = await setUp({
      fault: (stage) => {
        stages.push(stage)
        return null
      },
    })
    const html = `<p>${'a long line of body text '.repeat(80_000)}</p>`
    let asked = 0
    const result = await mailer.send(outgoingMail({ html }), async () => {
      asked++
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(stages).toContain('body')
      expect(stages).not.toContain('dot')
      expect(sink.ledger).toHaveLength(0)
      return true
    })
    expect(result.state).toBe('accepted')
    expect(asked).toBe(1)
  })

  it('is not asked of a server that refuses the email before its body', async () => {
    const { mailer } = await setUp({
      fault: (stage) => (stage === 'rcpt' ? { code: 550, text: 'no' } : null),
    })
    let asked = false
    await mailer.send(outgoingMail(), async () => (asked = true))
    expect(asked).toBe(false)
  })

  it('closed: the server completes nothing, and the next email goes through', async () => {
    const { sink, mailer } = await setUp()
    expect(await mailer.send(outgoingMail(), no)).toEqual({ state: 'refused' })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'accepted' })
    expect(sink.ledger).toHaveLength(1)
    expect(sink.unfinished()).toBe(1)
  })

  it('broken: the server completes nothing', async () => {
    const { sink, mailer } = await setUp()
    const broken = () => Promise.reject(new Error('database gone'))
    expect(await mailer.send(outgoingMail(), broken)).toEqual({ state: 'refused' })
    expect(sink.ledger).toHaveLength(0)
  })

  it('too slow: the email is broken off, even when the answer is yes in the end', async () => {
    const { sink, mailer } = await setUp({}, { gateTimeoutMs: 50 })
    const slow = () => new Promise<boolean>((resolve) => setTimeout(resolve, 300, true))
    expect(await mailer.send(outgoingMail(), slow)).toMatchObject({ state: 'deferred', stage: 'gate' })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(sink.ledger).toHaveLength(0)
  })
})

describe('refusals', () => {
  it.each([
    ['greeting', 421, 'deferred'],
    ['greeting', 554, 'deferred'],
    ['mail', 451, 'deferred'],
    ['mail', 550, 'deferred'],
    ['rcpt', 450, 'deferred'],
    ['rcpt', 452, 'deferred'],
    ['rcpt', 550, 'rejected'],
    ['dot', 421, 'deferred'],
    ['dot', 451, 'deferred'],
    ['dot', 552, 'rejected'],
    ['dot', 554, 'rejected'],
  ] as const)('at %s with %i: %s', async (at, code, state) => {
    const { sink, mailer } = await setUp({
      fault: (stage) => (stage === at ? { code, text: 'because' } : null),
    })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state, code })
    expect(sink.ledger).toHaveLength(0)
  })

  it('tells the enhanced code', async () => {
    const { mailer } = await setUp({
      fault: (stage) => (stage === 'dot' ? { code: 554, text: '5.7.1 blocked by policy' } : null),
    })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({
      state: 'rejected',
      enhancedCode: expect.stringMatching(/^5\./),
    })
  })

  it.each(['a@b.example, evil@x.example', 'a@b.example\r\nBcc: evil@x.example', 'nobody', ''])(
    'of our own: %j is not one address and no server sees it',
    async (address) => {
      const { sink, mailer } = await setUp()
      expect(await mailer.send(outgoingMail({ to: { address, name: '' } }), yes)).toMatchObject({
        state: 'rejected',
        code: 553,
      })
      expect(sink.connections()).toBe(0)
    },
  )

  it('no one listens: deferred', async () => {
    const { sink, mailer } = await setUp()
    await sink.close()
    open.shift()
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'deferred', code: null })
    expect((await mailer.verify()).ok).toBe(false)
  })
})

describe('lost connections', () => {
  it.each(['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body'] as const)(
    'at %s: provably unsent, so deferred',
    async (at) => {
      const { sink, mailer } = await setUp({ fault: (stage) => (stage === at ? 'drop' : null) })
      const slowly = () => new Promise<boolean>((resolve) => setTimeout(resolve, 100, true))
      expect(await mailer.send(outgoingMail(), slowly)).toMatchObject({ state: 'deferred', code: null })
      expect(sink.ledger).toHaveLength(0)
    },
  )

  it.each(['drop', 'lose'] as const)('after the dot (%s): unknown, and one copy at most', async (act) => {
    const { sink, mailer } = await setUp({ fault: (stage) => (stage === 'dot' ? act : null) })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'unknown' })
    expect(sink.ledger).toHaveLength(act === 'drop' ? 1 : 0)
  })

  it('no answer after the dot: unknown when the time is over', async () => {
    const { sink, mailer } = await setUp(
      { fault: (stage) => (stage === 'dot' ? 'stall' : null) },
      { answerTimeoutMs: 100 },
    )
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'unknown' })
    expect(sink.ledger).toHaveLength(1)
  })

  it('of an idle pooled connection: the next email takes another one, with nothing sent twice', async () => {
    let drops = 0
    const { sink, mailer } = await setUp({
      fault: (stage) => (stage === 'mail' && sink.ledger.length === 1 && drops++ === 0 ? 'drop' : null),
    })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'accepted' })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'accepted' })
    expect(sink.ledger).toHaveLength(2)
    expect(drops).toBeGreaterThan(0)
  })
})

describe('breaking off', () => {
  it('before the gate: not sent; after it: finished', async () => {
    const { sink, mailer } = await setUp()
    const early = new AbortController()
    const asked = mailer.send(
      outgoingMail(),
      async () => {
        early.abort()
        return true
      },
      early.signal,
    )
    expect(await asked).toMatchObject({ state: 'deferred' })
    const late = new AbortController()
    const result = await mailer.send(outgoingMail(), yes, late.signal)
    late.abort()
    expect(result.state).toBe('accepted')
    expect(sink.ledger).toHaveLength(1)
  })

  it('close() waits for what is past the gate and takes nothing new', async () => {
    let closing: Promise<void> | undefined
    const { mailer } = await setUp({
      onMessage: async () => {
        closing = mailer.close()
        await new Promise((resolve) => setTimeout(resolve, 100))
      },
    })
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'accepted' })
    await closing
    expect(await mailer.send(outgoingMail(), yes)).toMatchObject({ state: 'deferred' })
  })
})

describe('DKIM', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const dkim = { domain: 'acme.example', selector: 'tp1', privateKey }
  const resolver = async () => [[`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`]]

  it('passes an independent verifier and covers what RFC 8058 asks for', async () => {
    const { sink, mailer } = await setUp({}, { dkim })
    await mailer.send(outgoingMail({ text: '.dots\n\n  spaces  \nünïcödé' }), yes)
    const raw = sink.ledger[0]?.raw ?? Buffer.alloc(0)
    const { results } = await dkimVerify(raw, { resolver })
    expect(results).toHaveLength(1)
    expect(results[0]?.status.result).toBe('pass')
    const signature = /^DKIM-Signature:.*?;\s*h=([^;]+);/is.exec(raw.toString('latin1'))?.[1] ?? ''
    const covered = signature.replace(/\s/g, '').toLowerCase().split(':')
    for (const field of ['from', 'to', 'subject', 'date', 'message-id', 'reply-to', 'list-id'])
      expect(covered).toContain(field)
    for (const field of ['list-unsubscribe', 'list-unsubscribe-post', 'feedback-id', 'auto-submitted'])
      expect(covered).toContain(field)
  })

  it('fails the verifier when a byte was changed on the way', async () => {
    const { sink, mailer } = await setUp({}, { dkim })
    await mailer.send(outgoingMail({ text: 'pay 10' }), yes)
    const forged = Buffer.from((sink.ledger[0]?.raw ?? '').toString('latin1').replace('pay 10', 'pay 99'))
    const { results } = await dkimVerify(forged, { resolver })
    expect(results[0]?.status.result).not.toBe('pass')
  })

  it('takes no key that would leave the email unsigned', () => {
    const ed25519 = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    for (const key of [ed25519.privateKey, 'not a key'])
      expect(() =>
        createSmtpMailer({ url: 'smtp://127.0.0.1:1', log, dkim: { ...dkim, privateKey: key } }),
      ).toThrow(RangeError)
  })
})

describe('an address with letters outside ASCII before the @', () => {
  const to = { address: 'josé@exámple.example', name: '' }

  it('goes to a server that offers SMTPUTF8', async () => {
    const { sink, mailer } = await setUp({ utf8: true })
    expect((await mailer.send(outgoingMail({ to }), yes)).state).toBe('accepted')
    expect(sink.ledger[0]?.to).toBe('josé@exámple.example')
  })

  it('is never said to one that does not, and says nothing about the person', async () => {
    const { sink, mailer } = await setUp()
    const result = await mailer.send(outgoingMail({ to }), yes)
    expect(result).toMatchObject({
      state: 'rejected',
      enhancedCode: '5.6.7',
      answer: expect.stringContaining('SMTPUTF8'),
    })
    expect(sink.ledger).toHaveLength(0)
    if (result.state === 'rejected')
      expect(refusalOf(result)).toEqual({ class: 'other', isOurs: false, isForNow: false })
  })

  it('waits while the server cannot be asked', async () => {
    const { sink, mailer } = await setUp({ utf8: true })
    await sink.close()
    expect((await mailer.send(outgoingMail({ to }), yes)).state).toBe('deferred')
  })

  it('has its domain alone in ASCII when no more is needed', async () => {
    const { sink, mailer } = await setUp()
    const result = await mailer.send(outgoingMail({ to: { address: 'ann@bücher.example', name: '' } }), yes)
    expect(result.state).toBe('accepted')
    expect(sink.ledger[0]?.to).toMatch(/^ann@(?:xn--bcher-kva|bücher)\.example$/)
  })
})
