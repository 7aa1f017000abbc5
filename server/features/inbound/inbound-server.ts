import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { SMTPServer } from 'smtp-server'
import { secondMs } from '../../../shared/clock.ts'
import { parseMailAddress } from '../../domain/messages/return-path.ts'
import { type Inbound, mailMaxBytes } from './inbound.ts'

export interface InboundServer {
  readonly port: number
  close(): Promise<void>
}

const maxRecipients = 5

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })

/** Reads to the end even when it is too much, because SMTP answers only after the final dot. */
async function readMail(stream: Readable & { sizeExceeded?: boolean }): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length
    if (bytes <= mailMaxBytes) chunks.push(chunk as Buffer)
  }
  return stream.sizeExceeded || bytes > mailMaxBytes ? null : Buffer.concat(chunks)
}

/**
 * Listens for what comes back: bounces, complaints, replies, unsubscribe mails. It takes mail for our own return
 * addresses only, so it is no relay; it says 250 only after the mail’s effect is stored, and 451 when it could not
 * be, so that the other server keeps it and tries again.
 * @throws the error of listening, e.g. EADDRINUSE.
 */
export async function createInboundServer({
  port,
  host,
  mailDomain,
  inbound,
  log,
}: {
  port: number
  host: string
  mailDomain: string
  inbound: Inbound
  log: Logger
}): Promise<InboundServer> {
  const server = new SMTPServer({
    banner: 'Trialpace',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: mailMaxBytes,
    maxClients: 100,
    socketTimeout: 60 * secondMs,
    closeTimeout: secondMs,
    logger: false,
    onRcptTo({ address }, session, done) {
      if (session.envelope.rcptTo.length >= maxRecipients) return done(smtpError(452, 'too many recipients'))
      if (!parseMailAddress(address, mailDomain)) return done(smtpError(550, '5.1.1 no such mailbox here'))
      done()
    },
    onData(stream, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : ''
      const to = envelope.rcptTo.map(({ address }) => address)
      readMail(stream)
        .then(async (raw) => {
          if (!raw) return done(smtpError(552, '5.3.4 message too large'))
          const { kind } = await inbound.receive(raw, { from, to })
          done(null, `2.0.0 taken as ${kind}`)
        })
        .catch((error: unknown) => {
          log.warn({ err: error }, 'a received mail could not be stored; the sender is asked to try again')
          done(smtpError(451, '4.3.0 try again later'))
        })
    },
  })
  // Clients that hang up in the middle of things are everyday life for a mail server.
  server.on('error', (error) => log.debug({ err: error }, 'inbound connection failed'))
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
