import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayMs, minuteMs, secondMs } from '../../shared/clock.ts'
import type { Card } from '../../shared/ext.ts'
import { extensionId } from '../../shared/extension-id.ts'
import { type EmailAddress, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { buildTrial, someTime } from '../support/build-trial.ts'
import { admin, type ServedApi, serveApi } from '../support/serve-api.ts'

/** The server’s side of the Gmail companion over real HTTP: sign-in, look-up, extensions and what is written down. */

const redirectUri = `https://${extensionId}.chromiumapp.org/cb`
const verifier = randomBytes(48).toString('base64url')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

let api: ServedApi
let token: string
beforeAll(async () => {
  api = await serveApi(someTime)
  token = (await tokens()).access_token
})
afterAll(() => api.close())

interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
  rep: string
}

const form = (path: string, fields: Record<string, string>) =>
  fetch(api.server.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const ask = {
  client_id: 'trialpace-extension',
  response_type: 'code',
  code_challenge_method: 'S256',
  code_challenge: sha256(verifier),
  redirect_uri: redirectUri,
  state: 'state-1',
}

async function code(): Promise<string> {
  const answer = await form('/oauth/authorize', { ...ask, ...admin, action: 'sign-in' })
  expect(answer.status).toBe(303)
  const target = new URL(answer.headers.get('location') ?? '')
  expect(target.origin + target.pathname).toBe(redirectUri)
  expect(target.searchParams.get('state')).toBe('state-1')
  return target.searchParams.get('code') ?? ''
}

const redeem = (fields: Record<string, string>) =>
  form('/oauth/token', {
    client_id: 'trialpace-extension',
    grant_type: 'authorization_code',
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...fields,
  })
const refresh = (refreshToken: string) =>
  form('/oauth/token', {
    client_id: 'trialpace-extension',
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  })
const tokens = async (): Promise<Tokens> => (await (await redeem({ code: await code() })).json()) as Tokens

const ext = <T = { card: Card }>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  key = token,
) => api.call<T>(method, `/api/ext/v1${path}`, { key, headers, ...(body !== undefined && { body }) })

const lookUp = (emails: string[], key = token) =>
  ext<{ cards: Record<string, Card | null>; ownDomains: string[] }>('POST', '/lookup', { emails }, {}, key)

async function trialist(userId: string): Promise<Card> {
  const email = `${userId}@example.com`
  await api.call('PUT', `/api/trialists/${userId}`, { body: { email, name: userId } })
  return (await lookUp([email])).body.cards[email] as Card
}

const extension = (card: Card, more: object = {}) => ({
  days: 3,
  reason: 'Needs more time',
  expectedEnd: card.endsAt,
  source: { app: 'gmail', threadId: 't1' },
  ...more,
})
const extend = (card: Card, key: string, more: object = {}) =>
  ext<{ card: Card; extensionId: string; type: string; detail?: string }>(
    'POST',
    `/trials/${card.userId}/extensions`,
    extension(card, more),
    { 'Idempotency-Key': key },
  )
const granted = async (card: Card) => (await lookUp([card.email])).body.cards[card.email]?.extensions ?? []

interface AuditRow {
  by: string
  action: string
  subject: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}
const newestAudit = async (): Promise<AuditRow> =>
  (await api.call<{ rows: AuditRow[] }>('GET', '/api/audit?limit=1')).body.rows[0] as AuditRow

