import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { secondMs } from '../../shared/clock.ts'

/** Sends JSON to an address that someone typed in: https only, and never into our own network. */

const timeoutMs = 15 * secondMs

/** Not the public internet (RFC 6890): a webhook must not reach into our own network. */
const inner = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 127],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(net, bits, 'ipv6')

const isInnerAddress = (address: string): boolean =>
  inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])
export const isLoopbackUrl = ({ hostname }: URL): boolean => loopbackHosts.has(hostname)

/** Looks up and checks in one step, so that a name cannot answer differently in between. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { all: true, family: options.family === 6 ? 6 : options.family === 4 ? 4 : 0 }).then(
    (found) => {
      const bad = found.find(({ address }) => isInnerAddress(address))
      if (bad || !found[0]) return done(new Error('The webhook’s host is not on the public internet.'), '')
      if (options.all) return done(null, found)
      done(null, found[0].address, found[0].family)
    },
    (error: NodeJS.ErrnoException) => done(error, ''),
  )
}

/** @returns why nothing may be sent there; null: it may. */
export function whyNotTo(url: URL, allowsLoopback: boolean): string | null {
  if (isLoopbackUrl(url)) return allowsLoopback ? null : 'The webhook’s host is not on the public internet.'
  if (url.protocol !== 'https:') return 'The webhook must use https.'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && isInnerAddress(host) ? 'The webhook’s host is not on the public internet.' : null
}

/**
 * @param allowsLoopback for a server that is itself on loopback, in development.
 * @throws Error when it was not taken; redirects are not followed.
 */
export function postJson(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  allowsLoopback = true,
): Promise<void> {
  const why = whyNotTo(url, allowsLoopback)
  if (why !== null) return Promise.reject(new Error(why))
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'Trialpace',
          ...headers,
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(isLoopbackUrl(url) ? {} : { lookup: publicLookup }),
      },
      (response) => {
        response.resume()
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Error(`The webhook answered ${status}.`))
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}
