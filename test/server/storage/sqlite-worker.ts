import { randomUUID } from 'node:crypto'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'

/** A second process on one SQLite file, for sqlite.test.ts: `<ingest|claim|close> <file>`. */
const [job, file] = process.argv.slice(2) as ['ingest' | 'claim' | 'close', string]
/** The process ended after the storage was closed, not because nothing was left to wait for. */
const closedCode = 7
/** The log is moved into the database all the time. */
const checkpoints = { passPages: 1, forcedFrames: 40, quietMs: 1, watches: 2, idleMs: 50 }
const storage = await openSqliteStorage({ file, checkpoints })
const report = (ids: readonly string[]) => new Promise((resolve) => process.send!(ids, resolve))

if (job === 'ingest') {
  for (;;) {
    const events = Array.from({ length: 10 }, () => buildLogged({ messageId: randomUUID() }))
    await storage.ingest(events, foldByCounting)
    await report(events.map(({ event }) => event.messageId))
  }
}

if (job === 'close') {
  for (let group = 0; group < 20; group++)
    await storage.ingest([buildLogged({ messageId: randomUUID() })], foldByCounting)
  // From here on nothing but the storage keeps this process.
  process.disconnect()
  await storage.scrub()
  await storage.close()
  process.exit(closedCode)
}

const claimed: string[] = []
for (let misses = 0; misses < 3; ) {
  const owner = `process ${process.pid}`
  const leased = await storage.trials.claimDue({ owner, now: 1000, limit: 4, leaseMs: 600_000 })
  claimed.push(...leased.map(({ trial }) => trial.id))
  if (leased.length === 0) misses++
  await new Promise((resolve) => setTimeout(resolve, 1))
}
await report(claimed)
await storage.close()
process.disconnect()