test('/.well-known/trialpace tells the extension all it needs to sign in', async () => {
  const { status, body } = await api.call<Record<string, unknown>>('GET', '/.well-known/trialpace', {
    key: null,
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({ product: 'trialpace', protocol: 1, minProtocol: 1 })
  expect(new URL(String(body.tokenEndpoint)).pathname).toBe('/oauth/token')
})

describe('signing in', () => {
  test('gives a short access token and a refresh token for a code and its verifier', async () => {
    const answer = await redeem({ code: await code() })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900, rep: 'Admin' })
  })

  test.each([
    ['a wrong verifier', { code_verifier: randomBytes(48).toString('base64url') }],
    ['another redirect address', { redirect_uri: 'https://evil.example/cb' }],
    ['another client', { client_id: 'someone-else' }],
  ])('refuses a code with %s, and then for good', async (_name, wrong) => {
    const fresh = await code()
    expect((await redeem({ code: fresh, ...wrong })).status).toBe(400)
    if (!('client_id' in wrong)) expect((await redeem({ code: fresh })).status).toBe(400)
  })

  test('takes a code once and for a minute', async () => {
    const once = await code()
    expect((await redeem({ code: once })).status).toBe(200)
    expect((await redeem({ code: once })).status).toBe(400)
    const late = await code()
    api.clock.advance(61 * secondMs)
    expect((await redeem({ code: late })).status).toBe(400)
  })

  test('takes a code once also when it comes twice at the same time', async () => {
    const once = await code()
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await redeem({ code: once })).status),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  })

  test.each([
    ['a foreign redirect address', { redirect_uri: 'https://evil.example/cb' }],
    ['one that only begins alike', { redirect_uri: `${redirectUri}/more` }],
    ['no S256', { code_challenge_method: 'plain' }],
    ['no challenge', { code_challenge: '' }],
    ['another client', { client_id: 'someone-else' }],
  ])('sends nobody anywhere with %s', async (_name, wrong) => {
    const query = new URLSearchParams({ ...ask, ...wrong })
    for (const answer of [
      await fetch(`${api.server.url}/oauth/authorize?${query}`, { redirect: 'manual' }),
      await form('/oauth/authorize', { ...ask, ...wrong, ...admin, action: 'sign-in' }),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('location')).toBeNull()
      expect(await answer.text()).toContain('That did not work')
    }
  })

  test('names no field that was wrong and shows nothing of the password', async () => {
    const answer = await form('/oauth/authorize', {
      ...ask,
      email: admin.email,
      password: 'wrong',
      action: 'sign-in',
      state: '"><script>alert(1)</script>',
    })
    const html = await answer.text()
    expect(html).toContain('E-mail address or password is wrong.')
    expect(html).not.toContain('<script')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('renews with a refresh token once; one that comes again ends the whole family', async () => {
    const first = await tokens()
    const second = (await (await refresh(first.refresh_token)).json()) as Tokens
    expect((await lookUp(['a@example.com'], first.access_token)).status).toBe(401)
    expect((await lookUp(['a@example.com'], second.access_token)).status).toBe(200)
    expect((await refresh(first.refresh_token)).status).toBe(400)
    expect((await lookUp(['a@example.com'], second.access_token)).status).toBe(401)
    expect((await refresh(second.refresh_token)).status).toBe(400)
  })

  test('lets an access token go after 15 minutes, and all when signed out', async () => {
    const pair = await tokens()
    api.clock.advance(15 * minuteMs + 1)
    expect((await lookUp(['a@example.com'], pair.access_token)).status).toBe(401)
    const renewed = (await (await refresh(pair.refresh_token)).json()) as Tokens
    expect((await form('/oauth/revoke', { token: renewed.refresh_token })).status).toBe(200)
    expect((await lookUp(['a@example.com'], renewed.access_token)).status).toBe(401)
    expect((await form('/oauth/revoke', { token: 'unknown' })).status).toBe(200)
    token = (await tokens()).access_token
  })

  test('keeps digests of codes and tokens only', async () => {
    const pair = await tokens()
    const { documents } = api.server.storage
    const stored = JSON.stringify([
      await documents.list('oauth-family', { limit: 100 }),
      await documents.list('oauth-code', { limit: 100 }),
    ])
    for (const secret of [pair.access_token, pair.refresh_token])
      expect(stored).not.toContain(secret.split('.')[1])
  })

  test.each([
    ['PUT', '/api/trialists/someone', { email: 'x@example.com' }],
    ['PUT', '/api/playbook', {}],
    ['POST', '/api/keys', { label: 'mine' }],
    ['GET', '/api/keys', undefined],
    ['GET', '/api/accounts', undefined],
    ['GET', '/api/audit', undefined],
    ['DELETE', '/api/trialists/someone', undefined],
    ['GET', '/api/trialists/someone/export', undefined],
  ])('does not open %s %s', async (method, path, body) => {
    const answer = await api.call(method, path, { key: token, ...(body && { body }) })
    expect(answer.status).toBe(403)
  })
})

