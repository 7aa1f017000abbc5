import { isIPv4 } from 'node:net'

/** How many connections one sender may hold open. A mail server of your own in front of ours brings everyone’s email. */
const mostFromOutside = 8
const mostFromInside = 40

const insideV4 = /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\./

/** IPv4 as it is; of IPv6 the first 64 bits, which is what one customer of a provider has. */
export function networkOf(address: string): string {
  const plain = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  if (isIPv4(plain)) return plain
  const [head = '', tail] = plain.toLowerCase().split('%', 1).join('').split('::')
  const groups = head.split(':').filter(Boolean)
  const missing =
    tail === undefined ? 0 : Math.max(0, 8 - groups.length - tail.split(':').filter(Boolean).length)
  const whole = [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)]
  return whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

const isInside = (network: string): boolean =>
  insideV4.test(network) || network === '0:0:0:0' || /^(?:f[cd]|fe8)/.test(network)

/** Counts open connections by network; as large as the number of connections, and no larger. */
export function createConnectionLimits() {
  const open = new Map<string, number>()
  return {
    /** @returns false when that network has as many as it may. */
    admit(address: string): boolean {
      const network = networkOf(address)
      const count = open.get(network) ?? 0
      if (count >= (isInside(network) ? mostFromInside : mostFromOutside)) return false
      open.set(network, count + 1)
      return true
    },
    release(address: string): void {
      const network = networkOf(address)
      const count = (open.get(network) ?? 0) - 1
      if (count > 0) open.set(network, count)
      else open.delete(network)
    },
  }
}
