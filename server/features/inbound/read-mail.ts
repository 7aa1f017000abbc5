import { classifyInbound, type InboundKind } from './classify-mail.ts'
import { type Candidate, candidates } from './match-mail.ts'
import { type Envelope, parseInbound } from './parse-mail.ts'

/** All that the server has to know of a received email. Plain data: it comes out of another thread. */
export interface ReadMail {
  readonly kind: InboundKind
  readonly detail: string
  /** A server’s or a provider’s report, whatever it asks for. */
  readonly isReport: boolean
  readonly candidates: readonly Candidate[]
  readonly messageId: string | null
  readonly from: { readonly address: string; readonly name: string }
  readonly subject: string
  /** What goes on to the rep: quoted words included. */
  readonly text: string
  /** Of replies, and of what is only guessed to be automatic: the person’s own words, perhaps none. */
  readonly words: string | null
}

/** @returns why it cannot be read, where it cannot. @throws MailReaderBusy when there is no room for one more. */
export type MailReader = (
  raw: Uint8Array,
  envelope: Envelope,
) => Promise<ReadMail | { readonly unreadable: string }>

const replyMaxChars = 10_000

/** Takes an email apart and says what it is. All work that a stranger’s bytes can make long is in here. */
export async function readMail(raw: Uint8Array, envelope: Envelope, mailDomain: string): Promise<ReadMail> {
  const mail = await parseInbound(raw, envelope)
  const found = candidates(mail, mailDomain)
  const { kind, detail, words } = classifyInbound(mail, found[0]?.name.purpose === 'unsubscribe')
  return {
    kind,
    detail,
    isReport: mail.reports.length > 0,
    candidates: found,
    messageId: mail.messageId,
    from: { address: mail.fromAddress, name: mail.fromName },
    subject: mail.subject,
    text: mail.text.slice(0, replyMaxChars),
    words: words?.slice(0, replyMaxChars) ?? null,
  }
}
