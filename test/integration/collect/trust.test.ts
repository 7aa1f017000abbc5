import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayMs } from '../../../shared/clock.ts'
import { type CollectAnswer, collectAnswerSchema } from '../../../shared/collect.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { identityModes } from '../../../shared/trust.ts'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, secretKey, serveApi, writeKey } from '../../support/serve-api.ts'

/** Every level of trust times everything that can be done to a named user, over real HTTP, in both modes. */

const secret = 'identity-secret-of-the-trust-table-0123456789'
const levels = ['visitor', 'unsigned', 'signed', 'secret'] as const
type Level = (typeof levels)[number]
const activating = ['Setup Completed', 'First Result', 'Teammate Invited', 'First Result', 'First Result']

let api: ServedApi
let serial = 0
beforeAll(async () => {
  api = await serveApi(someTime, { env: { TRIALPACE_IDENTITY_SECRET: secret } })
})
afterAll(() => api.close())

const sign = (claims: Record<string, unknown>) => {
  const now = Math.floor(api.clock.now() / 1000)
  return new SignJWT({ iat: now, exp: now + 1800, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}

/** Messages about `userId` as that level sends them: a visitor names no one. */
async function send(
  level: Level,
  userId: string,
  batch: readonly Record<string, unknown>[],
  { anonymousId, claims = {}, as = userId }: { anonymousId?: string; claims?: object; as?: string } = {},
): Promise<CollectAnswer> {
  const who =
    level === 'visitor'
      ? { anonymousId: anonymousId ?? `v-${userId}` }
      : { userId, ...(anonymousId && { anonymousId }) }
  const response = await fetch(`http://127.0.0.1:${api.server.port}/v1/batch`, {
    method: 'POST',
    body: JSON.stringify({
      writeKey: level === 'secret' ? secretKey : writeKey,
      batch: batch.map((message) => ({ messageId: `t-${++serial}`, ...message, ...who })),
      nudges: true,
      ...(level === 'signed' && { identityToken: await sign({ sub: as, ...claims }) }),
    }),
  })
  return collectAnswerSchema.parse(await response.json())
}
const track = (event: string, more: object = {}) => ({ type: 'track', event, ...more })

async function customer(id: string) {
  await api.call('PUT', `/api/trialists/${id}`, {
    body: { email: `${id}@corp.example`, name: 'Vic', traits: { employees: 10 }, timeZone: 'Europe/London' },
  })
  await send('secret', id, [track('First Result'), track('First Result')])
}
const trialist = async (id: string) => (await api.call<Trialist>('GET', `/api/trialists/${id}`)).body
const exists = async (id: string) => (await api.call('GET', `/api/trialists/${id}`)).status === 200
const counted = async (id: string, event: string) => (await trialist(id)).counts?.[event] ?? 0
const mailsFor = async (id: string) => {
  const { next, messages } = await trialist(id)
  return [next?.kind, ...messages.map(({ kind }) => kind)]
}

type Verdict = boolean
/** Whether each level may, where identities are required / in a trusting workspace. */
const table: Record<
  string,
  {
    may: Record<Level, [required: Verdict, trusting: Verdict]>
    done: (level: Level, id: string) => Promise<Verdict>
  }
> = {
  'read the snapshot and counters of a named user': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [false, false] },
    async done(level, id) {
      await customer(id)
      const answer = await send(level, id, [track('x')], { anonymousId: `v-${id}` })
      // A visitor is told about the visitor.
      const counts = answer.trial?.milestones.find(({ event }) => event === 'First Result')?.count ?? 0
      expect(JSON.stringify(answer)).not.toContain('corp.example')
      return counts === 2
    },
  },
  'see nudges that were decided for a named user': {
    may: { visitor: [false, false], unsigned: [false, true], signed: [true, true], secret: [false, false] },
    async done(level, id) {
      await customer(id)
      const answer = await send(level, id, [track('x')])
      if (level === 'visitor') return false
      return answer.nudges !== undefined
    },
  },
  'count usage for a named user': {
    may: { visitor: [false, false], unsigned: [false, true], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await customer(id)
      await send(level, id, [track('Report Made')], { anonymousId: `v-${id}` })
      return (await counted(id, 'Report Made')) === 1
    },
  },
  'start a trial': {
    may: { visitor: [false, false], unsigned: [false, true], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await send(level, id, [track('x')], { anonymousId: `v-${id}` })
      return exists(id)
    },
  },
  'date a trial': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      const startsAt = new Date(api.clock.now() - 40 * dayMs).toISOString()
      await send(level, id, [{ ...track('x'), timestamp: startsAt }])
      await send(level, id, [{ type: 'identify', traits: { trialEndsAt: '2030-01-01T00:00:00Z' } }], {
        claims: { trialEndsAt: '2030-01-01T00:00:00Z' },
      })
      if (!(await exists(id))) return false
      const { trial } = await trialist(id)
      return trial.startsAt === startsAt || trial.endsAt === '2030-01-01T00:00:00.000Z'
    },
  },
  'set an address': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await customer(id)
      const traits = { email: 'evil@x.example' }
      api.clock.advance(1000)
      await send(level, id, [{ type: 'identify', traits }], { claims: traits })
      return (await trialist(id)).email === 'evil@x.example'
    },
  },
  'keep traits of the team from finding room': {
    may: {
      visitor: [false, false],
      unsigned: [false, false],
      signed: [false, false],
      secret: [false, false],
    },
    async done(level, id) {
      await customer(id)
      if (level === 'visitor' || level === 'unsigned') {
        const junk = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`junk${n}`, n]))
        await send(level, id, [{ type: 'identify', traits: junk }])
      }
      api.clock.advance(1000)
      await api.call('PUT', `/api/trialists/${id}`, { body: { traits: { industry: 'steel' } } })
      const { traits } = await trialist(id)
      return traits.industry !== 'steel' || traits.employees !== 10
    },
  },
  'trigger an email': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await api.call('PUT', `/api/trialists/${id}`, { body: { email: `${id}@corp.example` } })
      await send(
        level,
        id,
        activating.map((event) => track(event)),
      )
      return (await mailsFor(id)).includes('upgrade_now')
    },
  },
  'silence a nudge of a named user': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await customer(id)
      const offered = async () =>
        (await send('signed', id, [track('x')])).nudges?.map((nudge) => nudge.id) ?? []
      const before = await offered()
      const [nudge] = api.server.services.playbooks.current('main' as never).nudges
      for (let n = 0; n < 3; n++)
        await send(level, id, [track('Nudge Dismissed', { properties: { nudge_id: nudge?.id } })])
      const stored = await api.server.storage.trials.get(`main:u:${id}` as never)
      return (
        (stored?.nudges[nudge?.id ?? '']?.dismissals ?? 0) > 0 || (await offered()).length < before.length
      )
    },
  },
  'take a visitor by alias': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await send('visitor', id, [track('Setup Completed')], { anonymousId: `prey-${id}` })
      await send(level, id, [{ type: 'alias', previousId: `prey-${id}` }])
      return (
        (await api.server.storage.trials.get(`main:a:prey-${id}` as never))?.mergedInto === `main:u:${id}`
      )
    },
  },
  'make the team’s own event a duplicate': {
    may: { visitor: [false, false], unsigned: [false, false], signed: [true, true], secret: [true, true] },
    async done(level, id) {
      await customer(id)
      await send(level, id, [{ ...track('junk'), messageId: `guess-${id}` }])
      const own = await send('secret', id, [{ ...track('Invoice Paid'), messageId: `guess-${id}` }])
      return own.duplicates === 1
    },
  },
}

