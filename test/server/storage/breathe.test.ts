import { describe, expect, it } from 'vitest'
import { breathe } from '../../../server/storage/breathe.ts'
import { eachDocument } from '../../../server/storage/each.ts'
import { anyDocuments } from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'

const busy = (ms: number) => {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** How many turns of the event loop others got while `work` went on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isOver = false
  const tick = () => {
    turns++
    if (!isOver) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  isOver = true
  return turns
}

describe('long work', () => {
  it('gives way after a while, and not at each step', async () => {
    const steps = 60
    const turns = await turnsDuring(async () => {
      for (let step = 0; step < steps; step++) {
        busy(2)
        await breathe()
      }
    })
    expect(turns).toBeGreaterThanOrEqual(5)
    expect(turns).toBeLessThan(steps)
  })
  it('shares its turns fairly: none of several waits for all others', async () => {
    const done: string[] = []
    const work = async (name: string) => {
      for (let step = 0; step < 10; step++) {
        busy(9)
        await breathe()
        done.push(name)
      }
    }
    await Promise.all([work('a'), work('b'), work('c')])
    const firstThird = done.slice(0, 9)
    expect(new Set(firstThird)).toEqual(new Set(['a', 'b', 'c']))
  })
  it('makes short work wait for a part of each long one, not for a turn of its own', async () => {
    let isOver = false
    const long = async () => {
      while (!isOver) {
        busy(1)
        await breathe()
      }
    }
    const all = Array.from({ length: 8 }, long)
    // All of them are waiting for their turn by then.
    await turnsDuring(async () => busy(20))
    const shorts = Array.from({ length: 40 }, async () => {
      await breathe()
      busy(0.1)
    })
    const turns = await turnsDuring(() => Promise.all(shorts))
    isOver = true
    await Promise.all(all)
    expect(turns).toBeLessThan(shorts.length)
  })
  it('over the embedded database lets others in, though each answer is there at once', async () => {
    const storage = await openSqliteStorage({ file: ':memory:' })
    const documents = anyDocuments(storage.documents)
    try {
      for (let n = 0; n < 50; n++) await documents.put('thing', `t${n}`, { n })
      let seen = 0
      const turns = await turnsDuring(async () => {
        for await (const _ of eachDocument(documents, 'thing', { pageSize: 10 })) {
          busy(2)
          seen++
        }
      })
      expect(seen).toBe(50)
      expect(turns).toBeGreaterThanOrEqual(5)
      const reads = await turnsDuring(async () => {
        for (let n = 0; n < 50; n++) {
          await documents.get('thing', `t${n}`)
          busy(2)
        }
      })
      expect(reads).toBeGreaterThanOrEqual(5)
    } finally {
      await storage.close()
    }
  })
})
