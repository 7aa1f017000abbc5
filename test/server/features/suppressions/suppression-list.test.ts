import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createSuppressions,
  type SuppressionPlace,
} from '../../../../server/features/suppressions/suppression-list.ts'
import type { DocumentKind } from '../../../../server/storage/document-registry.ts'
import type { Storage } from '../../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../../server/storage/sqlite/index.ts'
import { dayMs, minuteMs } from '../../../../shared/clock.ts'
import type { EmailAddress, SuppressionReason, WorkspaceId } from '../../../../shared/trial.ts'
import { someTime } from '../../../support/build-trial.ts'

const [main, other] = ['main' as WorkspaceId, 'main2' as WorkspaceId]
const address = (name: string) => `${name}@x.example` as EmailAddress
const hashOf = (email: EmailAddress) => Buffer.from(email).toString('hex').padEnd(40, '0')
let storage: Storage
let now = someTime
const list = () => createSuppressions(storage.documents, () => now, hashOf)

beforeEach(async () => {
  now = someTime
  storage = await openSqliteStorage({ file: ':memory:' })
})
afterEach(() => storage.close())

async function pages(reason?: SuppressionReason, limit = 3): Promise<string[][]> {
  const found: string[][] = []
  for (let after: SuppressionPlace | null | undefined; after !== null; ) {
    const page = await list().list(main, { limit, ...(after && { after }), ...(reason && { reason }) })
    found.push(page.entries.map(({ hash }) => Buffer.from(hash, 'hex').toString().split('@')[0] ?? ''))
    after = page.next
  }
  return found
}

describe('the suppression list', () => {
  const fill = async () => {
    for (let n = 0; n < 8; n++)
      await list().add(main, address(`p${n}`), {
        reason: n % 2 === 0 ? 'complaint' : 'unsubscribed',
        at: someTime + Math.min(n, 4) * minuteMs,
      })
    await list().add(other, address('elsewhere'), { reason: 'complaint', at: someTime })
  }
  it('is paged newest first, each entry once, whole or by reason', async () => {
    await fill()
    expect(await pages()).toEqual([
      ['p4', 'p5', 'p6'],
      ['p7', 'p3', 'p2'],
      ['p1', 'p0'],
    ])
    expect(await pages('complaint')).toEqual([['p4', 'p6', 'p2'], ['p0']])
    expect(await pages('hard_bounce')).toEqual([[]])
    const { counts } = await list().list(main, { limit: 1 })
    expect(counts).toEqual({ complaint: 4, unsubscribed: 4 })
  })
  it('follows what becomes of an entry', async () => {
    await fill()
    await list().add(main, address('p1'), { reason: 'complaint', at: someTime + dayMs })
    await list().removeByHash(main, hashOf(address('p4')))
    expect((await pages())[0]).toEqual(['p1', 'p5', 'p6'])
    expect(await pages('unsubscribed')).toEqual([['p5', 'p7', 'p3']])
    expect((await list().list(main, { limit: 1 })).counts).toEqual({ complaint: 4, unsubscribed: 3 })
  })
  it('reads a page without reading the rest of a long list', async () => {
    for (let n = 0; n < 300; n++)
      await list().add(main, address(`n${n}`), { reason: 'complaint', at: someTime + n })
    const gets: string[] = []
    const documents = {
      ...storage.documents,
      get: (kind: DocumentKind, id: string) => {
        if (kind === 'suppression') gets.push(id)
        return storage.documents.get(kind, id)
      },
    } as Storage['documents']
    const counted = createSuppressions(documents, () => now, hashOf)
    await counted.list(main, { limit: 10 })
    gets.length = 0
    const { entries } = await counted.list(main, { limit: 10 })
    expect(entries).toHaveLength(10)
    expect(gets.length).toBe(11)
  })
  it('takes over a list from before there was an order', async () => {
    for (let n = 0; n < 5; n++)
      await storage.documents.put('suppression', `main:${hashOf(address(`old${n}`))}`, {
        reason: 'complaint',
        at: someTime + n,
      })
    expect(await pages()).toEqual([
      ['old4', 'old3', 'old2'],
      ['old1', 'old0'],
    ])
  })
})
