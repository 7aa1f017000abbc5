const names = ['Board Created', 'Card Completed', 'Card Moved', 'Teammate Invited', 'Comment Added']
const idPattern = '00000000-0000-7000-8000-000000000000'
const userPattern = 'user-000000'

/**
 * Batches as our browser code sends them: events of one user, ids in time order, about 210 bytes an event. Every
 * batch is made by overwriting ids in one buffer, so that making them costs next to nothing.
 */
export function createBatches(writeKey: string, events: number, users: number): () => Buffer {
  const now = Date.now()
  const body = Buffer.from(
    JSON.stringify({
      writeKey,
      batch: Array.from({ length: events }, (_, index) => ({
        type: 'track',
        event: names[index % names.length],
        messageId: idPattern,
        userId: userPattern,
        timestamp: new Date(now - 1000 + index).toISOString(),
        properties: { plan: 'trial', board: index, source: 'keyboard' },
      })),
      sentAt: new Date(now).toISOString(),
    }),
  )
  const idsAt = positionsOf(body, idPattern)
  const usersAt = positionsOf(body, userPattern)
  const run = Math.floor(Math.random() * 0xffff)
    .toString(16)
    .padStart(4, '0')
  let serial = 0
  let user = 0
  return () => {
    const batch = Buffer.from(body)
    const stamp = now.toString(16).padStart(12, '0')
    for (const at of idsAt) {
      const count = (serial++).toString(16).padStart(12, '0')
      batch.write(
        `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${count.slice(0, 3)}-8${run.slice(1)}-${count}`,
        at,
        'latin1',
      )
    }
    const name = `user-${String(user++ % users).padStart(6, '0')}`
    for (const at of usersAt) batch.write(name, at, 'latin1')
    return batch
  }
}

function positionsOf(body: Buffer, text: string): number[] {
  const positions: number[] = []
  for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + 1)) positions.push(at)
  return positions
}
