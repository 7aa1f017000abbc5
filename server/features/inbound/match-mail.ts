import { linkTokenPattern } from '../../domain/messages/link-token.ts'
import { type ParsedMailAddress, parseMailAddress } from '../../domain/messages/return-path.ts'
import type { InboundMail } from './parse-mail.ts'

/** A mail of ours that a received one may be about, and how we know. The first that exists is taken. */
export interface Candidate {
  readonly token: string
  readonly by: 'address' | 'header' | 'message-id'
  /** To be checked against the workspace’s secret, where the address carries a check value. */
  readonly address: ParsedMailAddress | null
}

const tokensIn = (references: string | undefined, mailDomain: string): string[] =>
  [...(references ?? '').matchAll(/<([A-Za-z0-9_-]{22})@([^>\s]+)>/g)]
    .filter(([, , host]) => host?.toLowerCase() === mailDomain.toLowerCase())
    .flatMap(([, token]) => (token ? [token] : []))

/** Most certain first: our own addresses, our own header in what was returned, then message ids. */
export function candidates(mail: InboundMail, mailDomain: string): Candidate[] {
  const { envelope, headers, returned, reports } = mail
  const feedback = reports.find(({ type }) => type === 'feedback-report')?.groups[0]
  const addresses = [
    ...envelope.to,
    ...(headers.get('to') ?? '').split(','),
    ...(headers.get('delivered-to') ?? '').split(','),
    headers.get('x-original-to') ?? '',
    headers.get('envelope-to') ?? '',
    feedback?.get('original-mail-from') ?? '',
    returned.get('return-path') ?? '',
  ]
  const byAddress = addresses.flatMap((text): Candidate[] => {
    const parsed = parseMailAddress(/<([^<>]+)>/.exec(text)?.[1] ?? text, mailDomain)
    return parsed ? [{ token: parsed.token, by: 'address', address: parsed }] : []
  })
  const header = returned.get('x-trialpace-id') ?? ''
  const byHeader: Candidate[] = linkTokenPattern.test(header)
    ? [{ token: header, by: 'header', address: null }]
    : []
  const byId = [
    returned.get('message-id'),
    headers.get('in-reply-to'),
    headers.get('references'),
    feedback?.get('original-message-id'),
  ]
    .flatMap((text) => tokensIn(text, mailDomain))
    .map((token): Candidate => ({ token, by: 'message-id', address: null }))
  return [...byAddress, ...byHeader, ...byId]
}
