import { describe, expect, test } from 'vitest'
import { createTroubleIndex, type Trouble } from '../../../../server/features/billing/trouble-index.ts'
import { memoryDocuments } from '../../../support/memory-documents.ts'

function world(stored: Record<string, Trouble | null>) {
  const documents = memoryDocuments()
  let scans = 0
  const index = createTroubleIndex({
    documents,
    async *rows() {
      scans++
      for (const id of Object.keys(stored)) yield { id }
    },
    troubleOf: async (id) => (id in stored ? { connectionId: 'c1', trouble: stored[id] ?? null } : null),
  })
  return { index, documents, stored, scans: () => scans }
}

describe('rows in trouble', () => {
  test('of earlier versions are found once, and what a crash left wrong is put right', async () => {
    const { index, documents, scans } = world({ 'main:u:ann/1': 'dead', 'main:u:bea/1': null })
    await documents.put('billing-outbox-trouble', 'main:u:bea/1', { connectionId: 'c1', trouble: 'dead' })
    await documents.put('billing-outbox-trouble', 'main:u:gone/1', {
      connectionId: 'c1',
      trouble: 'retrying',
    })
    for (let time = 0; time < 3; time++)
      expect([...(await index.count('main:'))]).toEqual([['c1', { dead: 1, retrying: 0 }]])
    expect(scans()).toBe(1)
  })

  test('are counted by connection until they are out of it', async () => {
    const { index } = world({})
    await index.count('main:')
    await index.note('main:u:ann/1', { connectionId: 'c1', trouble: 'retrying' })
    await index.note('main:u:bea/1', { connectionId: 'c2', trouble: 'dead' })
    await index.note('other:u:zoe/1', { connectionId: 'c9', trouble: 'dead' })
    await index.note('main:u:ann/1', { connectionId: 'c1', trouble: 'dead' })
    expect(Object.fromEntries(await index.count('main:'))).toEqual({
      c1: { dead: 1, retrying: 0 },
      c2: { dead: 1, retrying: 0 },
    })
    await index.note('main:u:ann/1', { connectionId: 'c1', trouble: null })
    await index.forget('main:u:bea/1')
    expect((await index.count('main:')).size).toBe(0)
  })
})
