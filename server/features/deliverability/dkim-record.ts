import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { isAligned, normalDomain } from '../../domain/organisational-domain.ts'
import type { DnsAnswer } from '../../ports.ts'
import { type NeededRecord, publishFix, silentVerdict, type Verdict } from './record.ts'

/** The half of a signing key that the world may see. */
export interface PublicHalf {
  /** Base64 of its SubjectPublicKeyInfo, as it is in `p=`. */
  readonly value: string
  readonly bits: number
}

/** @throws RangeError when it is no RSA private key in PEM form. */
export function publicHalfOf(privateKeyPem: string): PublicHalf {
  let key: KeyObject
  try {
    key = createPrivateKey(privateKeyPem)
  } catch (cause) {
    throw new RangeError('it holds no private key in PEM form', { cause })
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa') throw new RangeError('it holds no RSA key')
  return { value: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'), bits }
}

export const dkimValue = ({ value }: PublicHalf): string => `v=DKIM1; k=rsa; p=${value}`

/** RFC 6376 §3.2. Later tags of the same name lose. */
export function tagsOf(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>()
  for (const part of text.split(';')) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).trim().toLowerCase()
    if (at > 0 && !tags.has(name)) tags.set(name, part.slice(at + 1).trim())
  }
  return tags
}

/** `p=` holds a SubjectPublicKeyInfo or, as the RFC’s own words allow, a bare RSAPublicKey. */
function sameKey(published: string, own: PublicHalf): boolean {
  const der = Buffer.from(published, 'base64')
  for (const type of ['spki', 'pkcs1'] as const)
    try {
      const key = createPublicKey({ key: der, format: 'der', type })
      return key.export({ type: 'spki', format: 'der' }).toString('base64') === own.value
    } catch {
      // Not in this form.
    }
  return false
}

const listed = (tag: string | undefined, word: string): boolean =>
  tag === undefined ||
  tag
    .toLowerCase()
    .split(':')
    .some((part) => part.trim() === word || part.trim() === '*')

/** Why receivers would not verify our signatures with this record; null when they would. */
function faultIn(tags: ReadonlyMap<string, string>, own: PublicHalf): string | null {
  const published = (tags.get('p') ?? '').replaceAll(/\s/g, '')
  if (tags.has('v') && tags.get('v') !== 'DKIM1') return 'it does not begin with v=DKIM1'
  if (published === '') return tags.has('p') ? 'the key there was revoked (p= is empty)' : 'it holds no key'
  if ((tags.get('k') ?? 'rsa').toLowerCase() !== 'rsa') return 'it is for another kind of key than RSA'
  if (!listed(tags.get('h'), 'sha256')) return 'it does not allow SHA-256'
  if (!listed(tags.get('s'), 'email')) return 'it is not for email'
  return sameKey(published, own) ? null : 'it holds another key than DKIM_PRIVATE_KEY_FILE'
}

const longerKey =
  'Make a key of 2048 bits (openssl genrsa 2048), publish it under a second selector, then switch DKIM_SELECTOR and DKIM_PRIVATE_KEY_FILE.'

/** @param domain what the signatures are made for (`d=`) */
export function judgeDkim(
  answer: DnsAnswer,
  record: NeededRecord,
  { key, domain, fromDomains }: { key: PublicHalf; domain: string; fromDomains: readonly string[] },
): Verdict {
  if (answer.state === 'silent') return silentVerdict(answer.why)
  const found = answer.state === 'found' ? answer.values : []
  const keys = found.filter((text) => tagsOf(text).has('p') || /^v=dkim1/i.test(text))
  const verdict = (state: Verdict['state'], detail: string, fix: string | null = null): Verdict => ({
    state,
    detail,
    fix,
    found,
  })
  const [only, second] = keys
  if (only === undefined) return verdict('wrong', `${record.name} has no DKIM record`, publishFix(record))
  if (second !== undefined)
    return verdict(
      'wrong',
      `${record.name} has ${keys.length} records where one is allowed`,
      publishFix(record),
    )
  const tags = tagsOf(only)
  const fault = faultIn(tags, key)
  if (fault) return verdict('wrong', fault, publishFix(record))
  if (key.bits < 1024) return verdict('wrong', `the key has ${key.bits} bits; receivers ignore it`, longerKey)
  const foreign = fromDomains.filter((from) => !isAligned(from, domain))
  if (foreign.length > 0)
    return verdict(
      'wrong',
      `emails from ${foreign.join(', ')} are signed for ${normalDomain(domain)}, which is another organisation’s name to receivers`,
      `Send from an address at ${normalDomain(domain)} (MAIL_FROM and the senders of the playbook), or sign for the domain you send from (DKIM_DOMAIN).`,
    )
  if (listed(tags.get('t'), 'y') && tags.has('t'))
    return verdict('warning', 'the key matches, but t=y says that it is only a test', publishFix(record))
  return key.bits < 2048
    ? verdict('warning', `the key matches, with ${key.bits} bits; 2048 are usual`, longerKey)
    : verdict('ok', `the published key is the one we sign with (${key.bits} bits)`)
}