describe('looking up', () => {
  test('knows an address in any case and answers null for the others', async () => {
    await trialist('cases')
    const { body } = await lookUp(['CASES@Example.com', 'nobody@example.com', 'not an address'])
    expect(Object.keys(body.cards).sort()).toEqual([
      'cases@example.com',
      'nobody@example.com',
      'not an address',
    ])
    expect(body.cards['cases@example.com']).toMatchObject({ userId: 'cases', status: 'trialing' })
    expect(body.cards['nobody@example.com']).toBeNull()
    expect(body.ownDomains).toEqual(['@acme.example'])
  })

  test('takes 100 addresses and not one more', async () => {
    const many = Array.from({ length: 101 }, (_, n) => `p${n}@example.com`)
    expect((await lookUp(many.slice(1))).status).toBe(200)
    expect((await lookUp(many)).status).toBe(400)
    expect((await lookUp([])).status).toBe(400)
  })

  test('tells nothing about people of another workspace', async () => {
    const workspaceId = 'other' as WorkspaceId
    const saved = await api.server.storage.trials.save(
      buildTrial({
        workspaceId,
        userId: 'foreign',
        person: { email: 'foreign@example.com' as EmailAddress },
      }),
    )
    expect(saved).not.toBeNull()
    expect((await lookUp(['foreign@example.com'])).body.cards).toEqual({ 'foreign@example.com': null })
    const { status } = await ext('POST', '/trials/foreign/notes', { text: 'x' })
    expect(status).toBe(404)
  })

  test('means the newest of several trials with one address', async () => {
    const body = { email: 'twice@example.com' }
    await api.call('PUT', '/api/trialists/twice-old', { body })
    api.clock.advance(minuteMs)
    await api.call('PUT', '/api/trialists/twice-new', { body })
    expect((await lookUp([body.email])).body.cards[body.email]?.userId).toBe('twice-new')
  })
})

