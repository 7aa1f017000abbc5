import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import type { Clock, Mailer } from '../../ports.ts'

export interface ReplyToForward {
  /** The rep’s own address. */
  readonly to: string
  readonly from: { readonly address: string; readonly name: string }
  readonly subject: string
  readonly text: string
  readonly product: string
}

/** Brings a reply to the rep. @throws when it could not be handed over; the reply is then received again later. */
export type ForwardReply = (reply: ReplyToForward) => Promise<void>

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
  return async ({ to, from, subject, text, product }) => {
    const name = from.name || from.address
    const id = createHash('sha256').update(`${from.address}\n${subject}\n${text}`).digest('hex').slice(0, 32)
    const result = await mailer.send(
      {
        to: { address: to, name: '' },
        from: { address: fromAddress, name: `${name} (${product})` },
        replyTo: { address: from.address, name: from.name },
        envelopeFrom: '',
        messageId: `reply-${id}@${mailDomain}`,
        subject: subject || `Reply from ${name}`,
        text,
        html: `<pre style="white-space:pre-wrap;font:inherit">${escapeText(text)}</pre>`,
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
      log.error({ answer: result.answer }, 'the rep’s mail server refuses a reply')
  }
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
