import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, inject, it } from 'vitest'
import { createServer } from '../../../server/compose/server.ts'
import { readConfig } from '../../../server/config.ts'
import { mongoDatabase } from '../../support/storages.ts'

const mongodb = inject('mongodb')
const watchedMs = 20_000

/** Commands a second that a server sends when nothing happens, behind its first moments. */
async function idleCommands(role: 'web' | 'worker'): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trialpace-idle-'))
  const database = await mongoDatabase(mongodb!.uri)
  const read = readConfig({ PORT: '0', ROLE: role, MONGODB_URI: mongodb!.uri, TRIALPACE_DATA_DIR: dataDir })
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  const server = await createServer(read.config, {
    storage: await database.open(),
    log: pino({ level: 'silent' }),
  })
  try {
    await sleep(9_000)
    const before = database.commands.length
    await sleep(watchedMs)
    return (database.commands.length - before) / (watchedMs / 1000)
  } finally {
    await server.close()
    await database.remove()
    await rm(dataDir, { recursive: true })
  }
}

describe.skipIf(!mongodb)('on MongoDB, when nothing happens', () => {
  it('a worker sends at most one command a second, and a web server one in five', async () => {
    const [worker, web] = await Promise.all([idleCommands('worker'), idleCommands('web')])
    expect(worker).toBeLessThanOrEqual(1)
    expect(web).toBeLessThanOrEqual(0.2)
  })
})
