import { isIP } from 'node:net'
import { isReserved, normalDomain, organisationalDomain } from '../../domain/organisational-domain.ts'
import type { Dns, DnsAnswer } from '../../ports.ts'
import { judgeDkim } from './dkim-record.ts'
import { judgeDmarc } from './judge-dmarc.ts'
import { judgeMx, judgePtr, judgeTracking, type ReverseLook } from './judge-hosts.ts'
import { judgeSpf } from './judge-spf.ts'
import { neededRecords, relayKind, type SendingSetup, spfMechanism } from './needed-records.ts'
import type { CheckedRecord, NeededRecord, Verdict } from './record.ts'
import { maxSpfLookups, parseSpf, spfTargets, spfTextsAt } from './spf.ts'

/** Asks the DNS for every needed record, all at once, and judges what it says. */
export async function checkRecords(setup: SendingSetup, dns: Dns): Promise<CheckedRecord[]> {
  return Promise.all(
    neededRecords(setup).map(async (record) => ({ ...record, ...(await check(record, setup, dns)) })),
  )
}

const absent: DnsAnswer = { state: 'absent' }

function check(record: NeededRecord, setup: SendingSetup, dns: Dns): Promise<Verdict> {
  const [kind] = record.id.split(':')
  // A reserved host in PUBLIC_URL is a fault of its own, see judgeTracking.
  const domain = kind === 'tracking' ? setup.fromDomains[0] : record.name
  if (kind !== 'ptr' && isReserved(domain))
    return Promise.resolve({
      state: 'unknown',
      detail: `${domain} lies in a domain reserved for examples, so there is nothing to ask`,
      fix: 'Set MAIL_FROM to an address in a domain of yours.',
      found: [],
    })
  switch (kind) {
    case 'dkim':
      return checkDkim(record, setup, dns)
    case 'dmarc':
      return checkDmarc(record, setup, dns)
    case 'tracking':
      return checkTracking(record, setup, dns)
    case 'ptr':
      return checkPtr(record, setup, dns)
    case 'mx-bounce':
    case 'mx-in':
      return checkMx(record, setup, dns)
    default:
      return checkSpf(record, setup, dns)
  }
}

async function checkDkim(
  record: NeededRecord,
  { dkim, fromDomains }: SendingSetup,
  dns: Dns,
): Promise<Verdict> {
  if (dkim === null)
    return {
      state: 'unknown',
      detail: 'your mail server signs, under a selector that is not known here',
      fix: `Turn on signing for ${fromDomains[0]} at your email provider and publish the record it names, or let this server sign: DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY_FILE.`,
      found: [],
    }
  const { key, domain } = dkim
  if ('fault' in key)
    return {
      state: 'wrong',
      detail: `DKIM_PRIVATE_KEY_FILE cannot be used: ${key.fault}`,
      fix: 'Make one with: openssl genrsa -out dkim.pem 2048',
      found: [],
    }
  return judgeDkim(await dns.txt(record.name), record, { key, domain, fromDomains })
}

/** The record and everything it leads to, no further than a receiver would go. */
async function spfZone(domain: string, dns: Dns): Promise<Map<string, DnsAnswer>> {
  const zone = new Map<string, DnsAnswer>()
  let front = [domain]
  while (front.length > 0 && zone.size <= maxSpfLookups) {
    const answers = await Promise.all(front.map((name) => dns.txt(name)))
    for (const [index, name] of front.entries()) zone.set(name, answers[index] as DnsAnswer)
    const targets = front
      .flatMap((name) => spfTextsAt(zone, name))
      .flatMap((text) => spfTargets(parseSpf(text)))
    front = [...new Set(targets.map(normalDomain))]
      .filter((name) => !zone.has(name))
      .slice(0, maxSpfLookups + 1)
  }
  return zone
}

async function checkSpf(record: NeededRecord, setup: SendingSetup, dns: Dns): Promise<Verdict> {
  const { smtpHost, fromDomains } = setup
  const isOwn = smtpHost !== null && relayKind(smtpHost, fromDomains) === 'own'
  const [zone, host] = await Promise.all([
    spfZone(record.name, dns),
    isOwn ? addressesOf(smtpHost, dns) : absent,
  ])
  return judgeSpf(record, zone, {
    mechanism: spfMechanism(setup),
    addresses: host.state === 'found' ? host.values : [],
  })
}

async function checkDmarc(record: NeededRecord, setup: SendingSetup, dns: Dns): Promise<Verdict> {
  const fromDomain = record.id.slice('dmarc:'.length)
  const above = organisationalDomain(fromDomain)
  const [answer, inherited] = await Promise.all([
    dns.txt(record.name),
    above === fromDomain ? absent : dns.txt(`_dmarc.${above}`),
  ])
  return judgeDmarc(record, answer, inherited, {
    fromDomain,
    signedFor: setup.dkim?.domain ?? null,
    returnDomain: `bounce.${setup.mailDomain}`,
  })
}

/** More exchanges or addresses than these are not looked at. */
const maxHosts = 8

async function checkMx(record: NeededRecord, { listens }: SendingSetup, dns: Dns): Promise<Verdict> {
  const answer = await dns.mx(record.name)
  const exchanges = answer.state === 'found' ? answer.values.map((value) => value.split(' ')[1] ?? '') : []
  const hosts = await Promise.all(
    exchanges
      .filter((name) => name !== '.')
      .slice(0, maxHosts)
      .map(async (name) => [name, await dns.addresses(name)] as const),
  )
  return judgeMx(record, answer, new Map(hosts), listens)
}

async function checkTracking(record: NeededRecord, setup: SendingSetup, dns: Dns): Promise<Verdict> {
  const answer = setup.publicUrl === null ? null : await addressesOf(record.name, dns)
  return judgeTracking(record, answer, { url: setup.publicUrl, fromDomain: setup.fromDomains[0] })
}

const addressesOf = async (host: string, dns: Dns): Promise<DnsAnswer> =>
  isIP(host) ? { state: 'found', values: [host] } : dns.addresses(host)

async function checkPtr({ name }: NeededRecord, { fromDomains }: SendingSetup, dns: Dns): Promise<Verdict> {
  const kind = relayKind(name, fromDomains)
  if (kind === 'service')
    return {
      state: 'ok',
      detail: `${name} hands your email to receivers and answers for its own addresses`,
      fix: null,
      found: [],
    }
  if (kind === 'local')
    return {
      state: 'unknown',
      detail: `${name} is in your own network; under which address receivers see it is not known here`,
      fix: 'If it delivers by itself: its public address needs a PTR record whose name leads back to that address.',
      found: [],
    }
  const host = await addressesOf(name, dns)
  const addresses = host.state === 'found' ? host.values.slice(0, maxHosts) : []
  return judgePtr(host, await Promise.all(addresses.map((address) => reverse(address, dns))), name)
}

async function reverse(address: string, dns: Dns): Promise<ReverseLook> {
  const names = await dns.names(address)
  const candidates = names.state === 'found' ? names.values.slice(0, maxHosts) : []
  const forward = await Promise.all(
    candidates.map(async (name) => [name, await dns.addresses(name)] as const),
  )
  return { address, names, forward: new Map(forward) }
}
