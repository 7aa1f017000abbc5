import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  anyDocuments,
  type DocumentStore,
  type Storage,
  StorageUnavailable,
} from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { untilStored, updateDocument } from '../../../server/storage/update-document.ts'

interface Counter {
  readonly count: number
}

let storage: Storage
type Counters = DocumentStore<{ readonly counter: Counter }>

let documents: Counters
beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
  documents = anyDocuments(storage.documents) as Counters
})
afterEach(() => storage.close())

const plusOne = (before: Counter | null): Counter => ({ count: (before?.count ?? 0) + 1 })

/** Another process that writes between each read and the write that follows it. */
const contended = (times: number): Counters => {
  let left = times
  return {
    ...documents,
    async get(kind, id) {
      const found = await documents.get(kind, id)
      if (left-- > 0) await documents.put(kind, id, { count: 100 + left })
      return found
    },
  }
}

describe('updating a document', () => {
  it('makes it when there is none, then changes it', async () => {
    expect(await updateDocument(documents, 'counter', 'a', plusOne)).toEqual({
      state: 'changed',
      before: null,
      after: { count: 1 },
      version: 1,
    })
    expect(await updateDocument(documents, 'counter', 'a', plusOne)).toEqual({
      state: 'changed',
      before: { count: 1 },
      after: { count: 2 },
      version: 2,
    })
  })

  it('writes nothing when the same object or null comes back', async () => {
    const nothing = { state: 'unchanged', before: null, after: null, version: 0 }
    expect(await updateDocument(documents, 'counter', 'a', () => null)).toEqual(nothing)
    expect(await documents.get('counter', 'a')).toBeNull()
    await documents.put('counter', 'a', { count: 7 }, 0)
    const same = { state: 'unchanged', before: { count: 7 }, after: { count: 7 }, version: 1 }
    expect(await updateDocument(documents, 'counter', 'a', (before) => before)).toEqual(same)
    expect(await updateDocument(documents, 'counter', 'a', () => null)).toEqual(same)
    expect((await documents.get('counter', 'a'))?.version).toBe(1)
  })

  it('decides again by what another process stored in between', async () => {
    const seen: (number | undefined)[] = []
    const outcome = await updateDocument(contended(2), 'counter', 'a', (before) => {
      seen.push(before?.count)
      return plusOne(before)
    })
    expect(seen).toEqual([undefined, 101, 100])
    expect(outcome).toMatchObject({ state: 'changed', before: { count: 100 }, after: { count: 101 } })
  })

  it('gives up after a hundred conflicts in a row instead of going on for ever', async () => {
    const lost = updateDocument(contended(1000), 'counter', 'a', plusOne)
    await expect(lost).rejects.toBeInstanceOf(StorageUnavailable)
  })

  it('counts every one of a thousand changes at once', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => updateDocument(documents, 'counter', 'a', plusOne)))
    expect(await documents.get('counter', 'a')).toMatchObject({ version: 1000, body: { count: 1000 } })
  })

  it('goes on after one that failed', async () => {
    const faulty = updateDocument(documents, 'counter', 'a', () => {
      throw new RangeError('no')
    })
    const next = updateDocument(documents, 'counter', 'a', plusOne)
    await expect(faulty).rejects.toThrow(RangeError)
    expect((await next).after).toEqual({ count: 1 })
  })
})

describe('repeating until it is stored', () => {
  it('returns what the first successful attempt returned', async () => {
    let tries = 0
    expect(await untilStored(documents, 'a row', async () => (++tries < 3 ? null : 'stored'))).toBe('stored')
    expect(tries).toBe(3)
  })

  it('runs one attempt on the same thing at a time', async () => {
    let running = 0
    let most = 0
    const attempt = async () => {
      most = Math.max(most, ++running)
      await documents.get('counter', 'a')
      running--
      return true
    }
    await Promise.all([1, 2, 3].map(() => untilStored(documents, 'a row', attempt)))
    expect(most).toBe(1)
  })
})