describe('extending', () => {
  test('moves the end, says what moved and writes down who, before, after, why and from where', async () => {
    const card = await trialist('mover')
    const { status, body } = await extend(card, randomUUID())
    expect(status).toBe(201)
    expect(Date.parse(body.card.endsAt ?? '') - Date.parse(card.endsAt ?? '')).toBe(3 * dayMs)
    expect(body.card.extensions).toMatchObject([{ by: 'Admin', reason: 'Needs more time', undoable: true }])
    expect(await newestAudit()).toMatchObject({
      by: expect.stringMatching(/^account:/),
      action: 'trial.extend',
      before: { endsAt: card.endsAt },
      after: {
        endsAt: body.card.endsAt,
        reason: 'Needs more time',
        source: { app: 'gmail', threadId: 't1' },
      },
    })
  })

  test('needs an Idempotency-Key', async () => {
    const card = await trialist('keyless')
    const { status } = await ext('POST', '/trials/keyless/extensions', extension(card))
    expect(status).toBe(400)
  })

  test('grants one extension for one key, and takes no other request under it', async () => {
    const card = await trialist('once')
    const key = randomUUID()
    const first = await extend(card, key)
    const again = await extend(card, key)
    expect(again.status).toBe(201)
    expect(again.body.card.endsAt).toBe(first.body.card.endsAt)
    const other = await extend(card, key, { days: 14 })
    expect(other.status).toBe(409)
    expect(other.body.type).toContain('idempotency-conflict')
    expect(await granted(card)).toHaveLength(1)
  })

  test('still grants one when the kept answer was lost, as after a crash between the change and its answer', async () => {
    const card = await trialist('crashed')
    const key = randomUUID()
    await extend(card, key)
    const { documents } = api.server.storage
    for (const { id } of await documents.list('idempotency', { limit: 1000 }))
      await documents.delete('idempotency', id)
    expect((await extend(card, key)).status).toBe(201)
    expect(await granted(card)).toHaveLength(1)
  })

  test('grants exactly one of concurrent requests under one key: 25 rounds of 8', async () => {
    for (let round = 0; round < 25; round++) {
      const card = await trialist(`race-${round}`)
      const key = randomUUID()
      const answers = await Promise.all(Array.from({ length: 8 }, () => extend(card, key)))
      for (const { status } of answers) expect([201, 409]).toContain(status)
      expect(answers.some(({ status }) => status === 201)).toBe(true)
      expect(await granted(card)).toHaveLength(1)
    }
  })

  test('lets one of two reps win and shows the other how things stand', async () => {
    for (let round = 0; round < 10; round++) {
      const card = await trialist(`reps-${round}`)
      const answers = await Promise.all([extend(card, randomUUID()), extend(card, randomUUID(), { days: 7 })])
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
      expect(lost?.body.card.endsAt).toBe(won?.body.card.endsAt)
      expect(lost?.body.card.extensions).toHaveLength(1)
      expect(lost?.body.detail).toContain('not the one you saw')
    }
  })

  test('stays inside the policy', async () => {
    const card = await trialist('greedy')
    const { status, body } = await extend(card, randomUUID(), { days: card.extend.maxDays + 1 })
    expect(status).toBe(422)
    expect(body.type).toContain('policy-refused')
    expect(await granted(card)).toEqual([])
  })

  test('asks for days or a date, not both, and for a known form', async () => {
    const card = await trialist('odd')
    for (const more of [
      { until: card.endsAt },
      { days: undefined },
      { days: 0 },
      { days: 1.5 },
      { extra: 1 },
    ])
      expect((await extend(card, randomUUID(), more)).status).toBe(400)
  })

  test('can be taken back until a mail has told the new end', async () => {
    const card = await trialist('undoer')
    const undo = (id: string) => ext('DELETE', `/trials/undoer/extensions/${id}`)
    const first = await extend(card, randomUUID())
    const undone = await undo(first.body.extensionId)
    expect(undone.status).toBe(200)
    expect(undone.body.card.endsAt).toBe(card.endsAt)
    expect(await newestAudit()).toMatchObject({
      action: 'trial.extension.undo',
      after: { endsAt: card.endsAt },
    })

    const second = await extend(undone.body.card, randomUUID())
    const { trials } = api.server.storage
    const workspace = api.server.services.workspaces.all()[0]
    const stored = await trials.get(trialIdOfUser(workspace?.id as WorkspaceId, 'undoer'))
    if (!stored) throw new Error('no trial')
    await trials.save({ ...stored, clock: { ...stored.clock, quotedEndsAt: stored.clock.endsAt } })
    expect((await lookUp([card.email])).body.cards[card.email]?.extensions[0]?.undoable).toBe(false)
    expect((await undo(second.body.extensionId)).status).toBe(422)
    expect((await undo('unknown')).status).toBe(404)
  })
})

