import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { linkTokenPattern } from './link-token.ts'

/**
 * Variable envelope return paths: each email has return, reply and unsubscribe addresses of its own, so that what
 * comes back names its email even when every header is gone.
 *
 * - bounce: `b+<name>.<mac>@bounce.<mailDomain>`
 * - reply: `reply+<name>.<mac>@in.<mailDomain>`
 * - unsubscribe: `unsub+<name>.<mac>@in.<mailDomain>`
 * - header X-Trialpace-Id: `<name>.<mac>`; Message-ID: `<name>.<mac>@<mailDomain>`
 *
 * The name is the link token enciphered under a key of its own: Message-IDs and reply addresses travel on in every
 * answer and every forwarded copy, and must not open the links. Each purpose has its own check value, so that one of
 * them never proves another. All is hexadecimal, because some gateways fold the local part to lower case.
 */
export type MailPurpose = 'bounce' | 'reply' | 'unsubscribe' | 'header' | 'message-id'
type AddressPurpose = Exclude<MailPurpose, 'header' | 'message-id'>

const parts = {
  bounce: { prefix: 'b', host: 'bounce' },
  reply: { prefix: 'reply', host: 'in' },
  unsubscribe: { prefix: 'unsub', host: 'in' },
} as const

/** What an address, a header or a Message-ID says; it proves nothing until {@link openMailName} has checked it. */
export interface MailName<Purpose extends MailPurpose = MailPurpose> {
  readonly purpose: Purpose
  /** 16 bytes in hexadecimal. */
  readonly name: string
  /** null: from before names were enciphered; the name then is the link token itself. */
  readonly mac: string | null
}

const cipherKeyOf = (secret: string): Buffer =>
  createHmac('sha256', secret).update('mail-name').digest().subarray(0, 16)

/** One block of AES: a permutation, so no second document has to remember which name is which token. */
function nameOf(secret: string, token: string): string {
  const cipher = createCipheriv('aes-128-ecb', cipherKeyOf(secret), null).setAutoPadding(false)
  return cipher.update(Buffer.from(token, 'base64url')).toString('hex')
}

function tokenOf(secret: string, name: string): string {
  const decipher = createDecipheriv('aes-128-ecb', cipherKeyOf(secret), null).setAutoPadding(false)
  return decipher.update(Buffer.from(name, 'hex')).toString('base64url')
}

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex').slice(0, 8)

/** @throws RangeError when the token is not one of {@link linkToken}. */
export function mailName(purpose: MailPurpose, token: string, secret: string): string {
  if (!linkTokenPattern.test(token)) throw new RangeError('not a link token')
  const name = nameOf(secret, token)
  return `${name}.${hmac(secret, `${purpose}:${name}`)}`
}

/** @throws RangeError when the token is not one of {@link linkToken}. */
export function mailAddress(
  purpose: AddressPurpose,
  token: string,
  secret: string,
  mailDomain: string,
): string {
  const { prefix, host } = parts[purpose]
  return `${prefix}+${mailName(purpose, token, secret)}@${host}.${mailDomain}`
}

/**
 * Reads an address of {@link mailAddress}, with or without angle brackets, in any letter case.
 * @param mailDomain when given, only addresses of that domain are read.
 * @returns null when it is no such address.
 */
export function parseMailAddress(address: string, mailDomain?: string): MailName<AddressPurpose> | null {
  const text = address.trim()
  if (text.length > 400) return null
  const match = /^<?(b|reply|unsub)\+([0-9a-f]{32})(?:\.([0-9a-f]{8}))?@([a-z0-9.-]+)>?$/.exec(
    text.toLowerCase(),
  )
  if (!match) return null
  const [, prefix, name = '', mac, host = ''] = match
  const purpose = prefix === 'b' ? 'bounce' : prefix === 'reply' ? 'reply' : 'unsubscribe'
  if (purpose === 'bounce' && mac === undefined) return null
  if (mailDomain !== undefined && host !== `${parts[purpose].host}.${mailDomain.toLowerCase()}`) return null
  return { purpose, name, mac: mac ?? null }
}

/** Reads a Message-ID without its angle brackets and domain, or the header; also of emails from before the names. */
export function parseMailName(
  purpose: 'header' | 'message-id',
  text: string,
): MailName<'header' | 'message-id'> | null {
  const [, name, mac] = /^([0-9a-f]{32})\.([0-9a-f]{8})$/.exec(text) ?? []
  if (name !== undefined && mac !== undefined) return { purpose, name, mac }
  return linkTokenPattern.test(text)
    ? { purpose, name: Buffer.from(text, 'base64url').toString('hex'), mac: null }
    : null
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** @returns the link token, or null when the name was not made with this workspace’s secret. */
export function openMailName(secret: string, { purpose, name, mac }: MailName): string | null {
  const bare = Buffer.from(name, 'hex').toString('base64url')
  if (mac === null) return bare
  if (isSame(mac, hmac(secret, `${purpose}:${name}`))) return tokenOf(secret, name)
  // Return paths of emails that left before the names were enciphered.
  return purpose === 'bounce' && isSame(mac, hmac(secret, `verp:${bare}`)) ? bare : null
}
