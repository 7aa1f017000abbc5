import { attempt, guard } from './guard.ts'
import { readJson, type Store } from './storage.ts'
import type { SdkEvent } from './types.ts'

/**
 * Events that the server has not taken yet. Each page load keeps its own list in storage and holds a Web Lock of the
 * same name while it lives; another tab is granted that lock in the moment the page is gone, and adopts the list.
 * Exact, without timers. Without Web Locks a list may be adopted twice; the server knows each message id.
 */
export interface Queue {
  _add(event: SdkEvent): void
  /** Events ready to be sent, oldest first, as many as fit; they count as in flight until settled. */
  _take(maxBytes: number): { _events: SdkEvent[]; _bytes: number }
  /** @param taken true: the server has them, or refused them for good. */
  _settle(events: readonly SdkEvent[], taken: boolean): void
  _all(): readonly SdkEvent[]
  /** Lets other tabs adopt the list; a page that keeps a lock cannot enter the back/forward cache. */
  _leave(): void
  /** The page came back: what others adopted meanwhile is theirs. */
  _return(): void
  _clear(): void
  /** Another tab wrote this key. */
  _noticed(key: string): void
}

export const queueLimits = { events: 500, bytes: 200_000, ageMs: 7 * 86_400_000, batchEvents: 100 }

const sizeOf = (text: string): number =>
  attempt(() => new TextEncoder().encode(text).length) ?? text.length * 3

interface Setting {
  _store: Store
  _prefix: string
  _tab: string
  _locks: () => LockManager | undefined
  _now: () => number
  _onAdopted: () => void
}

export function createQueue({ _store, _prefix, _tab, _locks, _now, _onAdopted }: Setting): Queue {
  const ownKey = _prefix + _tab
  const inFlight = new Set<string>()
  const watched = new Set<string>()
  let events: SdkEvent[] = []
  let dirty = false
  let kept = true
  let letGo: (() => void) | undefined
  let leaving: AbortController | undefined

  const write = () => {
    dirty = false
    events = events.slice(-queueLimits.events)
    let text = JSON.stringify(events)
    while (text.length > queueLimits.bytes && events.length > 1) {
      events = events.slice(Math.ceil(events.length / 10))
      text = JSON.stringify(events)
    }
    kept = _store._set(ownKey, events.length ? text : null)
  }
  /** Once per microtask: a page that navigates away right after a call has still run its microtasks. */
  const save = () => {
    if (dirty) return
    dirty = true
    Promise.resolve().then(guard(write))
  }
  const adopt = (key: string) => {
    const found = readJson<SdkEvent[]>(_store, key)
    if (!Array.isArray(found)) return
    const known = new Set(events.map((event) => event.messageId))
    const oldest = new Date(_now() - queueLimits.ageMs).toISOString()
    events = [...found.filter((event) => event.timestamp > oldest && !known.has(event.messageId)), ...events]
    write()
    _store._set(key, null)
    _onAdopted()
  }
  const watch = guard((key: string) => {
    if (key === ownKey || watched.has(key) || !key.startsWith(_prefix)) return
    const locks = _locks()
    if (!locks) return adopt(key)
    watched.add(key)
    const done = () => watched.delete(key)
    locks
      .request(
        key,
        { signal: leaving!.signal },
        guard(() => adopt(key)),
      )
      .then(done, done)
  })
  const hold = guard(() => {
    leaving = new AbortController()
    watched.clear()
    const ours = new Promise<void>((resolve) => {
      letGo = resolve
    })
    attempt(() => _locks()?.request(ownKey, () => ours))
    _store._keys(_prefix).forEach(watch)
  })
  hold()

  return {
    _add: (event) => {
      events.push(event)
      save()
    },
    _take: (maxBytes) => {
      const taken: SdkEvent[] = []
      let bytes = 0
      for (const event of events) {
        if (inFlight.has(event.messageId)) continue
        const size = sizeOf(JSON.stringify(event))
        if (taken.length && (bytes + size > maxBytes || taken.length >= queueLimits.batchEvents)) break
        bytes += size
        taken.push(event)
        inFlight.add(event.messageId)
      }
      return { _events: taken, _bytes: bytes }
    },
    _settle: (batch, taken) => {
      const ids = new Set(batch.map((event) => event.messageId))
      for (const id of ids) inFlight.delete(id)
      if (!taken) return
      events = events.filter((event) => !ids.has(event.messageId))
      save()
    },
    _all: () => events,
    _leave: () => {
      if (dirty) write()
      letGo?.()
      leaving?.abort()
    },
    _return: () => {
      if (kept) events = readJson<SdkEvent[]>(_store, ownKey) ?? []
      inFlight.clear()
      hold()
    },
    _clear: () => {
      events = []
      inFlight.clear()
      write()
    },
    _noticed: (key) => watch(key),
  }
}
