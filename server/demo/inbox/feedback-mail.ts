import type { InboxMessage } from './inbox-store.ts'

/** What a mailbox sends back: a real message and its envelope, ready for the inbound SMTP feature. */
export interface FeedbackMail {
  readonly from: string
  readonly to: string
  readonly raw: string
}

const crlf = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`

/** RFC 5322 §3.3 date in UTC. */
const mailDate = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')

/** Header values come out of a parsed mail: one line each, so that nothing can add a header. */
const oneLine = (value: string | undefined): string => (value ?? '').replace(/[\r\n]+\s*/g, ' ').trim()

const addressIn = (header: string | undefined): string | null =>
  /<([^<>\s]+@[^<>\s]+)>/.exec(header ?? '')?.[1] ?? /[^\s<>,]+@[^\s<>,]+/.exec(header ?? '')?.[0] ?? null

/** The part before the blank line, as it arrived. */
const rawHeaders = (message: InboxMessage): string => {
  const text = message.raw.toString('latin1')
  const end = text.search(/\r?\n\r?\n/)
  return end < 0 ? text : text.slice(0, end)
}

/** An answer written by a person in an email client. */
export function replyTo(message: InboxMessage, body: string, now: number): FeedbackMail {
  const person = message.envelope.to[0] ?? ''
  const to =
    addressIn(message.headers['reply-to']) ?? addressIn(message.headers.from) ?? message.envelope.from
  const subject = oneLine(message.headers.subject)
  return {
    from: person,
    to,
    raw: crlf([
      `From: ${person}`,
      `To: ${to}`,
      `Subject: ${/^re:/i.test(subject) ? subject : `Re: ${subject}`}`,
      `Date: ${mailDate(now)}`,
      `Message-ID: <reply-${message.id}-${now}@${person.split('@')[1] ?? 'localhost'}>`,
      `In-Reply-To: ${oneLine(message.headers['message-id'])}`,
      `References: ${oneLine(message.headers['message-id'])}`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(body, 'utf8')
        .toString('base64')
        .replace(/.{76}(?=.)/g, '$&\r\n'),
    ]),
  }
}

/** A delivery status notification, RFC 3464; status codes of RFC 3463. */
export function bounceOf(message: InboxMessage, now: number, kind: 'hard' | 'soft' = 'hard'): FeedbackMail {
  const person = message.envelope.to[0] ?? ''
  const host = person.split('@')[1] ?? 'localhost'
  const [status, answer] =
    kind === 'hard' ? ['5.1.1', '550 5.1.1 No such user here'] : ['4.2.2', '452 4.2.2 Mailbox full']
  const boundary = `dsn-${message.id}-${now}`
  return {
    from: '',
    to: message.envelope.from,
    raw: crlf([
      `From: Mail Delivery System <MAILER-DAEMON@${host}>`,
      `To: ${message.envelope.from}`,
      'Subject: Undelivered Mail Returned to Sender',
      `Date: ${mailDate(now)}`,
      `Message-ID: <dsn-${message.id}-${now}@${host}>`,
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=us-ascii',
      '',
      `Your message to ${person} could not be delivered: ${answer}`,
      '',
      `--${boundary}`,
      'Content-Type: message/delivery-status',
      '',
      `Reporting-MTA: dns; mx.${host}`,
      `Arrival-Date: ${mailDate(message.receivedAt)}`,
      '',
      `Final-Recipient: rfc822; ${person}`,
      // Also a soft bounce is final for this email; `delayed` would say that the server goes on trying.
      'Action: failed',
      `Status: ${status}`,
      `Diagnostic-Code: smtp; ${answer}`,
      '',
      `--${boundary}`,
      'Content-Type: text/rfc822-headers',
      '',
      rawHeaders(message),
      '',
      `--${boundary}--`,
    ]),
  }
}

/** A complaint (“this is spam”) from a mailbox provider’s feedback loop, RFC 5965. */
export function complaintAbout(message: InboxMessage, now: number): FeedbackMail {
  const person = message.envelope.to[0] ?? ''
  const host = person.split('@')[1] ?? 'localhost'
  const boundary = `arf-${message.id}-${now}`
  return {
    from: `feedback@${host}`,
    to: message.envelope.from,
    raw: crlf([
      `From: Feedback Loop <feedback@${host}>`,
      `To: ${message.envelope.from}`,
      `Subject: FW: ${oneLine(message.headers.subject)}`,
      `Date: ${mailDate(now)}`,
      `Message-ID: <arf-${message.id}-${now}@${host}>`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=us-ascii',
      '',
      `This is an abuse report for a message received at ${mailDate(message.receivedAt)}.`,
      '',
      `--${boundary}`,
      'Content-Type: message/feedback-report',
      '',
      'Feedback-Type: abuse',
      'User-Agent: TrialpaceDemoInbox/1.0',
      'Version: 1',
      `Original-Mail-From: <${message.envelope.from}>`,
      `Original-Rcpt-To: <${person}>`,
      `Arrival-Date: ${mailDate(message.receivedAt)}`,
      'Source-IP: 127.0.0.1',
      `Reported-Domain: ${message.envelope.from.split('@')[1] ?? 'localhost'}`,
      '',
      `--${boundary}`,
      'Content-Type: message/rfc822',
      '',
      message.raw.toString('latin1'),
      `--${boundary}--`,
    ]),
  }
}
