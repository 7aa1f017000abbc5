import { createHmac, timingSafeEqual } from 'node:crypto'
import { linkTokenPattern } from './link-token.ts'

/**
 * Variable envelope return paths: each mail has return, reply and unsubscribe addresses of its own, so that what
 * comes back names its mail even when every header is gone.
 *
 * - bounce: `b+<token>.<mac>@bounce.<mailDomain>`
 * - reply: `reply+<token>@in.<mailDomain>`
 * - unsubscribe: `unsub+<token>@in.<mailDomain>`
 *
 * The token stands there in hexadecimal, because some gateways fold the local part to lower case and base64url does
 * not survive that.
 */
export type MailPurpose = 'bounce' | 'reply' | 'unsubscribe'

const parts = {
  bounce: { prefix: 'b', host: 'bounce' },
  reply: { prefix: 'reply', host: 'in' },
  unsubscribe: { prefix: 'unsub', host: 'in' },
} as const

export interface ParsedMailAddress {
  readonly purpose: MailPurpose
  /** As {@link linkToken} made it: id of the `mail` document. */
  readonly token: string
  /** null on reply and unsubscribe addresses. */
  readonly mac: string | null
}

const tokenToHex = (token: string): string => Buffer.from(token, 'base64url').toString('hex')

const macOf = (secret: string, token: string): string =>
  createHmac('sha256', secret).update(`verp:${token}`).digest('hex').slice(0, 8)

/** @throws RangeError when the token is not one of {@link linkToken}. */
export function mailAddress(purpose: MailPurpose, token: string, secret: string, mailDomain: string): string {
  if (!linkTokenPattern.test(token)) throw new RangeError('not a link token')
  const { prefix, host } = parts[purpose]
  const mac = purpose === 'bounce' ? `.${macOf(secret, token)}` : ''
  return `${prefix}+${tokenToHex(token)}${mac}@${host}.${mailDomain}`
}

/**
 * Reads an address of {@link mailAddress}, with or without angle brackets, in any letter case.
 * A bounce address proves nothing until {@link verpMacMatches} says so.
 * @param mailDomain when given, only addresses of that domain are read.
 * @returns null when it is no such address.
 */
export function parseMailAddress(address: string, mailDomain?: string): ParsedMailAddress | null {
  const match = /^<?(b|reply|unsub)\+([0-9a-f]{32})(?:\.([0-9a-f]{8}))?@([a-z0-9.-]+)>?$/.exec(
    address.trim().toLowerCase(),
  )
  if (!match) return null
  const [, prefix, hex = '', mac, host = ''] = match
  const purpose = prefix === 'b' ? 'bounce' : prefix === 'reply' ? 'reply' : 'unsubscribe'
  if ((purpose === 'bounce') !== (mac !== undefined)) return null
  if (mailDomain !== undefined && host !== `${parts[purpose].host}.${mailDomain.toLowerCase()}`) return null
  return { purpose, token: Buffer.from(hex, 'hex').toString('base64url'), mac: mac ?? null }
}

/** Whether a parsed bounce address was made with this workspace’s secret. */
export function verpMacMatches(secret: string, { token, mac }: ParsedMailAddress): boolean {
  return (
    mac !== null && mac.length === 8 && timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(secret, token)))
  )
}
