/** Within this process one after the other for each key, so that only other processes are ever met with a lease. */
export function createTurns<Key>() {
  const last = new Map<Key, Promise<unknown>>()
  return async <T>(key: Key, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
