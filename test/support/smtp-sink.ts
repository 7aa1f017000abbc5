import { createHash } from 'node:crypto'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'

/** One message the sink took, noted before its answer was given. */
export interface LedgerEntry {
  readonly messageId: string
  /** SHA-256 of what follows the header block. */
  readonly bodyHash: string
  readonly from: string
  readonly to: string
  readonly headers: string
  readonly raw: Buffer
  readonly at: number
  /** Whether the sender was told. */
  readonly answered: boolean
}

const smtpStages = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body', 'dot'] as const
export type SmtpStage = (typeof smtpStages)[number]

/**
 * What the sink does instead of going on. A reply can be given at greeting, email, rcpt and dot.
 * `drop` at `dot` takes the message and closes without an answer; `lose` closes and has not taken it; `stall` takes
 * it and never answers.
 */
export type SmtpFault = 'drop' | 'lose' | 'stall' | { code: number; text: string }

export interface SmtpSink {
  readonly url: string
  readonly port: number
  readonly ledger: readonly LedgerEntry[]
  /** How many bodies were broken off before their dot. */
  readonly unfinished: () => number
  readonly connections: () => number
  close(): Promise<void>
}

export interface SinkOptions {
  /** Asked at each stage. `from` is known from `mail` on, `to` from `rcpt` on. */
  fault?: (stage: SmtpStage, session: { from: string; to: string }) => SmtpFault | null
  /** Milliseconds to wait before the reply to MAIL and RCPT. */
  delayMs?: () => number
  /** Called when the body has come and the answer has not been given. */
  onMessage?: (entry: LedgerEntry) => void | Promise<void>
  size?: number
  /** Says SMTPUTF8. Default: no. */
  utf8?: boolean
}

const replyError = (fault: { code: number; text: string }) =>
  Object.assign(new Error(fault.text), { responseCode: fault.code })

const later = (answer: () => void, delayMs: SinkOptions['delayMs']): void => {
  if (delayMs) setTimeout(answer, delayMs())
  else answer()
}

const split = (raw: Buffer) => {
  const at = raw.indexOf('\r\n\r\n')
  return at < 0
    ? { headers: raw.toString('latin1'), body: Buffer.alloc(0) }
    : { headers: raw.subarray(0, at).toString('latin1'), body: raw.subarray(at + 4) }
}

const entryOf = (raw: Buffer, session: SMTPServerSession, answered: boolean): LedgerEntry => {
  const { headers, body } = split(raw)
  const from = session.envelope.mailFrom
  return {
    messageId: /^message-id:\s*(\S+)/im.exec(headers)?.[1] ?? '',
    bodyHash: createHash('sha256').update(body).digest('hex'),
    from: from ? from.address : '',
    to: session.envelope.rcptTo[0]?.address ?? '',
    headers,
    raw,
    at: Date.now(),
    answered,
  }
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** One connection: the bare socket and what was decided about each of its stages. */
interface Line {
  readonly socket: Socket
  from: string
  to: string
  inBody: boolean
  readonly faults: Map<SmtpStage, SmtpFault | null>
}

const keyOf = ({
  remoteAddress,
  remotePort,
}: {
  remoteAddress?: string | undefined
  remotePort?: number | undefined
}) => `${remoteAddress}:${remotePort}`

/** smtp-server with faults by stage: closing the socket at the first bytes of a command needs the bare socket. */
class FaultyServer extends SMTPServer {
  unfinished = 0
  readonly ledger: LedgerEntry[] = []
  readonly #lines = new Map<string, Line>()
  readonly #fault: NonNullable<SinkOptions['fault']>

  constructor({ fault = () => null, delayMs, onMessage, size, utf8 = false }: SinkOptions) {
    super({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      hidePIPELINING: true,
      hideSMTPUTF8: !utf8,
      logger: false,
      ...(size && { size }),
      onConnect: (session, done) => done(this.#reply('greeting', session)),
      onMailFrom: (_address, session, done) => later(() => done(this.#reply('mail', session)), delayMs),
      onRcptTo: (_address, session, done) => later(() => done(this.#reply('rcpt', session)), delayMs),
      onData: (stream, session, done) => void this.#take(stream, session, onMessage).then(done, done),
    })
    this.#fault = fault
    this.on('error', () => {})
  }

  /** The fault was asked for when the command’s bytes arrived; here it is answered. */
  #reply(stage: SmtpStage, session: SMTPServerSession): Error | null {
    const fault = this.#lines.get(keyOf(session))?.faults.get(stage)
    return fault && typeof fault === 'object' ? replyError(fault) : null
  }

  async #take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    onMessage: SinkOptions['onMessage'],
  ): Promise<Error | null> {
    const raw = await readAll(stream).catch(() => null)
    if (!raw) {
      this.unfinished++
      return null
    }
    const from = session.envelope.mailFrom
    const fault = this.#fault('dot', {
      from: from ? from.address : '',
      to: session.envelope.rcptTo[0]?.address ?? '',
    })
    if (fault && typeof fault === 'object') return replyError(fault)
    const socket = this.#lines.get(keyOf(session))?.socket
    if (fault !== 'lose') {
      const entry = entryOf(raw, session, fault === null)
      this.ledger.push(entry)
      await onMessage?.(entry)
    }
    if (fault === 'drop' || fault === 'lose') socket?.destroy()
    if (fault) await new Promise(() => {})
    return null
  }

  override connect(socket: Socket): void {
    const line: Line = { socket, from: '', to: '', inBody: false, faults: new Map() }
    const key = keyOf(socket)
    this.#lines.set(key, line)
    socket.once('close', () => this.#lines.delete(key))
    if (this.#ask('greeting', line) === 'drop') return
    socket.on('data', (chunk) => this.#watch(line, chunk.toString('latin1')))
    super.connect(socket)
  }

  #ask(stage: SmtpStage, line: Line): SmtpFault | null {
    const fault = this.#fault(stage, line)
    line.faults.set(stage, fault)
    if (fault === 'drop') line.socket.destroy()
    return fault
  }

  /** Sees the bytes before the server’s own listener does. */
  #watch(line: Line, text: string): void {
    if (line.inBody) {
      if (this.#ask('body', line) === 'drop' || /(^|\r\n)\.\r\n$/.test(text)) line.inBody = false
    } else if (/^(EHLO|HELO)/i.test(text)) this.#ask('ehlo', line)
    else if (/^MAIL/i.test(text)) {
      line.from = /<([^>]*)>/.exec(text)?.[1] ?? ''
      this.#ask('mail', line)
    } else if (/^RCPT/i.test(text)) {
      line.to = /<([^>]*)>/.exec(text)?.[1] ?? ''
      this.#ask('rcpt', line)
    } else if (/^DATA/i.test(text)) {
      line.inBody = true
      this.#ask('data', line)
    }
  }

  closeAll(): void {
    for (const { socket } of this.#lines.values()) socket.destroy()
  }

  get open(): number {
    return this.#lines.size
  }
}

/** A real SMTP server on a free port of the loopback that keeps what it took and misbehaves on request. */
export async function createSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const server = new FaultyServer(options)
  const listening = server.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    ledger: server.ledger,
    unfinished: () => server.unfinished,
    connections: () => server.open,
    close: () =>
      new Promise((resolve) => {
        server.closeAll()
        server.close(() => resolve())
      }),
  }
}
