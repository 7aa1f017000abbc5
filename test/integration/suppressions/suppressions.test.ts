import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { softBounceReleaseMs } from '../../../server/domain/trial/suppression.ts'
import { takeOverPlainHashes } from '../../../server/features/suppressions/take-over-plain-hashes.ts'
import { dayMs, minuteMs } from '../../../shared/clock.ts'
import { type EmailAddress, type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { someTime } from '../../support/build-trial.ts'
import { type CallOptions, type ServedApi, serveApi, sessionOf } from '../../support/serve-api.ts'

interface Entry {
  id: string
  address: string | null
  reason: string
  since: string
  until: string | null
  liftedBy: string
  trialists: { userId: string | null; email: string | null }[]
}
interface Page {
  suppressions: Entry[]
  counts: Record<string, number>
  cursor: string | null
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

const workspaceId = 'main' as WorkspaceId
const idOf = (address: string, { server }: ServedApi = api) =>
  server.services.suppressions.hashOf(address as EmailAddress)
/** Of two addresses told in the same moment neither is the later one. */
const put = (userId: string, email: string) => {
  api.clock.advance(1)
  return api.call('PUT', `/api/trialists/${userId}`, { body: { email } })
}
const suppressedOf = async (userId: string) =>
  (await api.call<Trialist>('GET', `/api/trialists/${userId}`)).body.suppressed?.reason ?? null
const block = (address: string, reason?: string, as: CallOptions = {}) =>
  api.call<Entry>('POST', '/api/suppressions', {
    body: { address, ...(reason && { reason }) },
    ...as,
  })
const find = async (address: string): Promise<Entry | undefined> =>
  (await api.call<Page>('GET', `/api/suppressions?address=${encodeURIComponent(address)}`)).body
    .suppressions[0]
const lift = (id: string, note?: string, as: CallOptions = {}) =>
  api.call(
    'DELETE',
    `/api/suppressions/${encodeURIComponent(id)}${note ? `?note=${encodeURIComponent(note)}` : ''}`,
    as,
  )
const auditActions = async () =>
  (await api.call<{ rows: { action: string; after: unknown }[] }>('GET', '/api/audit?limit=100')).body.rows

describe('an address that is added', () => {
  test('stops every trial that has it, now and later, and is audited', async () => {
    await put('ann', 'shared@customer.com')
    await put('ben', 'shared@customer.com')
    const made = await block(' Shared@Customer.com ')
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      id: idOf('shared@customer.com'),
      address: 'shared@customer.com',
      reason: 'manual',
      until: null,
      liftedBy: 'rep',
    })
    expect(made.body.trialists.map(({ userId }) => userId).sort()).toEqual(['ann', 'ben'])
    await put('cy', 'shared@customer.com')
    for (const userId of ['ann', 'ben', 'cy']) expect(await suppressedOf(userId)).toBe('manual')
    expect((await find('shared@customer.com'))?.trialists).toHaveLength(3)
    expect((await block('shared@customer.com')).status).toBe(200)
    const rows = (await auditActions()).filter(({ action }) => action === 'suppression.add')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toMatch(/customer|ann|ben/)
  })

  test('is lifted everywhere at once', async () => {
    expect((await lift('shared@customer.com')).status).toBe(204)
    for (const userId of ['ann', 'ben', 'cy']) expect(await suppressedOf(userId)).toBeNull()
    expect(await find('shared@customer.com')).toBeUndefined()
    expect((await lift('shared@customer.com')).status).toBe(404)
    expect((await auditActions()).map(({ action }) => action)).toContain('suppression.lift')
  })

  test('need belong to nobody', async () => {
    const { body } = await block('nobody@customer.com', 'unsubscribed')
    expect(body).toMatchObject({ trialists: [], liftedBy: 'admin', reason: 'unsubscribed' })
    const { body: list } = await api.call<Page>('GET', '/api/suppressions')
    expect(list.suppressions.find(({ id }) => id === body.id)).toMatchObject({ address: null })
    await put('late', 'nobody@customer.com')
    expect(await suppressedOf('late')).toBe('unsubscribed')
  })

  test.each(['', 'not an address', 'a@b.example,c@d.example', 'x'.repeat(400)])(
    '%j is refused',
    async (address) => {
      const refused = await block(address)
      expect(refused.status).toBe(400)
      expect(await api.call('GET', `/api/suppressions?address=${encodeURIComponent(address)}`)).toMatchObject(
        { status: 400 },
      )
    },
  )
})

