import PostalMime from 'postal-mime'
import type { Clock } from '../../ports.ts'

interface Envelope {
  readonly from: string
  readonly to: readonly string[]
}

/** One email as it arrived over SMTP. */
export interface InboxMessage {
  readonly id: string
  /** Demo time. */
  readonly receivedAt: number
  readonly envelope: Envelope
  /** First field of Feedback-ID: what the email is for. */
  readonly kind: string | null
  readonly subject: string
  /** By lower-cased name; a header that stands several times keeps its lines apart by line breaks. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
  readonly raw: Buffer
}

export interface InboxStore {
  add(envelope: Envelope, raw: Buffer): Promise<InboxMessage>
  /** Oldest first. @param to exact address; without an at sign any part of one. */
  list(to?: string): readonly InboxMessage[]
  get(id: string): InboxMessage | null
}

/** Older emails are forgotten beyond this, so that a demo left running does not fill the memory. */
const keptMessages = 5000

const headersOf = (lines: readonly { key: string; value: string }[]): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const { key, value } of lines) {
    const name = key.toLowerCase()
    headers[name] = name in headers ? `${headers[name]}\n${value}` : value
  }
  return headers
}

const isAddressedTo = (message: InboxMessage, to: string): boolean => {
  const wanted = to.trim().toLowerCase()
  return message.envelope.to.some((address) =>
    wanted.includes('@') ? address.toLowerCase() === wanted : address.toLowerCase().includes(wanted),
  )
}

export function createInboxStore(clock: Clock): InboxStore {
  const messages: InboxMessage[] = []
  let count = 0
  return {
    async add(envelope, raw) {
      const receivedAt = clock.now()
      const mail = await PostalMime.parse(raw)
      const headers = headersOf(mail.headers)
      const message: InboxMessage = {
        id: String(++count),
        receivedAt,
        envelope,
        kind: headers['feedback-id']?.split(':')[0]?.trim() || null,
        subject: mail.subject ?? '',
        headers,
        text: mail.text ?? '',
        html: mail.html ?? '',
        raw,
      }
      messages.push(message)
      if (messages.length > keptMessages) messages.shift()
      return message
    },
    list: (to) => (to ? messages.filter((message) => isAddressedTo(message, to)) : messages),
    get: (id) => messages.find((message) => message.id === id) ?? null,
  }
}
