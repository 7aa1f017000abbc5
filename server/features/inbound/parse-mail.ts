import PostalMime, { type Attachment } from 'postal-mime'
import { fieldsOf, groupsOf, headerBlock } from './header-fields.ts'
import { htmlText } from './html-text.ts'
import { isFromMailer } from './mail-system.ts'
import { boundMail, mimeBounds } from './mime-bounds.ts'
import { wrappedReport } from './wrapped-report.ts'

/** A received email, taken apart as far as feedback needs it. */
export interface InboundMail {
  readonly envelope: Envelope
  /** Of each header the first value, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly fromAddress: string
  readonly fromName: string
  readonly subject: string
  /** All of it, quoted or not. */
  readonly text: string
  /** Of HTML without a plain part: what its elements do not mark as the email answered. null: there is a plain part. */
  readonly htmlOwn: string | null
  readonly messageId: string | null
  /** `message/delivery-status`, `message/feedback-report`: their fields, group by group. */
  readonly reports: readonly Report[]
  /** Header lines of the original email, as far as it was returned. */
  readonly returned: ReadonlyMap<string, string>
}

export interface Envelope {
  /** Empty: the null sender of notifications. null: anyone who brought the email did not tell. */
  readonly from: string | null
  /** None: the headers have to say. */
  readonly to: readonly string[]
}

interface Report {
  readonly type: 'delivery-status' | 'feedback-report'
  readonly groups: readonly ReadonlyMap<string, string>[]
}

const reportTypes: Readonly<Record<string, Report['type']>> = {
  'message/delivery-status': 'delivery-status',
  'message/global-delivery-status': 'delivery-status',
  'message/feedback-report': 'feedback-report',
}
const returnedTypes = new Set([
  'text/rfc822-headers',
  'message/rfc822',
  'message/global',
  'message/global-headers',
])
const textMaxChars = 100_000

const contentOf = ({ content }: Attachment): string =>
  typeof content === 'string'
    ? content.slice(0, textMaxChars)
    : new TextDecoder().decode(new Uint8Array(content as ArrayBuffer).subarray(0, textMaxChars))

/** Of a multipart email whose boundary was lost on the way: its body as it stands, because words are in there. */
function brokenBody(raw: Buffer, contentType: string | undefined): string {
  if (!/^multipart\//i.test(contentType ?? '')) return ''
  const text = raw.toString('utf8', 0, textMaxChars)
  const start = /\r?\n\r?\n/.exec(text)
  return start ? text.slice(start.index).trim() : ''
}

/** @throws when it is no email that can be read (nested too deep, headers too large). */
export async function parseInbound(whole: Uint8Array, envelope: Envelope): Promise<InboundMail> {
  const bounded = boundMail(whole)
  if (!bounded.ok) throw new Error(bounded.why)
  const mail = await PostalMime.parse(bounded.raw, {
    forceRfc822Attachments: true,
    maxRfc822NestingDepth: 0,
    maxNestingDepth: mimeBounds.depth,
    maxHeadersSize: 2 * mimeBounds.headerBytes,
  })
  const headers = new Map<string, string>()
  for (const { key, value } of mail.headers) if (!headers.has(key)) headers.set(key, value)
  const reports: Report[] = []
  let returned: ReadonlyMap<string, string> = new Map()
  const emails: string[] = []
  for (const part of mail.attachments) {
    const type = reportTypes[part.mimeType]
    if (type) reports.push({ type, groups: groupsOf(contentOf(part)) })
    else if (returnedTypes.has(part.mimeType) && emails.push(contentOf(part)) === 1)
      returned = fieldsOf(headerBlock((emails[0] as string).trimStart()))
  }
  const fromAddress = (mail.from?.address ?? '').toLowerCase().slice(0, 320)
  const html = mail.text?.trim() || !mail.html ? null : htmlText(mail.html)
  const isLost = !mail.text?.trim() && !mail.html && mail.attachments.length === 0
  const plain = isLost ? brokenBody(bounded.raw, headers.get('content-type')) : mail.text
  const text = (html?.all ?? plain ?? '').slice(0, textMaxChars).trim()
  if (reports.length === 0 && isFromMailer({ envelope, headers, fromAddress })) {
    const wrapped = wrappedReport(emails[0] ?? text)
    if (wrapped) reports.push({ type: 'delivery-status', groups: wrapped.groups })
    if (wrapped && wrapped.returned.size > 0) returned = wrapped.returned
  }
  return {
    envelope,
    headers,
    fromAddress,
    fromName: (mail.from?.name ?? '').slice(0, 200),
    subject: (mail.subject ?? '').slice(0, 1000),
    text,
    htmlOwn: html ? html.own.slice(0, textMaxChars) : null,
    messageId: mail.messageId?.slice(0, 1000) ?? null,
    reports,
    returned,
  }
}