describe.each(identityModes)('where identity is %s', (mode) => {
  beforeAll(async () => {
    await api.call('PUT', '/api/workspace/identity', { body: { identity: mode } })
  })
  for (const [deed, { may, done }] of Object.entries(table))
    test.each(levels)(`${deed}: %s`, async (level) => {
      const id = `${mode}-${level}-${++serial}`
      expect(await done(level, id)).toBe(may[level][mode === 'required' ? 0 : 1])
    })
})

describe('where identity is required', () => {
  beforeAll(async () => {
    await api.call('PUT', '/api/workspace/identity', { body: { identity: 'required' } })
  })

  test('unsigned events stay with the visitor until a signed identity absorbs them', async () => {
    await send('unsigned', 'late', [track('Report Made')], { anonymousId: 'late-browser' })
    expect(await exists('late')).toBe(false)
    await send('signed', 'late', [{ type: 'identify' }], { anonymousId: 'late-browser' })
    expect(await counted('late', 'Report Made')).toBe(1)
  })

  test('a named user without a visitor is rejected, with the way to sign', async () => {
    const answer = await send('unsigned', 'bare', [track('x')])
    expect(answer).toMatchObject({ accepted: 0, rejected: [{ code: 'identity_required' }] })
    expect(answer.help).toMatch(/HS256.*identityToken/)
  })

  test('a browser that belongs to someone gives nothing to another name', async () => {
    await send('signed', 'owner', [{ type: 'identify' }], { anonymousId: 'shared' })
    await send('unsigned', 'guest', [track('Report Made')], { anonymousId: 'shared' })
    expect(await counted('owner', 'Report Made')).toBe(0)
    await send('unsigned', 'owner', [track('Report Made')], { anonymousId: 'shared' })
    expect(await counted('owner', 'Report Made')).toBe(1)
  })

  test('a token for one user proves nothing of another', async () => {
    await customer('prey')
    const answer = await send('signed', 'prey', [track('x')], { as: 'mallory' })
    expect(answer).not.toHaveProperty('trial')
  })

  test('the set-up page is told whether the last identify was signed, and why not', async () => {
    const last = async () =>
      (await api.call<{ last: { signed: boolean; fault: string | null } }>('GET', '/api/workspace/identity'))
        .body.last
    for (const [level, options, fault] of [
      ['unsigned', {}, 'no_token'],
      ['signed', { as: 'another' }, 'other_user'],
      ['signed', { claims: { exp: Math.floor(someTime / 1000) - 99_999, iat: undefined } }, 'expired'],
      ['signed', { claims: { exp: Math.floor(api.clock.now() / 1000) + 9000 } }, 'lives_too_long'],
      ['signed', {}, null],
    ] as const) {
      api.clock.advance(5000)
      await send(level, 'page', [{ type: 'identify' }], { anonymousId: 'page', ...options })
      expect(await last()).toMatchObject({ signed: fault === null, fault })
    }
  })
})

test('the first trusted word begins a trial again that strangers had begun', async () => {
  await api.call('PUT', '/api/workspace/identity', { body: { identity: 'trusting' } })
  await send('unsigned', 'squatted', [track('x')])
  api.clock.advance(20 * dayMs)
  await api.call('PUT', '/api/trialists/squatted', { body: { email: 'real@corp.example' } })
  const { trial } = await trialist('squatted')
  expect(trial).toMatchObject({ status: 'trialing', startsAt: new Date(api.clock.now()).toISOString() })
})
