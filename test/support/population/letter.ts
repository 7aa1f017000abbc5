import PostalMime from 'postal-mime'
import type { Person } from './cast.ts'
import { type LetterKind, letterKinds } from './shares.ts'

/** A mail as it lies in somebody’s mailbox: only what a receiver can see. */
export interface Letter {
  readonly token: string
  /** Our own header, which comes back in reports. */
  readonly header: string
  readonly person: Person
  readonly kind: LetterKind
  readonly subject: string
  readonly text: string
  readonly acceptedAt: number
  readonly returnPath: string
  readonly replyTo: string
  readonly oneClick: string
  readonly unsubscribeMail: string
  readonly messageId: string
  readonly isSigned: boolean
  /** null: opens are not followed. */
  readonly pixel: string | null
  /** Links that lead through the server, each once. */
  readonly tracked: readonly string[]
  /** Pages of the server: unsubscribe, view, extend, survey answers. */
  readonly pages: readonly string[]
}

const unique = (found: Iterable<string>): string[] => [...new Set(found)]

/** @throws when a header that every lifecycle mail has is missing. */
export async function readLetter(
  raw: Buffer,
  { person, from, at }: { person: Person; from: string; at: number },
): Promise<Letter> {
  const mail = await PostalMime.parse(raw)
  const header = (name: string): string => {
    const value = mail.headers.find(({ key }) => key === name)?.value
    if (value === undefined) throw new Error(`an email without ${name}`)
    return value
  }
  const kind = header('feedback-id').split(':')[0] as LetterKind
  if (!letterKinds.includes(kind)) throw new Error(`no one expected an email of kind ${kind}`)
  const [oneClick = '', unsubscribeMail = ''] = [
    ...header('list-unsubscribe').matchAll(/<(?:mailto:)?([^>]+)>/g),
  ].map(([, target]) => target as string)
  const html = mail.html ?? ''
  const links = unique([...html.matchAll(/href="(https?:[^"]+)"/g)].map(([, link]) => link as string))
  return {
    token: oneClick.split('/u/')[1] ?? '',
    header: header('x-trialpace-id'),
    person,
    kind,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    acceptedAt: at,
    returnPath: from,
    replyTo: mail.replyTo?.[0]?.address ?? '',
    oneClick,
    unsubscribeMail,
    messageId: mail.messageId ?? '',
    isSigned: raw.subarray(0, 200).toString('latin1').startsWith('DKIM-Signature:'),
    pixel: /src="(https?:[^"]+\/o\/[^"]+\.gif)"/.exec(html)?.[1] ?? null,
    tracked: links.filter((link) => /\/c\/[\w-]{22}\/\d+$/.test(link)),
    pages: links.filter((link) => /\/[uvxs]\/[\w-]{22}/.test(link)),
  }
}
