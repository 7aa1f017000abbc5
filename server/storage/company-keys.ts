import { isPublicDomain } from '../../shared/mailbox.ts'
import { organisationalDomain } from '../domain/organisational-domain.ts'
import type { Person } from '../domain/trial/model.ts'

/** By what colleagues are found: people with one key work at one company, as far as anyone can tell. */
export interface CompanyKeys {
  /** Organisational domain of the address; null at providers where anyone can have one. */
  readonly domain: string | null
  /** The product’s own id of the company when it sends one, else its name. */
  readonly company: string | null
}

const longestKey = 200
/** What forms and imports write where there is no company. */
const noCompany =
  /^(?:-+|\.+|n\/?a|none|no|null|undefined|unknown|test|private|personal|self|self[- ]employed|freelancer?|individual|student|company|my company|your company)$/

export function companyKeysOf({
  email,
  company,
  traits,
}: Pick<Person, 'email' | 'company' | 'traits'>): CompanyKeys {
  const [named] = [traits.groupId, traits.companyId, company].flatMap((value) => companyKey(value) ?? [])
  return { domain: domainKey(email), company: named ?? null }
}

function domainKey(email: string | null): string | null {
  const host = email?.slice(email.lastIndexOf('@') + 1)
  if (!host || isPublicDomain(host)) return null
  const domain = organisationalDomain(host)
  return isPublicDomain(domain) ? null : domain
}

function companyKey(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const key = String(value).slice(0, longestKey).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
  return key === '' || noCompany.test(key) ? null : key
}
