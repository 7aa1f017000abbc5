import { attempt } from './guard.ts'

/** localStorage, or memory when it is denied, full or not wanted. Never throws. */
export interface Store {
  _get(key: string): string | null
  _set(key: string, value: string | null): void
  _keys(prefix: string): string[]
  /** The backend became available: what was kept in memory moves there. */
  _persist(): void
}

/** @param backend asked at each access: it may be refused now and given later, with the consent. */
export function createStore(backend: () => Storage | null): Store {
  // No Map: pages of old put their own there.
  const memory: Record<string, string> = {}
  const set = (key: string, value: string | null) => {
    delete memory[key]
    const kept = attempt(() => {
      const disk = backend()!
      if (value === null) disk.removeItem(key)
      else disk.setItem(key, value)
      return true
    })
    if (!kept && value !== null) memory[key] = value
  }
  return {
    _get: (key) => memory[key] ?? attempt(() => backend()!.getItem(key)) ?? null,
    _set: set,
    _keys: (prefix) =>
      [...Object.keys(memory), ...(attempt(() => Object.keys(backend()!)) ?? [])].filter((key) =>
        key.startsWith(prefix),
      ),
    _persist: () => {
      for (const key of Object.keys(memory)) set(key, memory[key]!)
    },
  }
}

export const readJson = <T>(store: Store, key: string): T | null | undefined =>
  attempt(() => JSON.parse(store._get(key)!) as T)