describe('the rest of the card', () => {
  test('pauses and resumes', async () => {
    await trialist('sleeper')
    const until = new Date(api.clock.now() + 7 * dayMs).toISOString()
    expect((await ext('POST', '/trials/sleeper/pause', { until })).body.card.pausedUntil).toBe(until)
    expect(await newestAudit()).toMatchObject({ action: 'trial.pause' })
    expect((await ext('POST', '/trials/sleeper/pause', { until: null })).body.card.pausedUntil).toBeNull()
  })

  test('skips the next mail once', async () => {
    const card = await trialist('skipper')
    const ruleId = card.next?.ruleId
    const { status, body } = await ext('POST', '/trials/skipper/skip', { ruleId })
    expect(status).toBe(200)
    expect(body.card.next?.ruleId).not.toBe(ruleId)
    expect(body.card.recent[0]).toMatchObject({ outcome: 'skipped' })
  })

  test('keeps notes, newest first, and their text out of the audit', async () => {
    await trialist('noted')
    await ext('POST', '/trials/noted/notes', { text: 'first' })
    api.clock.advance(secondMs)
    const { body } = await ext('POST', '/trials/noted/notes', { text: '  <b>second</b> ' })
    expect(body.card.notes.map(({ text, by }) => [text, by])).toEqual([
      ['<b>second</b>', 'Admin'],
      ['first', 'Admin'],
    ])
    const row = await newestAudit()
    expect(row).toMatchObject({ action: 'trialist.note', after: { note: body.card.notes[0]?.id } })
    expect(JSON.stringify(row)).not.toContain('second')
    expect((await ext('POST', '/trials/noted/notes', { text: ' ' })).status).toBe(400)
  })

  test('keeps notes of people apart whose ids begin alike', async () => {
    await trialist('alike')
    await api.call('PUT', '/api/trialists/alike%2Fmore', { body: { email: 'more@example.com' } })
    const { status } = await ext('POST', '/trials/alike%2Fmore/notes', { text: 'about the other' })
    expect(status).toBe(200)
    expect((await lookUp(['alike@example.com'])).body.cards['alike@example.com']?.notes).toEqual([])
  })

  test('knows an owner, with before and after in the audit', async () => {
    await trialist('owned')
    await ext('POST', '/trials/owned/owner', { owner: 'Dana' })
    const { body } = await ext('POST', '/trials/owned/owner', { owner: 'Kim' })
    expect(body.card.owner).toBe('Kim')
    expect(await newestAudit()).toMatchObject({
      action: 'trialist.owner',
      before: { owner: 'Dana' },
      after: { owner: 'Kim' },
    })
  })

  test('relabels a reply', async () => {
    await trialist('replied')
    const { body } = await ext('POST', '/trials/replied/reply-label', { label: 'negative' })
    expect(body.card.replyLabel).toBe('negative')
    expect(await newestAudit()).toMatchObject({
      action: 'trialist.reply-label',
      before: { label: null },
      after: { label: 'negative' },
    })
    expect((await ext('POST', '/trials/replied/reply-label', { label: 'rude' })).status).toBe(400)
  })

  test('writes snippets with this person’s figures, or says what is missing', async () => {
    await trialist('writer')
    const offer = await ext<{ text: string }>('POST', '/trials/writer/snippets/extension_offer', {})
    expect(offer.body.text).toMatch(/^Your trial of .+ ends on .+\d/)
    const value = await ext<{ detail: string }>('POST', '/trials/writer/snippets/value_so_far', {})
    expect([value.status, value.body.detail]).toEqual([422, expect.stringContaining('Nothing has been done')])
  })

  test('leaves an audit chain that is whole', async () => {
    const { body } = await api.call<{ intact: boolean }>('GET', '/api/audit/verify')
    expect(body.intact).toBe(true)
  })
})

describe('erasure', () => {
  test('takes notes, labels and the owner along, and can be repeated after a crash', async () => {
    await trialist('gone')
    await ext('POST', '/trials/gone/notes', { text: 'private' })
    await ext('POST', '/trials/gone/owner', { owner: 'Dana' })
    await ext('POST', '/trials/gone/reply-label', { label: 'positive' })
    const { documents } = api.server.storage
    const crashing = documents.delete
    documents.delete = (kind, id) =>
      kind === 'owner' ? Promise.reject(new Error('power cut')) : crashing.call(documents, kind, id)
    const first = await api.call('DELETE', '/api/trialists/gone')
    documents.delete = crashing
    expect(first.status).toBe(500)
    expect((await api.call('DELETE', '/api/trialists/gone')).status).toBe(200)
    expect((await api.call('DELETE', '/api/trialists/gone')).status).toBe(404)
    for (const kind of ['note', 'owner', 'reply-label', 'erasure']) {
      const left = await documents.list<unknown>(kind, { limit: 1000 })
      expect(left.filter(({ id }) => id.includes(':u:gone'))).toEqual([])
    }
    // Only an objection of their own would have stayed.
    await api.call('PUT', '/api/trialists/gone-again', { body: { email: 'gone@example.com' } })
    const { body } = await api.call<{ suppressed: unknown }>('GET', '/api/trialists/gone-again')
    expect(body.suppressed).toBeNull()
  })
})
