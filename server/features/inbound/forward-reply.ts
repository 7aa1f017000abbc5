import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { type EmailAddress, parseEmailAddress } from '../../../shared/trial.ts'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import { withoutAddresses } from '../../domain/without-addresses.ts'
import { escapeHtml } from '../../locales/catalog.ts'
import type { Clock, Mailer } from '../../ports.ts'

export interface ReplyToForward {
  /** The rep’s own address. */
  readonly to: string
  readonly from: { readonly address: string; readonly name: string }
  /** The trialist’s address as we know it: anyone can write to the address that takes replies. */
  readonly known: EmailAddress | null
  readonly subject: string
  readonly text: string
  readonly product: string
}

/** Brings a reply to the rep. @throws when it could not be handed over; the reply is then received again later. */
export type ForwardReply = (reply: ReplyToForward) => Promise<void>

const maxNameChars = 80
const maxSubjectChars = 250

/** One line without anything that turns the direction of writing, or looks like another address. */
const oneLine = (text: string, maxChars: number): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, maxChars)
const plainName = (name: string): string => oneLine(name.replace(/[<>"\\@＠]+/g, ' '), maxNameChars)

/**
 * What a stranger wrote, as it may go on to the rep: an answer goes to one well-formed address or, without one, to the
 * one we know, and a sender other than that is named in the first line.
 */
export function forwardable({ from, known, subject, text }: Omit<ReplyToForward, 'to' | 'product'>) {
  const sender = parseEmailAddress(from.address)
  const name = plainName(from.name) || (sender ?? 'someone')
  const isKnown = sender !== null && sender === known
  const says = sender ? `This came from ${sender}` : 'This came without a usable sender'
  return {
    name,
    replyTo: sender ?? known,
    subject: oneLine(subject, maxSubjectChars) || `Reply from ${name}`,
    text:
      isKnown || known === null
        ? text
        : `[${says}, not from the trialist’s own address ${known}.]\n\n${text}`,
  }
}

/**
 * Sends replies on to the rep, answerable with one click: Reply-To is the person. The envelope sender is empty, so
 * that no out-of-office notice of the rep ever comes back to us or to the person.
 */
export function createForwardReply({
  mailer,
  clock,
  mailFrom,
  mailDomain,
  log,
}: {
  mailer: Mailer
  clock: Clock
  mailFrom: string
  mailDomain: string
  log: Logger
}): ForwardReply {
  const fromAddress = addressOfMailbox(mailFrom)
  return async ({ to, product, ...reply }) => {
    const { from } = reply
    const { name, replyTo, subject, text } = forwardable(reply)
    const id = createHash('sha256')
      .update(`${from.address}\n${reply.subject}\n${reply.text}`)
      .digest('hex')
      .slice(0, 32)
    const result = await mailer.send(
      {
        to: { address: to, name: '' },
        from: { address: fromAddress, name: `${name} (${product})` },
        replyTo: { address: replyTo ?? fromAddress, name: replyTo ? plainName(from.name) : '' },
        envelopeFrom: '',
        messageId: `reply-${id}@${mailDomain}`,
        subject,
        text,
        html: `<pre style="white-space:pre-wrap;font:inherit">${escapeHtml(text)}</pre>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        listId: { host: `replies.${mailDomain}`, comment: `${product} replies` },
        unsubscribe: null,
        date: new Date(clock.now()),
      },
      async () => true,
    )
    if (result.state === 'deferred') throw new Error(`the reply could not be handed on yet: ${result.answer}`)
    // Trying again would not help; the reply itself is kept and shown on the trialist’s page.
    if (result.state === 'rejected')
      log.error({ answer: withoutAddresses(result.answer) }, 'the rep’s mail server refuses a reply')
  }
}
