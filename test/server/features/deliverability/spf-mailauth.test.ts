import { spf } from 'mailauth/lib/spf'
import { describe, expect, it } from 'vitest'
import { permitsAddress, type SpfZone, spfCost } from '../../../../server/features/deliverability/spf.ts'

/** Our reader beside that of mailauth, which receivers run. */

const records: Readonly<Record<string, string>> = {
  'one.test': 'v=spf1 ip4:192.0.2.7 -all',
  'net.test': 'V=SPF1 IP4:192.0.2.0/24 ip6:2001:db8::/32 ~all',
  'included.test': 'v=spf1 include:net.test -all',
  'twice.test': 'v=spf1 include:included.test ?all',
  'moved.test': 'v=spf1 redirect=one.test',
  'spaced.test': 'v=spf1   ip4:198.51.100.1    ip4:192.0.2.7   -all  ',
  'closed.test': 'v=spf1 -all',
  'soft.test': 'v=spf1 ~ip4:192.0.2.7 -all',
}
const addresses = ['192.0.2.7', '192.0.2.200', '198.51.100.1', '203.0.113.9', '2001:db8::7', '2001:db9::7']

const zone: SpfZone = new Map(
  Object.entries(records).map(([name, text]) => [name, { state: 'found', values: [text] }]),
)
const noRecord = () => Object.assign(new Error('no record'), { code: 'ENOTFOUND' })
const resolver = async (name: string, type: string): Promise<string[][]> => {
  const text = records[name]
  if (type !== 'TXT' || text === undefined) throw noRecord()
  return [[text]]
}

describe.each(Object.keys(records))('the SPF record of %s', (domain) => {
  it.each(addresses)('lets %s through exactly where mailauth does', async (ip) => {
    const theirs = await spf({
      sender: `ann@${domain}`,
      ip,
      helo: domain,
      mta: 'mx.test',
      resolver,
    } as Parameters<typeof spf>[0])
    const result = theirs?.status.result
    expect(result).not.toMatch(/error/)
    expect(permitsAddress(spfCost(domain, zone), ip)).toBe(result === 'pass')
  })
})
