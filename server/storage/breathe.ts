/** Long work on the thread that also answers requests gives way after so long. */
const holdMs = 8

let turnStartedAt: number | null = null
const waiting: (() => void)[] = []

function beginTurn(): void {
  turnStartedAt = performance.now()
  setImmediate(endTurn)
}

/** Requests come first, then anyone who has waited longest goes on, one in each turn of the event loop. */
function endTurn(): void {
  turnStartedAt = null
  const next = waiting.shift()
  if (next) {
    beginTurn()
    next()
  }
}

/**
 * To be asked between the steps of anything that may be long. Awaiting alone does not let requests in: SQLite
 * answers at once, so a loop over it would run to its end within one turn.
 * @returns null while this turn is young; otherwise what to wait for, so that others get their turn.
 */
export function breathe(): Promise<void> | null {
  if (turnStartedAt === null) {
    beginTurn()
    return null
  }
  if (performance.now() - turnStartedAt < holdMs) return null
  return new Promise((resolve) => {
    waiting.push(resolve)
  })
}
