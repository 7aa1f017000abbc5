import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoPlaybook } from '../../../server/demo/demo-playbook.ts'
import type { Mailer, OutgoingMail } from '../../../server/ports.ts'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { shippedKinds, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { createFakeRenderer } from '../../support/fake-renderer.ts'
import { admin, type ServedApi, serveApi } from '../../support/serve-api.ts'

type Sending = AnswerOf<'GET /api/workspace/sending'>
type Preview = AnswerOf<'GET /api/workspace/release'>

/** A Wednesday morning, inside everyone’s send window. */
const start = Date.UTC(2026, 2, 4, 9)
const workspaceId = 'main' as WorkspaceId
const outside = (mails: readonly OutgoingMail[]) =>
  mails.map(({ to }) => to.address).filter((address) => address !== admin.email)

let api: ServedApi
let sent: OutgoingMail[]
let isBlocking: boolean

beforeEach(async () => {
  sent = []
  isBlocking = false
  const mailer: Mailer = {
    async send(mail, gate) {
      if (!(await gate())) return { state: 'refused' }
      sent.push(mail)
      return { state: 'accepted', answer: '250 ok' }
    },
    verify: async () => ({ ok: true }),
    close: async () => undefined,
  }
  const renderer = createFakeRenderer()
  api = await serveApi(start, {
    env: {
      TRIALPACE_RELEASED: 'false',
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'Boardly <hello@boardly.example>',
    },
    overrides: {
      mailer,
      playbook: demoPlaybook('http://127.0.0.1'),
      renderer: {
        ...renderer,
        render: async (request) =>
          isBlocking ? { ok: false, why: 'a number is missing' } : renderer.render(request),
      },
    },
  })
})
afterEach(() => api.close())

const arrive = (userId: string) =>
  api.call('PUT', `/api/trialists/${userId}`, { body: { email: `${userId}@customer.example` } })
const trialist = async (userId: string) => (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body
const stored = async (userId: string) => {
  const trial = await api.server.storage.trials.get(trialIdOfUser(workspaceId, userId))
  if (!trial) throw new Error(`there is no ${userId}`)
  return trial
}
const drain = () => api.server.dueLoop.drain()
const release = (body: unknown = {}) => api.call<Sending>('POST', '/api/workspace/release', { body })
const preview = async () => (await api.call<Preview>('GET', '/api/workspace/release')).body
const unheld = () =>
  expect
    .poll(async () => {
      const { jobs } = (await api.call<{ jobs: { state: string }[] }>('GET', '/api/jobs')).body
      return jobs.every(({ state }) => state === 'done')
    })
    .toBe(true)

async function activate(userId: string) {
  for (const event of [
    'Board Created',
    'Teammate Invited',
    'Card Completed',
    'Card Completed',
    'Card Completed',
  ])
    await api.call('POST', '/v1/track', { body: { userId, event } })
}

describe('before the release', () => {
  it('no path that sends reaches a person, and every kind of email was due', async () => {
    const held = new Set<string>()
    const people = ['ann', 'ben', 'cem']
    const look = async () => {
      await drain()
      for (const userId of people)
        for (const message of (await stored(userId)).outbox) if (message.held) held.add(message.kind)
    }
    const pass = async (from: number, to: number) => {
      for (let at = start + from * dayMs; at < start + to * dayMs; at += 6 * hourMs) {
        api.clock.set(at)
        await look()
      }
    }
    for (const userId of people) await arrive(userId)
    await activate('ann')
    await look()
    // A rep, and a trialist by a link, give more time: the email about it would go at once.
    await api.call('POST', '/api/trialists/ben/extensions', { body: { days: 7, reason: 'asked' } })
    await look()
    await pass(0, 45)
    // What an answered survey brings.
    const answer = { type: 'answerSurvey', answer: 'time', comment: null } as const
    await api.server.changes.change(trialIdOfUser(workspaceId, 'cem'), [answer, { type: 'advance' }])
    await pass(45, 49)
    expect([...held].sort()).toEqual([...shippedKinds].sort())

    // By hand: once more what could not be written, a person from an import, a person whose pause ends.
    await api.call('POST', '/api/trialists/ann/retries', { body: {} })
    await api.server.services.blockedEmails.retry()
    await api.call('POST', '/api/import', {
      body: 'userId,email\nzoe,zoe@customer.example\n',
      headers: { 'Content-Type': 'text/csv' },
    })
    await drain()
    expect(outside(sent)).toEqual([])
  }, 60_000)

  it('goes nowhere either when an email was claimed by a version that sent at once', async () => {
    await arrive('ann')
    await drain()
    const trial = await stored('ann')
    const [message] = trial.outbox
    if (!message) throw new Error('nothing was due')
    const { held: _, ...claimed } = message
    await api.server.storage.trials.save({
      ...trial,
      nextAt: start,
      outbox: [{ ...claimed, state: 'claimed', fence: 0 }],
    })
    await drain()
    expect((await stored('ann')).outbox).toMatchObject([{ state: 'due', held: { why: /not released/ } }])
    expect(sent).toEqual([])
  })

  it('emails to the team itself go: tests to colleagues, and links for a new password', async () => {
    const test = await api.call('POST', '/api/templates/welcome/test-send', { body: { to: admin.email } })
    expect(test.status).toBe(200)
    const toOutsider = await api.call('POST', '/api/templates/welcome/test-send', {
      body: { to: 'ann@customer.example' },
    })
    expect(toOutsider.status).toBe(403)
    await api.call('POST', '/api/session/reset-link', { key: null, body: { email: admin.email } })
    await expect.poll(() => sent.length).toBe(2)
    expect(outside(sent)).toEqual([])
  })

  it('knows every place that hands an email to the mail server', () => {
    const root = join(import.meta.dirname, '../../../server')
    const senders = readdirSync(root, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.ts') && /mailer\.send\(/.test(readFileSync(join(root, file), 'utf8')))
    expect(senders.sort()).toEqual([
      // To colleagues, and to the rep whom a person wrote to.
      'features/accounts/reset-email.ts',
      'features/inbound/forward-reply.ts',
      // To people: behind the release.
      'features/messages/send-message.ts',
      // To colleagues.
      'features/messages/send-test.ts',
    ])
  })

  it('says on the trialist that the email waits, and for what', async () => {
    await arrive('ann')
    await drain()
    expect((await trialist('ann')).next).toMatchObject({
      kind: 'welcome',
      at: null,
      why: 'held: the workspace is not released yet',
    })
  })
})

describe('the release', () => {
  it('is refused while something needed is missing, which it names; and goes through anyway', async () => {
    const refused = await release()
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('PUBLIC_URL') } })
    expect((await release({ anyway: true })).body).toMatchObject({ held: null, mode: 'normal' })
    const { body } = await api.call<Sending>('GET', '/api/workspace/sending')
    expect(body.releasedAt).not.toBeNull()
    expect(body.gaps.map(({ gap }) => gap)).toEqual(['publicUrl'])
  })

  it('sends what is still of use, drops what is not with its reason, and was foretold', async () => {
    await arrive('ann')
    await drain()
    // Three days on, a welcome would be of no use, and someone else arrives.
    api.clock.set(start + 3 * dayMs)
    await drain()
    api.clock.set(start + 6 * dayMs)
    await arrive('ben')
    await drain()
    const foretold = await preview()
    expect(foretold).toMatchObject({ complete: true })
    expect(foretold.kinds.welcome).toBe(1)
    await release({ anyway: true })
    await unheld()
    await drain()
    expect(outside(sent)).toHaveLength(foretold.people)
    expect(outside(sent)).toContain('ben@customer.example')
    const { decisions } = await trialist('ann')
    expect(decisions.filter(({ kind }) => kind === 'welcome')).toMatchObject([
      { outcome: 'skipped', why: /^held because the workspace is not released yet; then it came too late/ },
    ])
  })

  it('is kept over a restart and cannot be taken back by the environment', async () => {
    await release({ anyway: true })
    const { workspaces } = api.server.services
    await workspaces.start({ writeKey: null, secretKey: null, identitySecret: null, released: false })
    expect(workspaces.all()[0]?.sending.releasedAt).not.toBeNull()
  })
})