describe('what the person said', () => {
  test('is lifted only by an admin who says why', async () => {
    const asRep = await sessionOf(api, 'rep')
    await put('dee', 'dee@customer.com')
    await block('dee@customer.com', 'manual', asRep)
    await block('dee@customer.com', 'complaint', asRep)
    expect((await find('dee@customer.com'))?.reason).toBe('complaint')
    expect((await lift('dee@customer.com', 'she asked for it', asRep)).status).toBe(403)
    expect((await lift('dee@customer.com')).status).toBe(400)
    expect(await suppressedOf('dee')).toBe('complaint')
    expect((await lift('dee@customer.com', 'she wrote on 3 May')).status).toBe(204)
    expect(await suppressedOf('dee')).toBeNull()
    const row = (await auditActions()).find(({ action }) => action === 'suppression.lift')
    expect(row?.after).toMatchObject({ reason: 'complaint', note: 'she wrote on 3 May' })
  })

  test('is not covered up by a weaker reason', async () => {
    await block('eve@customer.com', 'complaint')
    expect((await block('eve@customer.com', 'hard_bounce')).status).toBe(200)
    expect((await find('eve@customer.com'))?.reason).toBe('complaint')
  })

  test('goes with them to another address', async () => {
    const asRep = await sessionOf(api, 'rep')
    await put('fay', 'fay@old.com')
    await block('fay@old.com', 'unsubscribed')
    await put('fay', 'fay@new.com')
    expect(await find('fay@new.com')).toMatchObject({
      reason: 'unsubscribed',
      trialists: [{ userId: 'fay' }],
    })
    expect((await lift('fay@new.com', 'x', asRep)).status).toBe(403)
    expect((await lift('fay@new.com', 'asked by phone')).status).toBe(204)
    expect(await suppressedOf('fay')).toBeNull()
    expect((await find('fay@old.com'))?.reason).toBe('unsubscribed')
  })

  test('about another address is not lifted along', async () => {
    await put('gil', 'gil@old.com')
    await block('gil@old.com', 'hard_bounce')
    await put('gil', 'gil@new.com')
    await block('gil@new.com', 'complaint')
    expect((await lift(idOf('gil@old.com'))).status).toBe(204)
    expect(await suppressedOf('gil')).toBe('complaint')
  })
})

describe('the list', () => {
  test('is newest first, in pages, by reason and with counts', async () => {
    const own = await serveApi(someTime)
    try {
      for (const n of [1, 2, 3, 4, 5]) {
        own.clock.advance(minuteMs)
        const reason = n % 2 ? 'manual' : 'hard_bounce'
        await own.call('POST', '/api/suppressions', { body: { address: `p${n}@customer.com`, reason } })
      }
      const ids: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const { body }: { body: Page } = await own.call<Page>(
          'GET',
          `/api/suppressions?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
        )
        expect(body.counts).toEqual({ manual: 3, hard_bounce: 2 })
        ids.push(...body.suppressions.map(({ id }) => id))
        cursor = body.cursor
      }
      expect(ids).toEqual([5, 4, 3, 2, 1].map((n) => idOf(`p${n}@customer.com`, own)))
      const { body } = await own.call<Page>('GET', '/api/suppressions?reason=hard_bounce')
      expect(body.suppressions.map(({ reason }) => reason)).toEqual(['hard_bounce', 'hard_bounce'])
      expect((await own.call('GET', '/api/suppressions?cursor=x')).status).toBe(400)
      expect((await own.call('GET', '/api/suppressions?reason=boredom')).status).toBe(400)
    } finally {
      await own.close()
    }
  })

  test('forgets who it was when they are erased, and keeps the entry', async () => {
    await put('ghost', 'ghost@old.com')
    await block('ghost@old.com', 'complaint')
    await put('ghost', 'ghost@new.com')
    expect((await find('ghost@old.com'))?.trialists).toHaveLength(1)
    await api.call('DELETE', '/api/trialists/ghost')
    expect(await find('ghost@old.com')).toMatchObject({ reason: 'complaint', trialists: [] })
    const { storage } = api.server
    const left = await Promise.all(
      (['suppression', 'suppression-name', 'audit'] as const).map((kind) =>
        storage.documents.list(kind, { limit: 1000 }),
      ),
    )
    expect(JSON.stringify(left)).not.toContain('ghost')
  })
})

test('a mailbox that refused three emails gets another chance after 30 days', async () => {
  const { server, clock } = api
  await put('full', 'full@customer.com')
  const id: TrialId = trialIdOfUser(workspaceId, 'full')
  for (const day of [0, 1, 2])
    await server.changes.change(id, { type: 'softBounce', key: null, at: clock.now() + day * dayMs })
  const since = (await server.storage.trials.get(id))?.contact.suppressed?.at ?? 0
  clock.advance(since - clock.now())
  expect(await find('full@customer.com')).toMatchObject({
    reason: 'soft_bounces',
    until: new Date(since + softBounceReleaseMs).toISOString(),
  })
  expect(await suppressedOf('full')).toBe('soft_bounces')
  clock.advance(softBounceReleaseMs)
  expect(await find('full@customer.com')).toBeUndefined()
  expect(await suppressedOf('full')).toBeNull()
})

test('entries of earlier versions, found by a plain SHA-256, are taken over under the key', async () => {
  const { services, storage } = api.server
  await put('old', 'old@customer.com')
  const plain = createHash('sha256').update('old@customer.com').digest('hex')
  const id = trialIdOfUser(workspaceId, 'old')
  await storage.documents.put('suppression', `main:${plain}`, {
    reason: 'complaint',
    at: someTime,
    trialIds: [id],
  })
  const fingerprint = (text: string) => services.vault.fingerprint(text, 'suppression')
  expect(await takeOverPlainHashes(storage.documents, fingerprint)).toBe(1)
  expect(await takeOverPlainHashes(storage.documents, fingerprint)).toBe(0)
  expect(await find('old@customer.com')).toMatchObject({
    reason: 'complaint',
    trialists: [{ userId: 'old' }],
  })
  const kept = await storage.documents.list('suppression', { limit: 1000 })
  expect(kept.every((entry) => /^main:[0-9a-f]{40}$/.test(entry.id))).toBe(true)
})
