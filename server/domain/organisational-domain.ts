import { getDomain } from 'tldts'

export const normalDomain = (domain: string): string => domain.trim().toLowerCase().replace(/\.$/, '')

/**
 * `mail.acme.co.uk` → `acme.co.uk`: what DMARC compares under relaxed alignment (RFC 7489 §3.2). By the public suffix
 * list with its private part: `ann.github.io` and `bob.github.io` are two organisations. A suffix itself, an address
 * and a name without dots stand for themselves.
 */
export function organisationalDomain(domain: string): string {
  const name = normalDomain(domain)
  return (
    getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) ?? name
  )
}

export const isAligned = (a: string, b: string): boolean =>
  organisationalDomain(a) === organisationalDomain(b)

/** Names no one can publish records under: RFC 2606 §2 and RFC 6761 §6. */
export const isReserved = (domain: string): boolean =>
  /(^|\.)(test|example|invalid|localhost)$/.test(normalDomain(domain))
