import PostalMime, { type Attachment, type Email } from 'postal-mime'

/** A received mail, taken apart as far as feedback needs it. */
export interface InboundMail {
  readonly envelope: Envelope
  /** Of each header the first value, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly fromAddress: string
  readonly fromName: string
  readonly subject: string
  readonly text: string
  readonly messageId: string | null
  /** `message/delivery-status`, `message/feedback-report`: their fields, group by group. */
  readonly reports: readonly Report[]
  /** Header lines of the original mail, as far as it was returned. */
  readonly returned: ReadonlyMap<string, string>
}

export interface Envelope {
  /** Empty: the null sender of notifications. null: whoever brought the mail did not tell. */
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
const textMaxChars = 200_000

const contentOf = ({ content }: Attachment): string =>
  typeof content === 'string' ? content : new TextDecoder().decode(content)

/** RFC 822 style fields: folded lines joined, names lower-cased, the first of each name kept. */
function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const match = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line)
    const name = match?.[1]?.toLowerCase()
    if (name && !fields.has(name)) fields.set(name, (match?.[2] ?? '').trim())
  }
  return fields
}

/** RFC 3464 §2.1: fields about the message, an empty line, then a group for each recipient. */
const groupsOf = (content: string): Map<string, string>[] =>
  content
    .split(/\r?\n[ \t]*\r?\n/)
    .map(fieldsOf)
    .filter((fields) => fields.size > 0)

const headerBlock = (content: string): string => content.split(/\r?\n\r?\n/, 1)[0] ?? ''

function plainText({ text, html }: Email): string {
  const plain = text ?? html?.replace(/<(style|script)[\s\S]*?<\/\1>/gi, '').replace(/<[^>]+>/g, ' ') ?? ''
  return plain.slice(0, textMaxChars).trim()
}

/** @throws when it is no mail that can be read (nested too deep, headers too large). */
export async function parseInbound(raw: Uint8Array, envelope: Envelope): Promise<InboundMail> {
  const mail = await PostalMime.parse(raw, {
    forceRfc822Attachments: true,
    maxNestingDepth: 20,
    maxHeadersSize: 256 * 1024,
  })
  const headers = new Map<string, string>()
  for (const { key, value } of mail.headers) if (!headers.has(key)) headers.set(key, value)
  const reports: Report[] = []
  let returned = new Map<string, string>()
  for (const part of mail.attachments) {
    const type = reportTypes[part.mimeType]
    if (type) reports.push({ type, groups: groupsOf(contentOf(part)) })
    else if (returnedTypes.has(part.mimeType) && returned.size === 0)
      returned = fieldsOf(headerBlock(contentOf(part)))
  }
  return {
    envelope,
    headers,
    fromAddress: mail.from?.address?.toLowerCase() ?? '',
    fromName: mail.from?.name ?? '',
    subject: mail.subject ?? '',
    text: plainText(mail),
    messageId: mail.messageId ?? null,
    reports,
    returned,
  }
}
