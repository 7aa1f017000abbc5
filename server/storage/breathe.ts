/**
 * Long work on the thread that also answers requests gives way after so long; where several wait for the thread,
 * each after a part of that.
 */
const holdMs = 8
const sliceMs = 2

/** null: no one has worked in this turn of the event loop. */
let sliceEndsAt: number | null = null
let turnEndsAt = 0
const waiting: (() => void)[] = []

function beginTurn(): void {
  turnEndsAt = performance.now() + holdMs
  sliceEndsAt = turnEndsAt
  setImmediate(endTurn)
}

/** Requests come first, then those who have waited longest go on, as many as the turn has time for. */
function endTurn(): void {
  sliceEndsAt = null
  if (waiting.length === 0) return
  beginTurn()
  letGoOn()
}

function letGoOn(): void {
  const now = performance.now()
  const next = now < turnEndsAt ? waiting.shift() : undefined
  if (!next) return
  sliceEndsAt = waiting.length > 0 ? Math.min(turnEndsAt, now + sliceMs) : turnEndsAt
  next()
  // When that one has come to its next pause, of whatever kind: a tick runs after all that promises have to do.
  queueMicrotask(() => process.nextTick(letGoOn))
}

/**
 * To be asked between the steps of anything that may be long. Awaiting alone does not let requests in: SQLite
 * answers at once, so a loop over it would run to its end within one turn.
 * @returns null while this turn is young; otherwise what to wait for, so that others get their turn.
 */
export function breathe(): Promise<void> | null {
  if (sliceEndsAt === null) {
    beginTurn()
    return null
  }
  if (performance.now() < sliceEndsAt) return null
  return new Promise((resolve) => {
    waiting.push(resolve)
  })
}
