import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import type { InboundResult } from '../../../server/features/inbound/inbound.ts'
import type { Mailer, OutgoingMail, SendResult } from '../../../server/ports.ts'
import { StorageUnavailable } from '../../../server/storage/port.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { type InboundSample, inboundSamples } from '../../support/inbound-samples.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

const mailDomain = 'corkboard.example'
const workspaceId = 'main' as WorkspaceId

const sent: OutgoingMail[] = []
let refusal: SendResult | Error | null = null
const mailer: Mailer = {
  async send(mail, gate) {
    if (refusal instanceof Error) throw refusal
    if (refusal) return refusal
    if (!(await gate())) return { state: 'refused' }
    sent.push(mail)
    return { state: 'accepted', answer: '250 ok' }
  },
  verify: async () => ({ ok: true }),
  close: async () => {},
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(Date.UTC(2026, 10, 23, 9, 30), {
    env: { INBOUND_DOMAIN: mailDomain, API_RATE_LIMIT: '100000' },
    overrides: {
      mailer,
      playbook: {
        ...defaultPlaybook,
        senders: {
          ...defaultPlaybook.senders,
          rep: { ...defaultPlaybook.senders.rep, address: 'dana@corkboard.example' },
        },
        messages: defaultPlaybook.messages.map((rule) =>
          rule.kind === 'welcome' ? { ...rule, window: 'any' as const } : rule,
        ),
      },
    },
  })
})
afterAll(() => api.close())
beforeEach(() => {
  refusal = null
})

/** Trialists who have just been welcomed. @returns the token of each one’s email. */
async function welcome(users: readonly string[]): Promise<string[]> {
  for (const user of users)
    await api.call('PUT', `/api/trialists/${user}`, { body: { email: `${user}@customer.example` } })
  await api.server.dueLoop.drain()
  return users.map(
    (user) =>
      sent
        .findLast(({ to }) => to.address === `${user}@customer.example`)
        ?.unsubscribe?.url.split('/u/')[1] ?? '',
  )
}

const samplesAbout = (token: string): InboundSample[] =>
  inboundSamples({
    token,
    secret: api.server.services.workspaces.get(workspaceId)?.linkSecret ?? '',
    mailDomain,
  })

/** A second team on the same server. @returns its secret key. */
async function otherWorkspace(): Promise<string> {
  const { storage, services } = api.server
  const main = await storage.documents.get('workspace', workspaceId)
  if (!main) throw new Error('there is no workspace')
  const key = 'sk_other_0123456789abcdef'
  const seal = (field: string) => services.vault.seal('another secret', `other/${field}`)
  await storage.documents.put('workspace', 'other', {
    ...main.body,
    writeKey: 'pk_other',
    identitySecret: seal('identitySecret'),
    linkSecret: seal('linkSecret'),
    secretKeys: [
      {
        id: 'other-key',
        label: '',
        hint: '',
        createdAt: 0,
        expiresAt: null,
        hash: createHash('sha256').update(key).digest('base64url'),
      },
    ],
  })
  await services.workspaces.refresh()
  return key
}

let people = 0
/** A new trialist who got an email, and what comes back about it. */
async function sampleFor(kind: string, name: string) {
  const user = `person-${people++}`
  const [token = ''] = await welcome([user])
  const sample = samplesAbout(token).find((s) => s.kind === kind && s.name === name)
  if (!sample) throw new Error(`there is no sample ${kind}/${name}`)
  return { token, user, ...sample }
}

const post = <T = InboundResult>(
  raw: Buffer,
  {
    envelope,
    ...options
  }: { envelope?: InboundSample['envelope']; key?: string; headers?: Record<string, string> } = {},
) => {
  const query = new URLSearchParams(envelope ? { from: envelope.from } : {})
  for (const to of envelope?.to ?? []) query.append('to', to)
  return api.call<T>('POST', `/api/inbound?${query}`, {
    body: raw.toString(),
    ...options,
    headers: { 'Content-Type': 'message/rfc822', ...options.headers },
  })
}

const trialOf = (user: string) => api.server.storage.trials.get(trialIdOfUser(workspaceId, user))

describe('the figures', () => {
  const actionOf = async (id: string) => {
    const { body } = await api.call<{ metrics: { id: string; action: string | null }[] }>('GET', '/api/kpis')
    return body.metrics.find((metric) => metric.id === id)?.action
  }

  it('ask for a door until something about a mail of ours has come in', async () => {
    const { raw, envelope } = await sampleFor('soft_bounce', 'mailbox-full-4xx')
    await post(Buffer.from('Subject: about nothing\r\n\r\nHello'))
    expect(await actionOf('positive_replies')).toContain('/api/inbound')
    await post(raw, { envelope })
    expect(await actionOf('positive_replies')).toBeNull()
  })
})

