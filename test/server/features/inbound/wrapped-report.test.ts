import { describe, expect, it } from 'vitest'
import { classifyInbound } from '../../../../server/features/inbound/classify-mail.ts'
import { parseInbound } from '../../../../server/features/inbound/parse-mail.ts'
import { wrappedReport } from '../../../../server/features/inbound/wrapped-report.ts'

const report = [
  'From: Mail Delivery System <MAILER-DAEMON@relay.example>',
  'Subject: Undelivered Mail Returned to Sender',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
  '',
  '--b1',
  '',
  '<sam@customer.example>: connect to mx.customer.example: 421 Service not available',
  '',
  '--b1',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; relay.example',
  '',
  'Final-Recipient: rfc822; sam@customer.example',
  'Action: failed',
  'Status: 4.0.0',
  'Diagnostic-Code: smtp; 421 Service not available',
  '',
  '--b1',
  'Content-Type: message/rfc822',
  '',
  'X-Trialpace-Id: abc',
  'Subject: Welcome!',
  '',
  'Hi Sam',
  '',
  '--b1--',
].join('\r\n')

const email = (from: string, type: string, body: string, fields: readonly string[] = []): Buffer =>
  Buffer.from(
    [
      `From: ${from}`,
      'To: bounce@in.acme.example',
      'Subject: Undelivered Mail Returned to Sender',
      ...fields,
      'MIME-Version: 1.0',
      `Content-Type: ${type}`,
      '',
      body,
    ].join('\r\n'),
  )
const attached = `--a1\r\nContent-Type: text/plain\r\n\r\nThe message could not be delivered.\r\n--a1\r\nContent-Type: message/rfc822\r\n\r\n${report}\r\n--a1--\r\n`

describe('a delivery report inside of another email', () => {
  it.each([
    ['attached by a gateway', email('MAILER-DAEMON@gate.example', 'multipart/mixed; boundary=a1', attached)],
    ['in plain words', email('MAILER-DAEMON@gate.example', 'text/plain', `It came back.\r\n\r\n${report}`)],
  ])('says what became of the email, and which it was: %s', async (_name, raw) => {
    const mail = await parseInbound(raw, { from: null, to: [] })
    expect(mail.returned.get('x-trialpace-id')).toBe('abc')
    expect(classifyInbound(mail, false)).toMatchObject({
      kind: 'soft_bounce',
      detail: expect.stringContaining('421'),
    })
  })

  it('that a person sends on is theirs to talk about', async () => {
    const raw = email('Sam <sam@customer.example>', 'text/plain', `What is this?\r\n\r\n${report}`, [
      'Subject: Fwd: strange',
    ])
    const mail = await parseInbound(raw, { from: 'sam@customer.example', to: [] })
    expect(mail.reports).toEqual([])
  })

  it('is none without a recipient', () => {
    expect(wrappedReport('Reporting-MTA: dns; relay.example\r\n\r\nSubject: x\r\n')).toBeNull()
    expect(wrappedReport('Hi, what does Final-Recipient: mean?')).toBeNull()
  })
})

it('a word from a mail server is no absence notice', async () => {
  const raw = email('MAILER-DAEMON@gate.example', 'text/plain', 'Out: 220 gate.example\r\nIn: EHLO x', [
    'Subject: Postfix SMTP server: errors from localhost',
  ])
  const mail = await parseInbound(raw, { from: 'double-bounce@gate.example', to: [] })
  expect(classifyInbound(mail, false).kind).not.toBe('auto_reply')
})
