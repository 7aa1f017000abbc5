import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer } from 'smtp-server'
import type { InboxStore } from './inbox-store.ts'

export interface InboxSmtp {
  /** As SMTP_URL wants it. */
  readonly url: string
  close(): Promise<void>
}

const mailBytes = 5 * 1024 * 1024

async function read(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A real SMTP server on a free loopback port that keeps whatever it is handed and delivers nothing. */
export async function startInboxSmtp(store: InboxStore): Promise<InboxSmtp> {
  const server = new SMTPServer({
    banner: 'Trialpace demo inbox',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: mailBytes,
    logger: false,
    closeTimeout: 500,
    onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope
      const envelope = {
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
      }
      read(stream)
        .then((raw) => {
          if (stream.sizeExceeded)
            return done(Object.assign(new Error('message too large'), { responseCode: 552 }))
          return store.add(envelope, raw).then(({ id }) => done(null, `kept as ${id}`))
        })
        .catch((error: Error) => done(error))
    },
  })
  // A client that hangs up in the middle is no fault of the demo.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