describe('the sending mode', () => {
  const setMode = (body: unknown) => api.call<Sending>('PUT', '/api/workspace/sending', { body })

  it('test: every email goes to one address, and names whom it was for', async () => {
    await release({ anyway: true })
    expect((await setMode({ mode: 'test' })).status).toBe(400)
    expect((await setMode({ mode: 'test', testAddress: 'qa@boardly.example' })).status).toBe(200)
    await arrive('ann')
    await drain()
    expect(outside(sent)).toEqual(['qa@boardly.example'])
    expect(sent.at(-1)?.headers['X-Trialpace-Intended-For']).toBe('ann@customer.example')
    await expect.poll(async () => (await trialist('ann')).messages[0]?.state).toBe('sent')
  })

  it('never: emails wait, and go when it is normal again', async () => {
    await release({ anyway: true })
    await setMode({ mode: 'never' })
    await arrive('ann')
    await drain()
    expect(sent).toEqual([])
    expect((await trialist('ann')).next?.why).toContain('set to send no email')
    await setMode({ mode: 'normal' })
    await unheld()
    await drain()
    expect(outside(sent)).toEqual(['ann@customer.example'])
  })
})

describe('a database of a version that sent at once', () => {
  /** As such a version left it: no word about sending. */
  async function forget() {
    const found = await api.server.storage.documents.get('workspace', workspaceId)
    if (!found) throw new Error('there is no workspace')
    const { sending: _, ...before } = found.body
    await api.server.storage.documents.put('workspace', workspaceId, before)
    await api.server.services.workspaces.start({ writeKey: null, secretKey: null, identitySecret: null })
    return api.server.services.workspaces.all()[0]?.sending.releasedAt
  }

  it('stays released when it has sent', async () => {
    await release({ anyway: true })
    await arrive('ann')
    await drain()
    expect(outside(sent)).toHaveLength(1)
    expect(await forget()).not.toBeNull()
  })

  it('waits for its release when it never has', async () => {
    await arrive('ann')
    await drain()
    expect(await forget()).toBeNull()
  })
})
