import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'
import { LRUCache } from 'lru-cache'

type Trust = (address: string, hops: number) => boolean

/** As Express names them. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function trustOf(proxies: number | readonly string[] | false): Trust {
  if (proxies === false) return () => false
  if (typeof proxies === 'number') return (_, hops) => hops < proxies
  const trusted = new BlockList()
  for (const entry of proxies.flatMap((proxy) => named[proxy] ?? [proxy])) {
    const [address = '', bits] = entry.split('/')
    if (isIP(address) === 0) continue
    const family = familyOf(address)
    trusted.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address))
}

/** Proxies that a request may have passed; more is made up. */
const mostHops = 20

/**
 * Who sent a request, by the same rule as Express’s `request.ip`, for what answers before Express: the nearest
 * address that is no proxy of ours.
 */
export function clientAddress(
  proxies: number | readonly string[] | false,
): (request: IncomingMessage) => string {
  const trusts = trustOf(proxies)
  return (request) => {
    const nearest = plainAddress(request.socket.remoteAddress ?? '')
    if (!trusts(nearest, 0)) return nearest
    const forwarded = request.headers['x-forwarded-for']
    const told = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? ''))
      .split(',')
      .slice(-mostHops)
    const path = [
      nearest,
      ...told
        .reverse()
        .map((part) => plainAddress(part.trim()))
        .filter(Boolean),
    ]
    return path.find((address, hops) => !trusts(address, hops)) ?? path.at(-1) ?? nearest
  }
}

/** Node writes IPv4 as `::ffff:192.0.2.1` where it listens on both. */
const plainAddress = (address: string): string =>
  address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address

const networks = new LRUCache<string, string>({ max: 10_000 })
const maxAddressChars = 64

/** By what senders are counted: an IPv4 address, or the /64 of an IPv6 one, of which any line has 2^64 addresses. */
export function networkOf(address: string): string {
  const plain = plainAddress(address.slice(0, maxAddressChars))
  if (isIP(plain) !== 6) return plain
  let network = networks.get(plain)
  if (network === undefined) {
    network = ipKeyGenerator(plain, 64)
    networks.set(plain, network)
  }
  return network
}
