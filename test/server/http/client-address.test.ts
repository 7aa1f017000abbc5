import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { clientAddress, networkOf } from '../../../server/http/client-address.ts'
import { createTokenBuckets } from '../../../server/http/token-bucket.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

describe('who sent a request', () => {
  it.each([
    [false, '192.0.2.1', '198.51.100.9', '192.0.2.1'],
    [1, '10.0.0.1', '198.51.100.9', '198.51.100.9'],
    [1, '10.0.0.1', '1.1.1.1, 198.51.100.9', '198.51.100.9'],
    [2, '10.0.0.1', '1.1.1.1, 198.51.100.9', '1.1.1.1'],
    [1, '10.0.0.1', undefined, '10.0.0.1'],
    [['loopback'], '::ffff:127.0.0.1', '198.51.100.9', '198.51.100.9'],
    [['loopback'], '192.0.2.1', '198.51.100.9', '192.0.2.1'],
    [['10.0.0.0/8', '192.0.2.5'], '10.2.3.4', '198.51.100.9, 192.0.2.5', '198.51.100.9'],
    [['uniquelocal'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
    [['loopback'], '127.0.0.1', 'garbage', 'garbage'],
    [['loopback'], '127.0.0.1', ', ,', '127.0.0.1'],
  ] as const)('trusting %j: %s with %s is %s', (proxies, remote, forwarded, expected) => {
    expect(clientAddress(proxies)(from(remote, forwarded))).toBe(expected)
  })
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['not an address', 'not an address'],
    ['', ''],
  ])('%s is counted as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
  it('counts an IPv6 line as one, and another line apart', () => {
    expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff::9'))
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
  })
})

describe('a bucket', () => {
  it('lets a burst pass, then refills; a debt is paid first', () => {
    const buckets = createTokenBuckets({ perSecond: 10, burst: 3 })
    expect([0, 0, 0].map((at) => buckets.take('a', at))).toEqual([0, 0, 0])
    expect(buckets.take('a', 0)).toBe(1)
    expect(buckets.take('b', 0)).toBe(0)
    expect(buckets.take('a', 100)).toBe(0)
    buckets.charge('a', 20)
    expect(buckets.take('a', 200)).toBe(2)
    expect(buckets.take('a', 2300)).toBe(0)
  })
})
