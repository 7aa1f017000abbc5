import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createForwardedWatch } from '../../../../server/features/operations/forwarded-watch.ts'
import type { Storage } from '../../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../../server/storage/sqlite/index.ts'

let storage: Storage
beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
})
afterEach(() => storage.close())

const plain = { rawHeaders: ['Host', 'x'] } as unknown as IncomingMessage
const forwarded = {
  rawHeaders: ['Host', 'x', 'X-Forwarded-For', '203.0.113.9'],
} as unknown as IncomingMessage
const seen = async () => (await storage.documents.get('forwarded-seen', 'this'))?.body.at ?? null
/** @param share of requests that came through a proxy */
async function after(share: number, isTold: boolean): Promise<number | null> {
  const watch = createForwardedWatch({ documents: storage.documents, clock: { now: () => 1234 }, isTold })
  // In blocks, so that which requests are looked at does not matter.
  for (let n = 0; n < 2000; n++) watch(Math.floor(n / 16) % 10 < share * 10 ? forwarded : plain)
  await new Promise((resolve) => setImmediate(resolve))
  return seen()
}

it('notices a proxy that no one told of', async () => {
  expect(await after(1, false)).toBe(1234)
})

it('notices nothing when it is told, or when few requests carry the header', async () => {
  expect(await after(1, true)).toBeNull()
  expect(await after(0.2, false)).toBeNull()
  expect(await after(0, false)).toBeNull()
})
