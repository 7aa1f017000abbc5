import { type MailName, parseMailAddress, parseMailName } from '../../domain/messages/return-path.ts'
import type { InboundMail } from './parse-mail.ts'

/**
 * An email of ours that a received one may be about.
 * - `signed`: our return path or our own header; only what our email itself carried can say it.
 * - `address`: a reply or unsubscribe address, which travels on in every answer to all.
 * - `reference`: a Message-ID, which does so too, and more freely.
 */
export interface Candidate {
  readonly trust: 'signed' | 'address' | 'reference'
  readonly name: MailName
}

/** A chain of answers names its emails from the oldest on; what is answered stands last. */
const maxReferences = 10
const maxAddresses = 20

const addressCandidates = (texts: readonly string[], mailDomain: string): Candidate[] =>
  texts.slice(0, maxAddresses).flatMap((text): Candidate[] => {
    const start = text.lastIndexOf('<')
    const end = text.indexOf('>', start)
    const name = parseMailAddress(start >= 0 && end > start ? text.slice(start + 1, end) : text, mailDomain)
    if (!name) return []
    // Without its check value an address of old times says no more than the Message-ID of its email.
    const isSigned = name.purpose === 'bounce'
    return [{ trust: isSigned ? 'signed' : 'address', name }]
  })

function idCandidates(references: string | undefined, mailDomain: string): Candidate[] {
  const found: Candidate[] = []
  for (const part of (references ?? '').slice(-4000).split('<').slice(1).reverse()) {
    const [local = '', host = ''] = part.slice(0, part.indexOf('>')).split('@')
    const name = host.toLowerCase() === mailDomain.toLowerCase() ? parseMailName('message-id', local) : null
    if (name) found.push({ trust: 'reference', name })
    if (found.length === maxReferences) break
  }
  return found
}

/** Most certain first: where it came in, our own addresses and header in what was returned, then Message-IDs. */
export function candidates(mail: InboundMail, mailDomain: string): Candidate[] {
  const { envelope, headers, returned, reports } = mail
  const feedback = reports.find(({ type }) => type === 'feedback-report')?.groups[0]
  const list = (name: string) => (headers.get(name) ?? '').slice(0, 8000).split(',')
  const header = parseMailName('header', returned.get('x-trialpace-id')?.trim() ?? '')
  return [
    ...addressCandidates(
      [
        ...envelope.to,
        ...list('to'),
        ...list('delivered-to'),
        headers.get('x-original-to') ?? '',
        headers.get('envelope-to') ?? '',
        feedback?.get('original-mail-from') ?? '',
        returned.get('return-path') ?? '',
      ],
      mailDomain,
    ),
    ...(header
      ? [{ trust: header.mac === null ? ('reference' as const) : ('signed' as const), name: header }]
      : []),
    ...[
      returned.get('message-id'),
      headers.get('in-reply-to'),
      headers.get('references'),
      feedback?.get('original-message-id'),
    ].flatMap((text) => idCandidates(text, mailDomain)),
  ]
}
