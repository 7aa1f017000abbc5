import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql/promise'
import { QueryTooLong, StorageUnavailable } from '../port.ts'
import { type Connection, isSqliteError, type Value } from './connection.ts'

/**
 * Reads that may be long, apart from the connection that writes: each runs on a thread of the driver, and this one goes
 * on meanwhile.
 */
export interface Reader {
  /**
   * The only row of a statement. It must give one row, e.g. by an aggregate: the first row is made on the other thread,
   * and all that follow would be made here.
   * @throws StorageUnavailable, QueryTooLong
   */
  one<Row>(sql: string, values: readonly Value[]): Promise<Row>
  /** Interrupts what runs; resolves when nothing does any more. */
  close(): Promise<void>
}

interface AsyncStatement {
  all(values: readonly Value[]): Promise<unknown[]>
}

/** A connection, for one statement at a time. */
interface Lane {
  readonly db: Database
  readonly prepared: Map<string, AsyncStatement>
}

/** Of two, one is free for short questions while someone asks a long one. */
const maxLanes = 2
const maxWaiting = 200
const longestMs = 10_000
const interruptEveryMs = 20

/** @param limitMs after so long a statement is given up */
export function createReader(file: string, limitMs = longestMs): Reader {
  const free: Lane[] = []
  const busy = new Map<Lane, Promise<unknown>>()
  const waiting: { resolve: (lane: Lane) => void; reject: (error: Error) => void }[] = []
  let opened = 0
  let isClosed = false

  async function open(): Promise<Lane> {
    opened++
    try {
      const db = new Database(file, {})
      for (const pragma of ['query_only = ON', 'busy_timeout = 5000', 'cache_size = -4000'])
        await db.exec(`PRAGMA ${pragma}`)
      return { db, prepared: new Map() }
    } catch (error) {
      opened--
      // Who waits has no one else to wait for.
      const next = waiting.shift()
      if (next) open().then(next.resolve, next.reject)
      throw error
    }
  }

  function take(): Promise<Lane> {
    if (isClosed) return Promise.reject(closedError())
    const lane = free.pop()
    if (lane) return Promise.resolve(lane)
    if (opened < maxLanes) return open()
    if (waiting.length >= maxWaiting)
      return Promise.reject(new StorageUnavailable('too many lists are being read at once'))
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
    })
  }

  function giveBack(lane: Lane): void {
    busy.delete(lane)
    const next = waiting.shift()
    if (next) next.resolve(lane)
    else if (isClosed) lane.db.close()
    else free.push(lane)
  }

  /** @throws QueryTooLong */
  async function ask(lane: Lane, sql: string, values: readonly Value[]): Promise<unknown> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      lane.db.interrupt()
    }, limitMs)
    try {
      const statement = lane.prepared.get(sql) ?? ((await lane.db.prepare(sql)) as AsyncStatement)
      lane.prepared.set(sql, statement)
      const [row] = await statement.all(values)
      return row
    } catch (error) {
      lane.prepared.delete(sql)
      throw isLate ? new QueryTooLong(limitMs, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    async one<Row>(sql: string, values: readonly Value[]) {
      try {
        const lane = await take()
        const answer = isClosed ? Promise.reject(closedError()) : ask(lane, sql, values)
        busy.set(lane, answer)
        return (await answer.finally(() => giveBack(lane))) as Row
      } catch (error) {
        if (!isSqliteError(error)) throw error
        throw new StorageUnavailable(`SQLite: ${error.message}`, { cause: error })
      }
    },
    async close() {
      isClosed = true
      for (const { reject } of waiting.splice(0)) reject(closedError())
      while (busy.size > 0) {
        // A statement that has not quite begun does not hear of it, so it is said again.
        for (const lane of busy.keys()) lane.db.interrupt()
        await Promise.race([Promise.allSettled(busy.values()), sleep(interruptEveryMs)])
      }
      for (const lane of free.splice(0)) lane.db.close()
    },
  }
}

const closedError = () => new StorageUnavailable('the database is closed')

/** Of a database in memory, which no second connection can see. */
export function createReaderWithin(connection: Connection): Reader {
  return {
    one: <Row>(sql: string, values: readonly Value[]) =>
      connection.read(() => connection.prepare(sql).get<Row>(values) as Row),
    close: async () => {},
  }
}
