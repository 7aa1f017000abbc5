import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSmall } from '../../server/start-small.ts'
import { watchHolds } from './watch-holds.ts'

/** The whole server in a process of its own: tells where it is and an address that takes email, then its usage when asked. */

export interface Target {
  readonly port: number
  readonly inboundPort: number
  readonly mailbox: string
  readonly writeKey: string
  readonly secretKey: string
}

const mailDomain = 'in.mail.acme.example'
const writeKey = 'pk_test_0123456789abcdef'
const secretKey = 'sk_test_0123456789abcdef'
const dataDir = await mkdtemp(join(tmpdir(), 'trialpace-bench-'))
const env = {
  PORT: '0',
  HOST: '127.0.0.1',
  TRIALPACE_DATA_DIR: dataDir,
  TRIALPACE_WRITE_KEY: writeKey,
  TRIALPACE_SECRET_KEY: secretKey,
  TRIALPACE_ADMIN_EMAIL: 'dana@acme.example',
  TRIALPACE_ADMIN_PASSWORD: 'correct horse battery',
  TRIALPACE_RELEASED: 'true',
  INBOUND_SMTP_PORT: '0',
  INBOUND_DOMAIN: mailDomain,
  LOG_LEVEL: 'silent',
}
const server = await startSmall(async () => {
  const { readConfig } = await import('../../server/config.ts')
  const { createServer } = await import('../../server/compose/server.ts')
  const read = readConfig(env)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return createServer(read.config)
})
const { putMail } = await import('../support/put-mail.ts')
const { mailAddress } = await import('../../server/domain/messages/return-path.ts')
const token = await putMail({ server, clock: { now: Date.now } }, 'reader', { state: 'sent' })
const [workspace] = server.services.workspaces.all()
if (!workspace) throw new Error('there is no workspace')

/** Since it was asked for last. */
let holds = watchHolds()

process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss(), hold: holds.stop() })
    holds = watchHolds()
  } else {
    await server.close()
    await rm(dataDir, { recursive: true, force: true })
    process.disconnect()
  }
})
process.send?.({
  port: server.port,
  inboundPort: server.inboundPort ?? 0,
  mailbox: mailAddress('reply', token, workspace.linkSecret, mailDomain),
  writeKey,
  secretKey,
} satisfies Target)
