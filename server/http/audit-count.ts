import { AsyncLocalStorage } from 'node:async_hooks'

/** Whether a request has written an audit row of its own, so that none that changes something stays without one. */
const rows = new AsyncLocalStorage<{ count: number }>()

export const noteAuditRow = (): void => {
  const own = rows.getStore()
  if (own) own.count++
}

/** @returns what `work` returns, and how many rows it wrote. */
export function countingAuditRows<T>(work: () => Promise<T>): Promise<{ result: T; count: number }> {
  const own = { count: 0 }
  return rows.run(own, async () => ({ result: await work(), count: own.count }))
}
