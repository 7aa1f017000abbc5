import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mailer } from '../../../server/ports.ts'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { someTime } from '../../support/build-trial.ts'
import { createFakeRenderer } from '../../support/fake-renderer.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

interface Blocked {
  readonly emails: { userId: string; key: string; kind: string; why: string; usefulUntil: string }[]
}

const noSeats = 'the number of seats is missing'
let served: ServedApi
let isBlocking = true
let sent: string[] = []

beforeAll(async () => {
  const renderer = createFakeRenderer()
  const mailer: Mailer = {
    async send(mail, gate) {
      if (!(await gate())) return { state: 'refused' }
      sent.push(mail.to.address)
      return { state: 'accepted', answer: '250 ok' }
    },
    verify: async () => ({ ok: true }),
    close: async () => undefined,
  }
  served = await serveApi(someTime, {
    env: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'hello@acme.example' },
    overrides: {
      mailer,
      renderer: {
        ...renderer,
        render: async (request) => (isBlocking ? { ok: false, why: noSeats } : renderer.render(request)),
      },
    },
  })
})
afterAll(() => served.close())

const blocked = async () => (await served.call<Blocked>('GET', '/api/blocked-emails')).body.emails

/** Someone whose welcome email cannot be written. */
async function arrive(userId: string) {
  isBlocking = true
  sent = []
  await served.call('PUT', `/api/trialists/${userId}`, { body: { email: `${userId}@example.com` } })
  await served.server.dueLoop.drain()
  const mine = (await blocked()).find((one) => one.userId === userId)
  if (!mine) throw new Error('nothing is blocked')
  return mine
}

const shown = async (userId: string) =>
  (await served.call<Trialist>('GET', `/api/trialists/${userId}`)).body.messages

describe('an email that could not be written', () => {
  test('is listed with its reason, on the trialist too, and sent by hand once the cause is gone', async () => {
    const mine = await arrive('ann')
    expect(mine).toMatchObject({ kind: 'welcome', why: noSeats })
    expect(await shown('ann')).toMatchObject([
      { key: mine.key, blocked: { why: noSeats, usefulUntil: mine.usefulUntil } },
    ])
    const retry = () =>
      served.call<Trialist>('POST', '/api/trialists/ann/retries', { body: { key: mine.key } })
    expect((await retry()).status).toBe(200)
    await served.server.dueLoop.drain()
    expect(await blocked()).toMatchObject([{ key: mine.key, why: noSeats }])

    isBlocking = false
    expect((await retry()).status).toBe(200)
    await served.server.dueLoop.drain()
    expect(sent).toEqual(['ann@example.com'])
    expect(await blocked()).toEqual([])
    expect((await retry()).status).toBe(404)
  })

  test('goes by itself when a fact about the person moves', async () => {
    await arrive('ben')
    isBlocking = false
    served.clock.advance(11 * minuteMs)
    await served.call('PUT', '/api/trialists/ben', { body: { traits: { seats: 4 } } })
    await served.server.dueLoop.drain()
    expect(sent).toEqual(['ben@example.com'])
    expect(await blocked()).toEqual([])
  })

  test('goes by itself when the cause was no fact about the person, such as a template', async () => {
    await arrive('cleo')
    const { blockedEmails } = served.server.services
    await blockedEmails.retry()
    await served.server.dueLoop.drain()
    expect(sent).toEqual([])
    isBlocking = false
    await blockedEmails.retry()
    await served.server.dueLoop.drain()
    expect(sent).toEqual(['cleo@example.com'])
  })

  test('leaves the list when it would be of no more use, and nothing is sent late', async () => {
    const { usefulUntil, key } = await arrive('dora')
    served.clock.set(Date.parse(usefulUntil) + hourMs)
    isBlocking = false
    expect((await blocked()).filter(({ userId }) => userId === 'dora')).toEqual([])
    const answer = await served.call('POST', '/api/trialists/dora/retries', { body: { key } })
    expect(answer.status).toBe(404)
    expect((await shown('dora')).find((message) => message.key === key)?.blocked).toBeNull()
    served.clock.advance(dayMs)
  })
})
