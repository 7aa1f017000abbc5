import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { OutgoingMail } from '../ports.ts'
import { assertSigned, type DkimKey, dkimOptions } from './dkim.ts'

/** Finished, signed message of one email, ready for DATA. */
export type ComposeMessage = (mail: OutgoingMail) => Promise<Buffer>

/**
 * List-Unsubscribe as one header with both ways, https first (RFC 8058 §3.1). Written here because the library folds
 * long URLs, and relays that unfold them break the signature: the only fold stands after the comma.
 */
const unsubscribeHeaders = ({ url, mailto }: { url: string; mailto: string }) => ({
  'List-Unsubscribe': { prepared: true, value: `<${url}>,\r\n <mailto:${mailto}>` },
  'List-Unsubscribe-Post': { prepared: true, value: 'List-Unsubscribe=One-Click' },
})

/**
 * Compiles emails with the email library. The same email always comes out as the same bytes: boundaries are derived
 * from its Message-ID and the date is its own.
 * @throws RangeError when the DKIM key is not usable.
 */
export function createMessageComposer(dkim: DkimKey | undefined): ComposeMessage {
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim && { dkim: dkimOptions(dkim) }),
  })

  return async (mail) => {
    const { message } = await transport.sendMail({
      envelope: { from: mail.envelopeFrom, to: [mail.to.address] },
      from: mail.from,
      to: mail.to,
      replyTo: mail.replyTo,
      messageId: `<${mail.messageId.replace(/^<|>$/g, '')}>`,
      date: mail.date,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      textEncoding: 'quoted-printable',
      encoding: 'quoted-printable',
      baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 24),
      boundaryPrefix: 'tp',
      list: { id: { url: mail.listId.host, comment: mail.listId.comment } },
      headers: { ...mail.headers, ...(mail.unsubscribe && unsubscribeHeaders(mail.unsubscribe)) },
      xMailer: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    if (!Buffer.isBuffer(message)) throw new TypeError('the email library gave no finished message')
    if (dkim) assertSigned(message)
    return message
  }
}
