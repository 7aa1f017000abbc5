import type { InboundMail } from './parse-mail.ts'

type Sender = Pick<InboundMail, 'envelope' | 'headers' | 'fromAddress'>

/** RFC 5321 §4.5.5: notifications have no sender. */
export const hasNullSender = ({ envelope, headers }: Pick<Sender, 'envelope' | 'headers'>): boolean =>
  envelope.from === '' || /^<?\s{0,3}(?:mailer-daemon)?>?$/i.test((headers.get('return-path') ?? 'x').trim())

/** No person writes from there; from `postmaster@` of a small firm one does. */
export const isMailerDaemon = (address: string): boolean =>
  /^(?:mailer-?daemon|mail-?daemon)(?:[+._@-]|$)/i.test(address)

/** What it says of emails may be read as a report. */
export const isFromMailer = (mail: Sender): boolean => hasNullSender(mail) || isMailerDaemon(mail.fromAddress)
