import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eachDocument, eachTrial } from '../../../server/storage/each.ts'
import { type AnyDocuments, anyDocuments, type Storage } from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { buildTrial } from '../../support/build-trial.ts'

let storage: Storage
let documents: AnyDocuments
beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
  documents = anyDocuments(storage.documents)
})
afterEach(() => storage.close())

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('each document of a kind', () => {
  const put = async (ids: readonly string[]) => {
    for (const id of ids) await documents.put('letter', id, id)
  }
  const idsOf = async (request: Parameters<typeof eachDocument>[2]) =>
    (await collected(eachDocument(documents, 'letter', request))).map(({ body }) => body)

  it.each([0, 1, 2, 3, 4, 5])(
    'comes once, in id order, when there are %i and a page holds two',
    async (count) => {
      const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, count)
      await put([...ids].reverse())
      expect(await idsOf({ pageSize: 2 })).toEqual(ids)
    },
  )

  it('stays within the prefix and begins behind the id that is given', async () => {
    await put(['a/1', 'b/1', 'b/2', 'b/3', 'c/1'])
    expect(await idsOf({ prefix: 'b/', pageSize: 1 })).toEqual(['b/1', 'b/2', 'b/3'])
    expect(await idsOf({ prefix: 'b/', after: 'b/1', pageSize: 1 })).toEqual(['b/2', 'b/3'])
  })

  it('comes also when those seen are deleted on the way', async () => {
    await put(['a', 'b', 'c', 'd', 'e'])
    const seen: string[] = []
    for await (const { id } of eachDocument(documents, 'letter', { pageSize: 2 })) {
      seen.push(id)
      await documents.delete('letter', id)
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('reads no page ahead of what is asked for', async () => {
    await put(['a', 'b', 'c', 'd', 'e'])
    let pages = 0
    const counting: AnyDocuments = {
      ...documents,
      list(kind, request) {
        pages++
        return documents.list(kind, request)
      },
    }
    for await (const { id } of eachDocument(counting, 'letter', { pageSize: 2 })) if (id === 'c') break
    expect(pages).toBe(2)
  })
})

describe('each trial of a workspace', () => {
  it('comes once, in id order, and no other workspace’s', async () => {
    const save = (workspaceId: string, userId: string) =>
      storage.trials.save(
        buildTrial({
          id: `${workspaceId}:u:${userId}` as TrialId,
          workspaceId: workspaceId as WorkspaceId,
          userId,
          version: 0,
        }),
      )
    for (const userId of ['c', 'a', 'b']) await save('main', userId)
    await save('other', 'd')
    const trials = await collected(eachTrial(storage.trials, 'main' as WorkspaceId, 2))
    expect(trials.map(({ userId }) => userId)).toEqual(['a', 'b', 'c'])
  })
})
