import type { Readable } from 'node:stream'
import { createTransport } from 'nodemailer'
import SMTPPool from 'nodemailer/lib/smtp-pool'
import type { Logger } from 'pino'
import { minuteMs, secondMs } from '../../shared/clock.ts'
import { parseEmailAddress } from '../../shared/trial.ts'
import type { Mailer, SendResult } from '../ports.ts'
import type { DkimKey } from './dkim.ts'
import { createDelivery, type Delivery } from './smtp-mailer-delivery.ts'
import { createMessageComposer } from './smtp-mailer-message.ts'
import { explain, type SmtpError } from './smtp-mailer-result.ts'
import { createUtf8Question, needsSmtpUtf8 } from './smtp-utf8.ts'

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:587`, `smtps://…` for TLS from the first byte. */
  url: string
  dkim?: DkimKey | undefined
  pool?: {
    /** Connections held open; so many emails are under way at once. Default 5. */
    connections?: number
    /** Emails one connection may carry; providers limit it. Default 100. */
    perConnection?: number
    /** Most emails in a second; unlimited when absent. */
    perSecond?: number
  }
  log: Pick<Logger, 'warn'>
  /** From the call to the gate, waiting for a connection included. Shorter than a lease. Default 50 s. */
  dialogueTimeoutMs?: number
  /** How long the gate may take before the email is broken off. Default 2 s. */
  gateTimeoutMs?: number
  /** From the final dot to the answer. RFC 5321 §4.5.3.2.6 asks for 10 minutes, the default. */
  answerTimeoutMs?: number
}

const notOneAddress: SendResult = {
  state: 'rejected',
  answer: 'The recipient is not one plain email address.',
  code: 553,
  enhancedCode: '5.1.3',
}
/** Said by us in the words of RFC 6531 §3.5, and never taken for a word about the person. */
const notOffered: SendResult = {
  state: 'rejected',
  answer:
    'The mail server does not offer SMTPUTF8, which this address needs: it has letters outside ASCII before the @.',
  code: 553,
  enhancedCode: '5.6.7',
}
const shuttingDown: SendResult = {
  state: 'deferred',
  answer: 'The mailer is shutting down.',
  code: null,
  stage: 'waiting',
}

const createPool = ({ url, pool = {} }: SmtpMailerOptions, answerTimeoutMs: number): SMTPPool =>
  new SMTPPool({
    url,
    maxConnections: pool.connections ?? 5,
    maxMessages: pool.perConnection ?? 100,
    ...(pool.perSecond !== undefined && { rateLimit: pool.perSecond, rateDelta: secondMs }),
    // Another connection is tried only for an email of which not one byte was read, see createDelivery.
    maxRequeues: 2,
    connectionTimeout: 15 * secondMs,
    greetingTimeout: 15 * secondMs,
    socketTimeout: answerTimeoutMs + minuteMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })

/**
 * Email by SMTP over pooled connections. What became of an email is judged by how far our own stream got, because the
 * library reports a connection lost before and after the final dot alike.
 * @throws RangeError when the DKIM key is not usable.
 */
export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  const limits = {
    dialogueTimeoutMs: options.dialogueTimeoutMs ?? 50 * secondMs,
    gateTimeoutMs: options.gateTimeoutMs ?? 2 * secondMs,
    answerTimeoutMs: options.answerTimeoutMs ?? 10 * minuteMs,
  }
  const compose = createMessageComposer(options.dkim)
  const pool = createPool(options, limits.answerTimeoutMs)
  const offersUtf8 = createUtf8Question(options.url)
  pool.on('error', (error: Error) => options.log.warn({ err: error }, 'mail server connection failed'))
  const transport = createTransport(pool)
  const openers = new WeakMap<object, () => Readable>()
  const flights = new Map<Delivery, Promise<SendResult>>()
  let closed = false

  /** The library would read a stream ahead of the dialogue; this way it opens ours only when the server is ready. */
  transport.use('stream', (mail, done) => {
    const open = openers.get(mail.data.raw as object)
    if (open) mail.message.createReadStream = open as typeof mail.message.createReadStream
    done()
  })

  return {
    async send(mail, gate, signal) {
      if (!parseEmailAddress(mail.to.address)) return notOneAddress
      if (needsSmtpUtf8(mail.to.address)) {
        const offered = await offersUtf8().catch((error: SmtpError) => error)
        if (offered instanceof Error)
          return { state: 'deferred', answer: explain(offered), code: null, stage: 'CONN' }
        if (!offered) return notOffered
      }
      const raw = await compose(mail)
      if (closed || signal?.aborted) return shuttingDown
      const delivery = createDelivery(raw, gate, limits)
      const breakOff = () => delivery.breakOff('the sender is shutting down')
      signal?.addEventListener('abort', breakOff, { once: true })
      const flight = delivery.run((open, connectionSignal) => {
        openers.set(raw, open)
        const envelope = { from: mail.envelopeFrom, to: [mail.to.address] }
        return transport.sendMail({ envelope, raw, signal: connectionSignal })
      })
      flights.set(delivery, flight)
      try {
        return await flight
      } finally {
        flights.delete(delivery)
        signal?.removeEventListener('abort', breakOff)
      }
    },

    async verify() {
      try {
        await pool.verify()
        return { ok: true }
      } catch (error) {
        return { ok: false, why: explain(error as SmtpError) }
      }
    },

    async close() {
      closed = true
      for (const delivery of flights.keys()) delivery.breakOff('the mailer is shutting down')
      await Promise.allSettled(flights.values())
      pool.close()
    },
  }
}
