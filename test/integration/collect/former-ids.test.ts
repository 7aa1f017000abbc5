import { Analytics } from '@segment/analytics-node'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attachedTo } from '../../../server/storage/attached-to.ts'
import { refKey } from '../../../server/storage/documents/billing.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import {
  type CollectServer,
  identitySecret,
  secretKey,
  serveCollect,
  writeKey,
} from '../../support/serve-collect.ts'

/** `alias` of two known users, as in the Segment specification. */

let server: CollectServer
beforeEach(async () => {
  server = await serveCollect()
})
afterEach(() => server.close())

const workspaceId = 'main' as WorkspaceId
const basic = (key: string) => ({ Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` })

const send = async (key: string, batch: unknown[], more: object = {}) => {
  const response = await server.post('/v1/batch', { batch, ...more }, { headers: basic(key) })
  expect(response.status).toBe(200)
  return (await response.json()) as { accepted: number; rejected: unknown[] }
}

let sent = 0
const track = (userId: string, event = 'Board Created', messageId = `m-${++sent}`) => ({
  type: 'track',
  userId,
  event,
  messageId,
})
const alias = (userId: string, previousId: string) => ({
  type: 'alias',
  userId,
  previousId,
  messageId: `alias-${++sent}`,
})

const boards = async (userId: string) =>
  (await server.trialOf(userId))?.usage.counters['Board Created']?.count ?? 0

describe('two user ids that are one person', () => {
  it('are joined by the alias of Segment’s own client, once, with later events of the former id', async () => {
    const analytics = new Analytics({ writeKey: secretKey, host: server.origin })
    const failures: unknown[] = []
    analytics.on('error', (error) => failures.push(error))
    const timestamp = new Date(Date.now() - 3 * 86_400_000)
    analytics.identify({ userId: 'ann@old', traits: { email: 'ann@example.com', name: 'Ann' }, timestamp })
    analytics.track({ userId: 'ann@old', event: 'Board Created', timestamp })
    await analytics.flush()
    analytics.identify({ userId: '4711', traits: { name: 'Ann Lee' } })
    analytics.track({ userId: '4711', event: 'Board Created' })
    await analytics.flush()
    analytics.alias({ userId: '4711', previousId: 'ann@old' })
    analytics.alias({ userId: '4711', previousId: 'ann@old' })
    await analytics.flush()
    analytics.track({ userId: 'ann@old', event: 'Board Created' })
    await analytics.closeAndFlush()

    expect(failures).toEqual([])
    const trial = await server.trialOf('4711')
    expect(trial?.person).toMatchObject({ email: 'ann@example.com', name: 'Ann Lee' })
    expect(trial?.clock.startsAt).toBe(timestamp.getTime())
    expect(trial?.adopted).toEqual(['ann@old'])
    expect(await boards('4711')).toBe(3)
    expect((await server.trialOf('ann@old'))?.mergedInto).toBe(trial?.id)
    // No visitor is made of an id that is a user’s.
    expect(await server.visitor('ann@old')).toBeNull()
  })

  it('are joined when all of it comes in one request', async () => {
    await send(secretKey, [track('old'), track('new'), alias('new', 'old'), track('old')])
    expect(await boards('new')).toBe(3)
  })

  it('counts late events of the former id on a server that has not heard of the alias, once', async () => {
    await send(secretKey, [track('old'), track('new'), alias('new', 'old')])
    const other = await serveCollect({ storage: server.storage })
    const late = track('old', 'Board Created', 'late-1')
    const words = { type: 'identify', userId: 'old', traits: { seats: 5 }, messageId: 'late-2' }
    const post = () =>
      other.post('/v1/batch', { batch: [late, words] }, { headers: basic(secretKey) }).then((r) => r.json())
    expect(await post()).toMatchObject({ accepted: 2 })
    expect(await post()).toMatchObject({ duplicates: 2 })
    expect(await boards('new')).toBe(3)
    expect((await server.trialOf('new'))?.person.traits).toMatchObject({ seats: 5 })
    await other.collect.close()
    other.server.closeAllConnections()
    await new Promise((resolve) => other.server.close(resolve))
  })

  it('takes along the visitors of the former id', async () => {
    const visit = (messageId: string) => ({
      type: 'track',
      anonymousId: 'browser',
      event: 'Board Created',
      messageId,
    })
    await send(secretKey, [visit('v-1'), { ...track('old'), anonymousId: 'browser' }])
    await send(secretKey, [alias('new', 'old')])
    await send(secretKey, [visit('v-2'), { ...track('new'), anonymousId: 'browser' }])
    expect(await boards('new')).toBe(4)
  })

  it('follows a chain of ids, and an alias back changes nothing', async () => {
    await send(secretKey, [track('a'), track('b'), track('c')])
    await send(secretKey, [alias('b', 'a')])
    await send(secretKey, [alias('c', 'b')])
    await send(secretKey, [alias('a', 'c'), alias('b', 'a'), alias('a', 'a')])
    await send(secretKey, [track('a'), track('b')])
    expect(await boards('c')).toBe(5)
    expect((await server.trialOf('c'))?.mergedInto).toBeNull()
  })

  it('joins two that name each other at the same moment into one', async () => {
    await send(secretKey, [track('a'), track('b')])
    await Promise.all([send(secretKey, [alias('b', 'a')]), send(secretKey, [alias('a', 'b')])])
    const last = [await server.trialOf('a'), await server.trialOf('b')].filter(
      (trial) => trial?.mergedInto === null,
    )
    expect(last).toHaveLength(1)
    expect(last[0]?.usage.counters['Board Created']?.count).toBe(2)
  })

  it('need a trusted word: the public key joins no one, a signed identity only the id that its claims name', async () => {
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('new')
        .setExpirationTime('10m')
        .sign(new TextEncoder().encode(identitySecret))
    await send(secretKey, [track('old'), track('new')])
    await send(writeKey, [alias('new', 'old')])
    expect(await boards('new')).toBe(1)
    await send(writeKey, [alias('new', 'old')], { identityToken: await sign({}) })
    await send(writeKey, [alias('new', 'old')], { identityToken: await sign({ previousId: 'other' }) })
    expect(await boards('new')).toBe(1)
    expect((await server.trialOf('old'))?.mergedInto).toBeNull()
    await send(writeKey, [alias('new', 'old')], { identityToken: await sign({ previousId: 'old' }) })
    expect(await boards('new')).toBe(2)
    expect((await server.trialOf('old'))?.mergedInto).not.toBeNull()
  })

  it('keep what colleagues and the billing system say of the person, moved to the id that stays', async () => {
    const { documents } = server.storage
    const [from, into] = [trialIdOfUser(workspaceId, 'old'), trialIdOfUser(workspaceId, 'new')]
    await send(secretKey, [track('old'), track('new')])
    const note = { at: 1, by: 'Dana', text: 'Called.' }
    await documents.put('note', `${attachedTo(from)}n1`, note)
    await documents.put('owner', from, { owner: 'Dana' })
    const key = refKey('c1', 'sub_1')
    const link = {
      trialId: from,
      connectionId: 'c1',
      ref: 'sub_1',
      startedAt: null,
      agreement: { endsAt: null, refused: null, version: null },
      pushes: 0,
      readAt: null,
      status: 'trialing',
      leasedUntil: 5,
    }
    await documents.put('billing-link', from, link)
    const record = {
      connectionId: 'c1',
      ref: 'sub_1',
      workspaceId,
      trialId: from,
      isByHand: false,
      customerRef: null,
      money: { firstPaidAt: null, hasPaid: false, failedAt: null },
      seen: null,
    }
    await documents.put('billing-ref', key, record)
    for (let time = 0; time < 2; time++) {
      await send(secretKey, [alias('new', 'old')])
      expect((await documents.get('note', `${attachedTo(into)}n1`))?.body).toEqual(note)
      expect((await documents.get('owner', into))?.body).toEqual({ owner: 'Dana' })
      expect((await documents.get('billing-link', into))?.body).toEqual({
        ...link,
        trialId: into,
        leasedUntil: 0,
      })
      expect((await documents.get('billing-ref', key))?.body.trialId).toBe(into)
    }
    expect(await documents.list('note', { prefix: attachedTo(from), limit: 5 })).toEqual([])
    expect(await documents.get('owner', from)).toBeNull()
    expect(await documents.get('billing-link', from)).toBeNull()
  })

  it('both with a subscription keep both, and the owner of the one that stays', async () => {
    const { documents } = server.storage
    const link = (userId: string) => ({
      trialId: trialIdOfUser(workspaceId, userId),
      connectionId: 'c1',
      ref: `sub_${userId}`,
      startedAt: null,
      agreement: { endsAt: null, refused: null, version: null },
      pushes: 0,
      readAt: null,
      status: 'trialing',
      leasedUntil: 0,
    })
    await send(secretKey, [track('old'), track('new')])
    for (const userId of ['old', 'new']) {
      await documents.put('billing-link', link(userId).trialId, link(userId))
      await documents.put('owner', link(userId).trialId, { owner: userId })
    }
    await send(secretKey, [alias('new', 'old')])
    const { trialId } = link('new')
    const found = (await documents.get('billing-link', trialId))?.body
    expect([found?.ref, found?.candidates?.map(({ ref }) => ref)]).toEqual([
      'sub_new',
      ['sub_new', 'sub_old'],
    ])
    expect((await documents.get('owner', trialId))?.body).toEqual({ owner: 'new' })
  })
})
