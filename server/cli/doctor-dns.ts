import { createDnsLookup } from '../adapters/dns-lookup.ts'
import type { Config } from '../config.ts'
import type { Finding } from '../domain/finding.ts'
import { checkRecords } from '../features/deliverability/check-records.ts'
import { sendingSetup } from '../features/deliverability/sending-setup.ts'

const kindOf = (id: string): string => {
  const [kind = ''] = id.split(/[-:]/)
  return kind === 'tracking' ? 'Tracking host' : kind.toUpperCase()
}

/**
 * The records by which receivers decide whether our email is ours.
 * @returns one finding per record: `SPF` is the one that counts most, `SPF of acme.com` another.
 */
export async function checkDns(config: Config): Promise<Finding[]> {
  const setup = sendingSetup(config)
  if (setup === null) return []
  const records = await checkRecords(setup, createDnsLookup(config.dnsServers))
  const named = new Set<string>()
  return records.map(({ id, name, state, detail, fix }) => {
    const kind = kindOf(id)
    const check = named.has(kind) ? `${kind} of ${name}` : kind
    named.add(kind)
    return { check, state, detail, ...(fix !== null && { fix }) }
  })
}
