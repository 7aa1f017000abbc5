import { expect, it } from 'vitest'
import { type AnyDocuments, anyDocuments } from '../../../server/storage/port.ts'
import { awkward, type Both } from './contract-support.ts'

/** The adapters know no kinds; what these tests store is not in the registry. */
const handlesOf = ({ storage, second }: ReturnType<Both>): [AnyDocuments, AnyDocuments] => [
  anyDocuments(storage.documents),
  anyDocuments(second.documents),
]

export function describeDocuments(both: Both): void {
  it('gives back what was put, with its version', async () => {
    const [first, second] = handlesOf(both())
    expect(await first.get('note', 'a')).toBeNull()
    expect(await first.put('note', 'a', awkward())).toBe(1)
    expect(await second.get('note', 'a')).toEqual({ id: 'a', version: 1, body: awkward() })
    expect(await second.put('note', 'a', 'text')).toBe(2)
    expect(await first.get('note', 'a')).toEqual({ id: 'a', version: 2, body: 'text' })
  })

  it('compares the version where one is expected', async () => {
    const [documents] = handlesOf(both())
    expect(await documents.put('cas', 'a', 1, 3)).toBeNull()
    expect(await documents.put('cas', 'a', 1, 0)).toBe(1)
    expect(await documents.put('cas', 'a', 2, 0)).toBeNull()
    expect(await documents.put('cas', 'a', 2, 1)).toBe(2)
    expect(await documents.put('cas', 'a', 3, 1)).toBeNull()
    expect(await documents.get('cas', 'a')).toEqual({ id: 'a', version: 2, body: 2 })
  })

  it('counts every one of many puts at once', async () => {
    const handles = handlesOf(both())
    const versions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => handles[index % 2]!.put('race', 'a', index)),
    )
    expect(new Set(versions)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => index + 1)))
    const created = await Promise.all(
      Array.from({ length: 10 }, (_, index) => handles[index % 2]!.put('race', 'b', index, 0)),
    )
    expect(created.filter((version) => version !== null)).toEqual([1])
  })

  it('lists a kind by id, both ways, by prefix and in pages', async () => {
    const [documents] = handlesOf(both())
    for (const id of ['b/2', 'a', 'b/1', 'c', 'b/3', 'b']) await documents.put('list', id, id)
    await documents.put('list2', 'b/9', 'other kind')
    const ids = async (request: Parameters<typeof documents.list>[1]) =>
      (await documents.list('list', request)).map(({ id, body }) => {
        expect(body).toBe(id)
        return id
      })
    expect(await ids({ limit: 9 })).toEqual(['a', 'b', 'b/1', 'b/2', 'b/3', 'c'])
    expect(await ids({ limit: 2, reverse: true })).toEqual(['c', 'b/3'])
    expect(await ids({ limit: 9, prefix: 'b/' })).toEqual(['b/1', 'b/2', 'b/3'])
    expect(await ids({ limit: 1, prefix: 'b/', after: 'b/1' })).toEqual(['b/2'])
    expect(await ids({ limit: 9, prefix: 'b/', after: 'b/3', reverse: true })).toEqual(['b/2', 'b/1'])
    expect(await ids({ limit: 9, prefix: 'x' })).toEqual([])
  })

  it('puts many at once, each by its own version', async () => {
    const [first, second] = handlesOf(both())
    await first.put('many', 'b', 'old')
    await first.put('many', 'd', 'old')
    const entries = [
      { id: 'a', body: awkward(), expected: 0 },
      { id: 'b', body: 'taken', expected: 0 },
      { id: 'c', body: 'any' },
      { id: 'd', body: 'new', expected: 1 },
      { id: 'e', body: 'missing', expected: 4 },
    ]
    expect(await second.putAll('many', entries)).toEqual([1, null, 1, 2, null])
    const bodies = (await first.list('many', { limit: 9 })).map(({ id, version, body }) => [
      id,
      version,
      body,
    ])
    expect(bodies).toEqual([
      ['a', 1, awkward()],
      ['b', 1, 'old'],
      ['c', 1, 'any'],
      ['d', 2, 'new'],
    ])
    expect(await first.putAll('many', [])).toEqual([])
  })

  it('reads many at once, those that are there', async () => {
    const [first, second] = handlesOf(both())
    await first.put('many-read', 'a', awkward())
    await first.put('many-read', 'b/1', 'old')
    await first.put('many-read', 'b/1', 'new')
    await first.put('many-read-not', 'c', 'of another kind')
    const found = await second.getAll('many-read', ['b/1', 'c', 'a', 'a'])
    expect(found.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: 'a', version: 1, body: awkward() },
      { id: 'b/1', version: 2, body: 'new' },
    ])
    expect(await first.getAll('many-read', [])).toEqual([])
  })

  it('deletes many at once and says how many were there', async () => {
    const [first, second] = handlesOf(both())
    await first.putAll(
      'many-gone',
      ['a', 'b', 'c'].map((id) => ({ id, body: id })),
    )
    expect(await second.deleteAll('many-gone', ['a', 'c', 'x'])).toBe(2)
    expect((await first.list('many-gone', { limit: 9 })).map(({ id }) => id)).toEqual(['b'])
    expect(await first.deleteAll('many-gone', [])).toBe(0)
  })

  it('deletes once', async () => {
    const [documents] = handlesOf(both())
    await documents.put('gone', 'a', 1)
    expect(await documents.delete('gone', 'a')).toBe(true)
    expect(await documents.delete('gone', 'a')).toBe(false)
    expect(await documents.get('gone', 'a')).toBeNull()
  })
}
