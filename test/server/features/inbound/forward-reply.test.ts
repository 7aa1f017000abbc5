import { describe, expect, it, test } from 'vitest'
import { createSmtpMailer } from '../../../../server/adapters/smtp-mailer.ts'
import { createForwardReply, forwardable } from '../../../../server/features/inbound/forward-reply.ts'
import { parseEmailAddress } from '../../../../shared/trial.ts'
import { createFakeClock } from '../../../support/fake-clock.ts'
import { createSmtpSink } from '../../../support/smtp-sink.ts'

const known = parseEmailAddress('ana@corp.example')
const reply = (from: { address: string; name: string }, subject = 'Re: hi') =>
  forwardable({ from, known, subject, text: 'Yes please.' })

describe('a reply that goes on to the rep', () => {
  it('is answered to the person, and says nothing more when it came from them', () => {
    expect(reply({ address: 'Ana@Corp.Example', name: 'Ana Quetzal' })).toEqual({
      name: 'Ana Quetzal',
      replyTo: known,
      subject: 'Re: hi',
      text: 'Yes please.',
    })
  })

  it('names a sender who is not the trialist in its first line', () => {
    const { text, replyTo } = reply({ address: 'eve@evil.example', name: 'Ana Quetzal' })
    expect(replyTo).toBe('eve@evil.example')
    expect(text).toMatch(/^\[This came from eve@evil\.example, not .*ana@corp\.example\.\]\n\nYes please\.$/)
  })

  it.each([
    '',
    'a@evil.example, b@evil.example',
    'x@y\r\nBcc: z@evil.example',
    '<a@evil.example>',
    'a'.repeat(9e3),
  ])('goes back to the address we know when the sender is %j', (address) => {
    expect(reply({ address, name: '' }).replyTo).toBe(known)
  })

  it.each([
    ['Eve\r\nBcc: evil@x.example', 'Eve Bcc: evil x.example'],
    ['\u202Emoc.live', 'moc.live'],
    ['CEO <ceo@acme.example>', 'CEO ceo acme.example'],
    ['\u2066\u200B', 'eve@evil.example'],
    ['n'.repeat(500), 'n'.repeat(80)],
  ])('shows the name %j as %j', (name, shown) => {
    expect(reply({ address: 'eve@evil.example', name }).name).toBe(shown)
  })

  it.each([
    ['Hi\r\nBcc: evil@x.example\r\n\r\nbody', 'Hi Bcc: evil@x.example body'],
    [' \r\n ', 'Reply from Eve'],
    ['s'.repeat(5000), 's'.repeat(250)],
  ])('has the subject %j as one line', (subject, shown) => {
    expect(reply({ address: 'eve@evil.example', name: 'Eve' }, subject).subject).toBe(shown)
  })
})

test('no header of what leaves is a stranger’s', async () => {
  const sink = await createSmtpSink({})
  const mailer = createSmtpMailer({ url: sink.url, log: { warn: () => undefined } })
  try {
    const forward = createForwardReply({
      mailer,
      clock: createFakeClock(Date.UTC(2026, 5, 1)),
      mailFrom: 'Acme <hello@acme.example>',
      mailDomain: 'in.acme.example',
      log: { error: () => undefined } as never,
    })
    const from = { address: 'eve@evil.example', name: 'Eve\r\nBcc: evil@x.example' }
    const subject = 'Hi\r\nBcc: evil@x.example\r\n\r\nbody'
    await forward({ to: 'rep@acme.example', from, known, subject, text: '<script>', product: 'Corkboard' })
    const [head = '', body = ''] = (sink.ledger[0]?.raw.toString() ?? '').split(/\r\n\r\n(.*)/s)
    expect(head).not.toMatch(/^Bcc:/im)
    expect(head).toMatch(/^Reply-To: "?Eve Bcc: evil x\.example"? <eve@evil\.example>$/im)
    expect(sink.ledger).toHaveLength(1)
    expect(body).not.toContain('<script>\r\n</pre>')
  } finally {
    await mailer.close()
    await sink.close()
  }
})
