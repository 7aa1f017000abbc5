import { attempt, guard } from './guard.ts'
import { json } from './json.ts'
import { readJson, type Store } from './storage.ts'
import type { SdkEvent } from './types.ts'

/**
 * Events that the server has not taken yet. Each page load keeps its own list in storage and holds a Web Lock of the
 * same name while it lives; another tab is granted that lock in the moment the page is gone, and adopts the list.
 * Exact, without timers. Without Web Locks a list may be adopted twice; the server knows each message id.
 */
export interface Queue {
  _all(): readonly SdkEvent[]
  _add(event: SdkEvent): void
  /** Events ready to be sent, oldest first, as many as fit; they count as in flight until settled. */
  _take(maxChars: number): SdkEvent[]
  /** @param over the server has them, or will never take them. */
  _settle(events: readonly SdkEvent[], over: boolean): void
  /** Lets other tabs adopt the list; a page that keeps a lock cannot enter the back/forward cache. */
  _leave(): void
  /** The page came back: what others adopted meanwhile is theirs. */
  _return(): void
  /** Watches the lists of other pages; given a key, only that one. */
  _watch(key?: string): void
  _clear(): void
}

export const maxQueued = 200

/** @param prefix of the keys of all lists. @param page names the list of this page load. */
export function createQueue(store: Store, prefix: string, page: string, onAdopted: () => void): Queue {
  const ownKey = prefix + page
  // No Set: pages of old put their own there.
  let inFlight: Record<string, boolean> = {}
  const watched: Record<string, boolean> = {}
  const locks = attempt(() => navigator.locks)
  let events: SdkEvent[] = []
  let dirty = false
  let letGo = () => {}
  let leaving: AbortController

  const write = () => {
    dirty = false
    events = events.slice(-maxQueued)
    store._set(ownKey, events.length ? json(events) : null)
  }
  /** Once per microtask: a page that navigates away right after a call has still run its microtasks. */
  const save = guard(async () => {
    if (dirty) return
    dirty = true
    await 0
    write()
  })
  const adopt = guard((key: string) => {
    const found = readJson<SdkEvent[]>(store, key)
    if (!found) return
    events = [...found, ...events]
    write()
    store._set(key, null)
    onAdopted()
  })
  const watchOne = guard((key: string) => {
    if (key === ownKey || watched[key] || !key.startsWith(prefix)) return
    if (!locks) return adopt(key)
    watched[key] = true
    const done = () => {
      delete watched[key]
    }
    locks.request(key, { signal: leaving.signal }, () => adopt(key)).then(done, done)
  })
  const hold = guard(() => {
    leaving = new AbortController()
    return locks?.request(ownKey, () => new Promise<void>((resolve) => (letGo = resolve)))
  })
  hold()

  return {
    _all: () => events,
    _add: (event) => {
      events.push(event)
      save()
    },
    _take: (maxChars) => {
      let room = maxChars
      const taken = events.filter((event) => {
        if (room < 0 || inFlight[event.messageId]) return false
        const first = room === maxChars
        room -= json(event).length
        return first || room >= 0
      })
      for (const { messageId } of taken) inFlight[messageId] = true
      return taken
    },
    _settle: (batch, over) => {
      for (const { messageId } of batch) delete inFlight[messageId]
      if (!over) return
      events = events.filter((event) => !batch.some((it) => it.messageId === event.messageId))
      save()
    },
    _leave: () => {
      if (dirty) write()
      letGo()
      leaving.abort()
    },
    _return: () => {
      events = readJson<SdkEvent[]>(store, ownKey) ?? []
      inFlight = {}
      hold()
    },
    _watch: (key) => (key ? [key] : store._keys(prefix)).forEach(watchOne),
    _clear: () => {
      events = []
      write()
    },
  }
}
