/**
 * Registries that sell names one level down (`co.uk`, `com.au`). A rule of thumb instead of the public suffix list,
 * which is long and changes weekly: it only has to tell apart domains that one team has chosen for itself.
 */
const registryLabel = /^(ac|co|com|edu|go|gob|gov|gv|ltd|me|mil|ne|net|nom|or|org|plc|sch)$/

export const normalDomain = (domain: string): string => domain.trim().toLowerCase().replace(/\.$/, '')

/** `mail.acme.co.uk` → `acme.co.uk`: what DMARC compares under relaxed alignment (RFC 7489 §3.2). */
export function organisationalDomain(domain: string): string {
  const labels = normalDomain(domain).split('.')
  const [second = '', top = ''] = labels.slice(-2)
  const isRegistry = top.length === 2 && registryLabel.test(second)
  return labels.slice(isRegistry ? -3 : -2).join('.')
}

export const isAligned = (a: string, b: string): boolean =>
  organisationalDomain(a) === organisationalDomain(b)

/** Names nobody can publish records under: RFC 2606 §2 and RFC 6761 §6. */
export const isReserved = (domain: string): boolean =>
  /(^|\.)(test|example|invalid|localhost)$/.test(normalDomain(domain))
