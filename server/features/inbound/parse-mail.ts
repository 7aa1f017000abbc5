import PostalMime, { type Attachment } from 'postal-mime'
import { htmlText } from './html-text.ts'
import { boundMail, mimeBounds } from './mime-bounds.ts'

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
/** Fields and headers are read so far; none that we know is longer. */
const fieldMaxChars = 8000
const maxGroups = 50
const maxFields = 500

const contentOf = ({ content }: Attachment): string =>
  typeof content === 'string'
    ? content.slice(0, textMaxChars)
    : new TextDecoder().decode(new Uint8Array(content as ArrayBuffer).subarray(0, textMaxChars))

/** RFC 822 style fields: folded lines joined, names lower-cased, the first of each name kept. */
function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const at = line.indexOf(':')
    const name = at > 0 && at < 100 ? line.slice(0, at).trimEnd().toLowerCase() : ''
    if (!/^[!-9;-~]{1,100}$/.test(name) || fields.has(name)) continue
    fields.set(name, line.slice(at + 1, at + 1 + fieldMaxChars).trim())
    if (fields.size === maxFields) break
  }
  return fields
}

/** RFC 3464 §2.1: fields about the message, an empty line, then a group for each recipient. */
const groupsOf = (content: string): Map<string, string>[] =>
  content
    .split(/\r?\n[ \t]*\r?\n/, maxGroups)
    .flatMap(recipientsOf)
    .map(fieldsOf)
    .filter((fields) => fields.size > 0)

/** Some forget the empty line between recipients. */
const recipientsOf = (block: string): string[] => {
  const parts = block.split(/^(?=final-recipient:)/im, maxGroups)
  return parts.length > 2 ? parts : [block]
}

const headerBlock = (content: string): string => content.split(/\r?\n\r?\n/, 1)[0] ?? ''

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
  let returned = new Map<string, string>()
  for (const part of mail.attachments) {
    const type = reportTypes[part.mimeType]
    if (type) reports.push({ type, groups: groupsOf(contentOf(part)) })
    else if (returnedTypes.has(part.mimeType) && returned.size === 0)
      returned = fieldsOf(headerBlock(contentOf(part).trimStart()))
  }
  const html = mail.text?.trim() || !mail.html ? null : htmlText(mail.html)
  const isLost = !mail.text?.trim() && !mail.html && mail.attachments.length === 0
  const plain = isLost ? brokenBody(bounded.raw, headers.get('content-type')) : mail.text
  return {
    envelope,
    headers,
    fromAddress: (mail.from?.address ?? '').toLowerCase().slice(0, 320),
    fromName: (mail.from?.name ?? '').slice(0, 200),
    subject: (mail.subject ?? '').slice(0, 1000),
    text: (html?.all ?? plain ?? '').slice(0, textMaxChars).trim(),
    htmlOwn: html ? html.own.slice(0, textMaxChars) : null,
    messageId: mail.messageId?.slice(0, 1000) ?? null,
    reports,
    returned,
  }
}
