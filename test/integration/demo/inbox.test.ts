import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createTransport } from 'nodemailer'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FeedbackMail } from '../../../server/demo/inbox/feedback-mail.ts'
import { createInboxActor } from '../../../server/demo/inbox/inbox-actions.ts'
import { createInboxRoutes } from '../../../server/demo/inbox/inbox-routes.ts'
import { type InboxSmtp, startInboxSmtp } from '../../../server/demo/inbox/inbox-smtp.ts'
import { createInboxStore, type InboxStore } from '../../../server/demo/inbox/inbox-store.ts'
import { loopbackOnly } from '../../../server/demo/loopback-only.ts'
import { createMovableClock } from '../../../server/demo/movable-clock.ts'

const start = Date.UTC(2026, 10, 23, 14, 30)
const clock = createMovableClock(start)
const delivered: FeedbackMail[] = []
const visits: { path: string; agent: string }[] = []
let inbox: InboxStore
let smtp: InboxSmtp
let http: Server
let base: string

beforeAll(async () => {
  inbox = createInboxStore(clock)
  smtp = await startInboxSmtp(inbox)
  const app = express()
  const actor = createInboxActor({
    clock,
    deliver: async (mail) => {
      delivered.push(mail)
      return { ok: true, detail: 'delivered' }
    },
    passTo: async (at) => clock.moveTo(at()),
  })
  app.use('/inbox/api', loopbackOnly, createInboxRoutes({ inbox, actor }))
  app.get(['/o/:token', '/c/:token/:link'], (request, response) => {
    visits.push({ path: request.path, agent: request.get('User-Agent') ?? '' })
    response.status(204).end()
  })
  app.use(((error, _request, response, _next) => {
    response.status(error.type === 'forbidden' ? 403 : 400).end()
  }) as express.ErrorRequestHandler)
  http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  const transport = createTransport({ url: smtp.url })
  const send = (to: string, subject: string) =>
    transport.sendMail({
      envelope: { from: 'b+0123@bounce.boardly.example', to: [to] },
      from: '"Dana from Boardly" <dana@boardly.example>',
      replyTo: 'reply+0123@in.boardly.example',
      to,
      subject,
      headers: { 'Feedback-ID': 'upgrade_now:pro:trialpace:boardly' },
      text: 'Grüße, plain',
      html: `<html><head></head><body><a href="${base}/c/tok/0">Upgrade</a><img src="${base}/o/tok.gif"></body></html>`,
    })
  await send('ada@engine.example', 'Ada’s first')
  await send('not-ada@engine.example', 'Other')
  await send('ada@engine.example', 'Ada’s second')
  transport.close()
})

afterAll(async () => {
  await smtp.close()
  await new Promise((resolve) => http.close(resolve))
})

interface Listed {
  id: string
  receivedAt: string
  envelope: { from: string; to: string[] }
  kind: string
  subject: string
  headers: Record<string, string>
  text: string
  html: string
}
const list = async (to: string): Promise<Listed[]> => {
  const response = await fetch(`${base}/inbox/api/messages?to=${encodeURIComponent(to)}`)
  return ((await response.json()) as { messages: Listed[] }).messages
}

describe('inbox API', () => {
  it('lists what one address received, oldest first, in demo time', async () => {
    const mails = await list('ADA@engine.example')
    expect(mails.map((mail) => mail.subject)).toEqual(['Ada’s first', 'Ada’s second'])
    expect(mails[0]).toMatchObject({
      kind: 'upgrade_now',
      envelope: { from: 'b+0123@bounce.boardly.example', to: ['ada@engine.example'] },
      text: expect.stringContaining('Grüße'),
    })
    expect(mails[0]?.headers['feedback-id']).toBe('upgrade_now:pro:trialpace:boardly')
    expect(mails[0]?.receivedAt).toMatch(/^2026-11-23T14:3\d:\d\d\.\d{3}Z$/)
  })

  it('gives the raw message', async () => {
    const [mail] = await list('ada@engine.example')
    const response = await fetch(`${base}/inbox/api/messages/${mail?.id}/raw`)
    expect(response.headers.get('content-type')).toMatch(/^message\/rfc822/)
    expect((await PostalMime.parse(await response.text())).subject).toBe('Ada’s first')
  })

  it('shows the email in a frame that can neither run scripts nor call home', async () => {
    const [mail] = await list('ada@engine.example')
    const response = await fetch(`${base}/inbox/api/messages/${mail?.id}/html`)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain('sandbox')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain('img-src data:;')
    expect(await response.text()).toContain('<base target="_blank">')
  })

  it('answers only this machine', async () => {
    const from = (headers: Record<string, string>) =>
      fetch(`${base}/inbox/api/messages`, { headers }).then(({ status }) => status)
    expect(await from({ Origin: 'https://evil.example' })).toBe(403)
    expect(await from({ Origin: base })).toBe(200)
  })
})

describe('acting as the recipient', () => {
  const act = async (action: string, more: Record<string, unknown> = {}) => {
    const [mail] = await list('ada@engine.example')
    const response = await fetch(`${base}/inbox/api/messages/${mail?.id}/actions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action, ...more }),
    })
    return { status: response.status, body: (await response.json()) as { detail: string } }
  }

  it('opens and clicks like a browser', async () => {
    expect((await act('open')).status).toBe(200)
    expect((await act('click')).status).toBe(200)
    expect(visits.map(({ path }) => path)).toEqual(['/o/tok.gif', '/c/tok/0'])
    expect(visits[0]?.agent).toContain('Chrome/')
  })

  it('says when there is no such link', async () => {
    expect(await act('click', { link: 9 })).toEqual({
      status: 422,
      body: { ok: false, detail: 'This email has no such link.' },
    })
  })

  it('replies to the reply address, in the thread', async () => {
    await act('reply', { text: 'Können wir reden?' })
    const mail = delivered.at(-1) as FeedbackMail
    expect(mail).toMatchObject({ from: 'ada@engine.example', to: 'reply+0123@in.boardly.example' })
    const parsed = await PostalMime.parse(mail.raw)
    const [original] = await list('ada@engine.example')
    expect(parsed.inReplyTo).toBe(original?.headers['message-id'])
    expect(parsed.text?.trim()).toBe('Können wir reden?')
  })

  it('bounces with a delivery status notification to the return path', async () => {
    await act('bounce')
    const mail = delivered.at(-1) as FeedbackMail
    expect(mail).toMatchObject({ from: '', to: 'b+0123@bounce.boardly.example' })
    expect(mail.raw).toMatch(/Content-Type: multipart\/report; report-type=delivery-status/)
    expect(mail.raw).toMatch(
      /\r\nFinal-Recipient: rfc822; ada@engine\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
    )
    expect(mail.raw.split('\r\n').every((line) => !line.includes('\n'))).toBe(true)
  })

  it('complains in the abuse reporting format with the whole email inside', async () => {
    await act('complaint')
    const mail = delivered.at(-1) as FeedbackMail
    expect(mail.raw).toMatch(/report-type=feedback-report/)
    expect(mail.raw).toMatch(/\r\nFeedback-Type: abuse\r\n/)
    expect(mail.raw).toMatch(/\r\nContent-Type: message\/rfc822\r\n\r\n/)
    expect(mail.raw).toMatch(/Feedback-ID: upgrade_now/)
  })
})