describe('mail that comes back over HTTP', () => {
  it.each([
    ['with its envelope', true],
    ['with its headers alone', false],
  ])('is told apart like over SMTP, %s', async (_, isEnveloped) => {
    const count = samplesAbout('A'.repeat(22)).length
    const users = Array.from({ length: count }, (_, i) => `corpus-${isEnveloped}-${i}`)
    const tokens = await welcome(users)
    const wrong: unknown[] = []
    for (const [i, token] of tokens.entries()) {
      const sample = samplesAbout(token)[i] as InboundSample
      const { status, body } = await post(sample.raw, isEnveloped ? { envelope: sample.envelope } : {})
      if (status !== 200 || body.kind !== sample.kind || body.token !== token)
        wrong.push({ sample: `${sample.kind}/${sample.name}`, status, body, token })
    }
    expect(wrong).toEqual([])
  })

  it('has its effect once, however often it is brought', async () => {
    const { raw, envelope, user, token } = await sampleFor('reply', 'gmail-english')
    const before = sent.length
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(raw, { envelope })))
    expect(answers.filter(({ body }) => !body.repeated)).toHaveLength(1)
    expect((await post(raw, { envelope })).body).toMatchObject({ kind: 'reply', token, repeated: true })
    expect(sent.slice(before).map(({ to }) => to.address)).toEqual(['dana@corkboard.example'])
    expect((await trialOf(user))?.contact.repliedAt).toBe(api.clock.now())
  })

  it.each<[string, SendResult | Error]>([
    ['the database is away', new StorageUnavailable('away')],
    [
      'the reply cannot be handed on',
      { state: 'deferred', answer: '451 later', code: 451, stage: 'waiting' } as SendResult,
    ],
  ])('is asked for again when %s, and lost to nobody', async (_, trouble) => {
    const { raw, envelope } = await sampleFor('reply', 'outlook-german')
    refusal = trouble
    const refused = await post(raw, { envelope })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('content-type')).toContain('problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    refusal = null
    expect((await post(raw, { envelope })).body).toMatchObject({ kind: 'reply', repeated: false })
  })

  it('speaks of no other workspace’s mails, and stops mail in none', async () => {
    const key = await otherWorkspace()
    const { raw, envelope, user } = await sampleFor('hard_bounce', 'gmail-no-such-user')
    const { status, body } = await post(raw, { envelope, key })
    expect(status).toBe(200)
    expect(body).toMatchObject({ token: null, repeated: false })
    expect((await trialOf(user))?.contact.suppressed).toBeNull()
    expect((await post(raw, { envelope })).body.token).not.toBeNull()
    expect((await trialOf(user))?.contact.suppressed?.reason).toBe('hard_bounce')
  })
})

describe('a rep’s word on a reply', () => {
  const numerators = async () => {
    await api.server.services.metrics.measures.foldAll()
    const { body } = await api.call<{
      metrics: { id: string; numerator: number; others: { numerator: number }[] }[]
    }>('GET', '/api/kpis')
    const metric = body.metrics.find(({ id }) => id === 'positive_replies')
    return { positive: metric?.numerator ?? 0, replied: metric?.others[0]?.numerator ?? 0 }
  }

  it('overrules what the words sound like, and outlives counting anew', async () => {
    const before = await numerators()
    const { raw, envelope, user } = await sampleFor('reply', 'gmail-english')
    await post(raw, { envelope })
    const heard = { positive: before.positive + 1, replied: before.replied + 1 }
    expect(await numerators()).toEqual(heard)
    const label = (said: string) =>
      api.call('POST', `/api/ext/v1/trials/${user}/reply-label`, { body: { label: said } })
    expect((await label('automatic')).status).toBe(200)
    expect(await numerators()).toEqual(before)
    await label('negative')
    const negative = { ...before, replied: heard.replied }
    expect(await numerators()).toEqual(negative)
    expect((await api.call('POST', '/api/kpis/rebuild')).status).toBe(202)
    await api.server.services.jobs.runPending()
    expect(await numerators()).toEqual(negative)
    await label('positive')
    expect(await numerators()).toEqual(heard)
  })
})

describe('what is no mail', () => {
  it.each([
    ['nothing', '', 400],
    ['zero bytes', '\0\0\0', 200],
    ['no header at all', 'no header at all', 200],
    ['MIME without end', `${'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'.repeat(60)}x`, 200],
  ])('%s is answered with %s', async (_, raw, expected) => {
    expect((await post(Buffer.from(raw))).status).toBe(expected)
  })

  it.each(['application/x-www-form-urlencoded', 'application/json', 'multipart/form-data'])(
    'as %s is refused with the content type that helps',
    async (type) => {
      const { status, body } = await post<{ detail: string }>(Buffer.from('Subject: x\r\n\r\nx'), {
        headers: { 'Content-Type': type },
      })
      expect(status).toBe(400)
      expect(body.detail).toContain('message/rfc822')
    },
  )

  it('needs a key', async () => {
    expect((await post(Buffer.from('x'), { key: 'sk_wrong' })).status).toBe(401)
    expect((await api.call('POST', '/api/inbound', { key: null, body: 'x' })).status).toBe(401)
  })

  it('may have 10 MB and not a byte more', async () => {
    const { raw, envelope } = await sampleFor('auto_reply', 'german')
    const filled = (bytes: number) => Buffer.concat([raw, Buffer.alloc(bytes - raw.length, 'x')])
    expect((await post(filled(10 * 1024 * 1024), { envelope })).body.kind).toBe('auto_reply')
    const { status, body } = await post<{ detail: string }>(filled(10 * 1024 * 1024 + 1), { envelope })
    expect(status).toBe(413)
    expect(body.detail).toContain('10 MB')
  })

  it('may not hide behind a length that it does not have', async () => {
    const status = await new Promise((resolve, reject) => {
      const posting = request(
        `${api.server.url}/api/inbound`,
        {
          method: 'POST',
          headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'message/rfc822' },
        },
        (response) => resolve(response.resume().statusCode),
      )
      posting.on('error', reject)
      for (let megabytes = 0; megabytes < 11; megabytes++) posting.write(Buffer.alloc(1024 * 1024, 'x'))
      posting.end()
    })
    expect(status).toBe(413)
  })
})
