import { attempt } from './guard.ts'

/** localStorage, or memory when it is denied, full or not wanted. Never throws. */
export interface Store {
  _get(key: string): string | null
  /** @returns whether the value outlives the page. */
  _set(key: string, value: string | null): boolean
  _keys(prefix: string): string[]
  /** Forgets every key with that prefix. */
  _clear(prefix: string): void
  /** The backend became available: what was kept in memory moves there. */
  _persist(): void
}

export function createStore(backend: () => Storage | null): Store {
  const memory = new Map<string, string>()
  const disk = () => attempt(backend) ?? null
  const set = (key: string, value: string | null): boolean => {
    if (value === null) memory.delete(key)
    else memory.set(key, value)
    const kept = attempt(() => {
      const storage = disk()
      if (!storage) return false
      if (value === null) storage.removeItem(key)
      else storage.setItem(key, value)
      return true
    })
    if (kept) memory.delete(key)
    return !!kept
  }
  const keys = (prefix: string): string[] =>
    [...new Set([...memory.keys(), ...(attempt(() => Object.keys(disk() ?? {})) ?? [])])].filter((key) =>
      key.startsWith(prefix),
    )
  return {
    _get: (key) => memory.get(key) ?? attempt(() => disk()?.getItem(key)) ?? null,
    _set: set,
    _keys: keys,
    _clear: (prefix) => {
      for (const key of keys(prefix)) set(key, null)
    },
    _persist: () => {
      for (const [key, value] of memory) set(key, value)
    },
  }
}

export const readJson = <T>(store: Store, key: string): T | undefined =>
  attempt(() => JSON.parse(store._get(key) ?? 'null') as T) ?? undefined
