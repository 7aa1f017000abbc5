import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { createConnectionLimits } from './connection-limits.ts'
import { type Inbound, mailMaxBytes } from './inbound.ts'
import { mimeBounds } from './mime-bounds.ts'

export interface InboundServer {
  readonly port: number
  close(): Promise<void>
}

const maxRecipients = 5
/** Anyone who guesses addresses gets no more guesses on this connection. */
const maxUnknown = 5
const maxConnections = 60
/** However slowly someone types, a connection ends then. */
const connectionMs = 5 * minuteMs

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })

/**
 * Reads to the end even when it is too much, because SMTP answers only after the final dot; keeps only what will be
 * looked at.
 * @returns null when it is too much.
 */
async function readMail(stream: Readable & { sizeExceeded?: boolean }): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < mimeBounds.bytes) chunks.push(chunk)
    bytes += chunk.length
  }
  return stream.sizeExceeded || bytes > mailMaxBytes
    ? null
    : Buffer.concat(chunks).subarray(0, mimeBounds.bytes)
}

/**
 * Listens for what comes back: bounces, complaints, replies, unsubscribe mails. It takes email for our own return
 * addresses only, each with an email behind it, so it is no relay and reads nothing from strangers; it says 250 only
 * after the email’s effect is stored, and 451 when it could not be, so that the other server keeps it and tries again.
 * @throws the error of listening, e.g. EADDRINUSE.
 */
export async function createInboundServer({
  port,
  host,
  inbound,
  log,
}: {
  port: number
  host: string
  inbound: Inbound
  log: Logger
}): Promise<InboundServer> {
  const limits = createConnectionLimits()
  const admitted = new Set<string>()
  const unknown = new WeakMap<SMTPServerSession, number>()

  async function admitRecipient(address: string, session: SMTPServerSession): Promise<void> {
    if (session.envelope.rcptTo.length >= maxRecipients) throw smtpError(452, '4.5.3 too many recipients')
    const tried = unknown.get(session) ?? 0
    if (tried >= maxUnknown) throw smtpError(421, '4.7.0 too many unknown mailboxes')
    const isKnown = await inbound.knows(address).catch((error: unknown) => {
      log.warn({ err: error }, 'the mailbox of a received mail could not be looked up')
      throw smtpError(451, '4.3.0 try again later')
    })
    if (isKnown) return
    unknown.set(session, tried + 1)
    throw smtpError(550, '5.1.1 no such mailbox here')
  }

  async function take(stream: Readable, { envelope }: SMTPServerSession): Promise<string> {
    const from = envelope.mailFrom ? envelope.mailFrom.address : ''
    const to = envelope.rcptTo.map(({ address }) => address)
    const raw = await readMail(stream)
    if (!raw) throw smtpError(552, '5.3.4 message too large')
    const { kind, detail } = await inbound.receive(raw, { from, to }).catch((error: unknown) => {
      log.warn({ err: error }, 'a received email could not be stored; the sender is asked to try again')
      throw smtpError(451, '4.3.0 try again later')
    })
    if (kind === 'unknown') throw smtpError(554, `5.6.0 message cannot be read: ${detail}`)
    return `2.0.0 taken as ${kind}`
  }

  const server = new SMTPServer({
    banner: 'Trialpace',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: mailMaxBytes,
    maxClients: maxConnections,
    socketTimeout: 60 * secondMs,
    closeTimeout: secondMs,
    logger: false,
    onConnect({ id, remoteAddress }, done) {
      if (!limits.admit(remoteAddress))
        return done(smtpError(421, '4.7.0 too many connections from your network'))
      admitted.add(id)
      done()
    },
    onClose({ id, remoteAddress }) {
      if (admitted.delete(id)) limits.release(remoteAddress)
    },
    onRcptTo({ address }, session, done) {
      admitRecipient(address, session).then(() => done(), done)
    },
    onData(stream, session, done) {
      take(stream, session).then((answer) => done(null, answer), done)
    },
  })
  // Clients that hang up in the middle of things are everyday life for a mail server.
  server.on('error', (error) => log.debug({ err: error }, 'inbound connection failed'))
  server.server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), connectionMs).unref()
    socket.once('close', () => clearTimeout(timer))
  })
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(port, host, () => {
      server.server.removeListener('error', reject)
      resolve()
    })
  })
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
