import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createQueue, maxQueued } from '../../sdk/queue.ts'
import { retryDelay } from '../../sdk/sender.ts'
import { createStore } from '../../sdk/storage.ts'
import type { SdkEvent } from '../../sdk/types.ts'
import { uuid7 } from '../../sdk/uuid.ts'

/** localStorage of one origin; its keys are its own properties, as in a browser. */
class FakeStorage {
  [key: string]: unknown
  getItem(key: string) {
    return (this[key] as string | undefined) ?? null
  }
  setItem(key: string, value: string) {
    if (value.length > 100_000) throw new DOMException('full', 'QuotaExceededError')
    this[key] = value
  }
  removeItem(key: string) {
    delete this[key]
  }
}

let disk: FakeStorage
const settled = () => Promise.resolve().then(() => {})
const anEvent = (n: number, more: Partial<SdkEvent> = {}): SdkEvent => ({
  type: 'track',
  messageId: `m${n}`,
  timestamp: new Date(n).toISOString(),
  anonymousId: 'a',
  event: `Event ${n}`,
  context: {},
  ...more,
})
const open = (page: string, onAdopted = () => {}) =>
  createQueue(
    createStore(() => disk as unknown as Storage),
    'q.',
    page,
    onAdopted,
  )
const idsOf = (events: readonly SdkEvent[]) => events.map(({ messageId }) => messageId)

beforeEach(() => {
  disk = new FakeStorage()
})

describe('the queue of a page', () => {
  test('is on disk after a microtask, and gone from there when the server has all', async () => {
    const queue = open('one')
    queue._add(anEvent(1))
    queue._add(anEvent(2))
    await settled()
    expect(Object.keys(disk)).toEqual(['q.one'])
    queue._settle(queue._take(10_000), true)
    await settled()
    expect(Object.keys(disk)).toEqual([])
  })

  test('hands nothing out twice until it is settled', () => {
    const queue = open('one')
    queue._add(anEvent(1))
    const first = queue._take(10_000)
    queue._add(anEvent(2))
    expect(idsOf(queue._take(10_000))).toEqual(['m2'])
    queue._settle(first, false)
    expect(idsOf(queue._take(10_000))).toEqual(['m1'])
  })

  test('batches stay below the size asked for, one event at least', () => {
    const queue = open('one')
    for (let n = 0; n < 10; n++) queue._add(anEvent(n, { properties: { text: 'x'.repeat(900) } }))
    const batch = queue._take(3500)
    expect(batch.length).toBe(3)
    expect(JSON.stringify(batch).length).toBeLessThan(3600)
    expect(queue._take(1)).toHaveLength(1)
  })

  test('keeps the newest when no one takes them', async () => {
    const queue = open('one')
    for (let n = 0; n < maxQueued + 5; n++) queue._add(anEvent(n))
    await settled()
    expect(queue._all()).toHaveLength(maxQueued)
    expect(queue._all()[0]?.messageId).toBe('m5')
  })

  test('is adopted by another page, oldest first, and told of', async () => {
    const gone = open('one')
    gone._add(anEvent(1))
    await settled()
    const adopted = vi.fn()
    const heir = open('two', adopted)
    heir._add(anEvent(2))
    heir._watch()
    expect(idsOf(heir._all())).toEqual(['m1', 'm2'])
    expect(adopted).toHaveBeenCalledOnce()
    expect(Object.keys(disk)).toEqual(['q.two'])
  })

  test('that came back from the back/forward cache leaves to others what they have adopted', async () => {
    const queue = open('one')
    queue._add(anEvent(1))
    await settled()
    queue._leave()
    open('two')._watch()
    queue._return()
    expect(queue._all()).toEqual([])
  })

  test('passes over what is no list', () => {
    disk.setItem('q.odd', '{"no":')
    const queue = open('one')
    queue._watch()
    expect(queue._all()).toEqual([])
  })
})

test('full storage: memory keeps what the disk does not', () => {
  const store = createStore(() => disk as unknown as Storage)
  const large = 'x'.repeat(200_000)
  store._set('k', 'small')
  store._set('k', large)
  expect(store._get('k')).toBe(large)
  store._set('k', null)
  expect(store._get('k')).toBeNull()
})

test('retries have full jitter below 1 s · 2ⁿ and five minutes, and never come before Retry-After', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 600_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, retryAfterMs, random) => {
        const delay = retryDelay(failures, retryAfterMs, random)
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs)
        expect(delay).toBeLessThanOrEqual(Math.max(retryAfterMs, Math.min(300_000, 1000 * 2 ** failures)))
      },
    ),
  )
})

test('message ids are UUIDv7, in the order of time', () => {
  const ids = Array.from({ length: 50 }, (_, n) => uuid7(1_800_000_000_000 + n))
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(50)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(Number.parseInt(ids[7]!.replace('-', '').slice(0, 12), 16)).toBe(1_800_000_000_007)
})
