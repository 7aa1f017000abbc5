import { isAligned, organisationalDomain } from '../../domain/organisational-domain.ts'
import type { DnsAnswer } from '../../ports.ts'
import { type NeededRecord, publishFix, silentVerdict, type Verdict } from './record.ts'

/** Hosts: where email comes back to, where links lead, where email comes from. Pure. */

/**
 * @param hosts addresses of each exchange of the answer
 * @param listens whether this server itself takes email in
 */
export function judgeMx(
  record: NeededRecord,
  answer: DnsAnswer,
  hosts: ReadonlyMap<string, DnsAnswer>,
  listens: boolean,
): Verdict {
  if (answer.state === 'silent') return silentVerdict(answer.why)
  const found = answer.state === 'found' ? answer.values : []
  const fix =
    publishFix(record) ??
    `Publish an MX record at ${record.name} that leads to the host which takes its email.`
  if (found.length === 0) return { state: 'wrong', detail: `${record.name} has no MX record`, fix, found }
  if (found.some((value) => value.endsWith(' .')))
    return { state: 'wrong', detail: `${record.name} says that it takes no email`, fix, found }
  const answers = [...hosts]
  const lost = answers.filter(([, host]) => host.state === 'absent').map(([name]) => name)
  const silent = answers.filter(([, host]) => host.state === 'silent').map(([name]) => name)
  if (lost.length === answers.length)
    return {
      state: 'wrong',
      detail: `${lost.join(', ')} has no address`,
      fix: `Give ${lost.join(', ')} an A record.`,
      found,
    }
  if (silent.length > 0 && silent.length + lost.length === answers.length)
    return {
      state: 'unknown',
      detail: `found, but ${silent.join(', ')} gave no DNS answer`,
      fix: null,
      found,
    }
  return {
    state: 'ok',
    detail: listens
      ? 'mail to it finds a host'
      : 'mail to it finds a host; as INBOUND_SMTP_PORT is not set, that host has to hand it on over the API',
    fix: null,
    found,
  }
}

/** Links and pixels of emails lead there. @param url `PUBLIC_URL`; null when it is not set. */
export function judgeTracking(
  record: NeededRecord,
  answer: DnsAnswer | null,
  { url, fromDomain }: { url: string | null; fromDomain: string },
): Verdict {
  const domain = organisationalDomain(fromDomain)
  const example = `https://trials.${domain}`
  const wrong = (detail: string, fix: string, found: readonly string[] = []): Verdict => ({
    state: 'wrong',
    detail,
    fix,
    found,
  })
  if (url === null)
    return wrong(
      'PUBLIC_URL is not set, so links in emails lead to this machine alone',
      `Set PUBLIC_URL, e.g. ${example}`,
    )
  const { hostname, protocol } = new URL(url)
  if (protocol !== 'https:')
    return wrong(
      `links in emails begin with http://, and one-click unsubscribe needs https`,
      `Serve ${hostname} over https and set PUBLIC_URL to https://${hostname}`,
    )
  if (!isAligned(hostname, fromDomain))
    return wrong(
      `links in emails lead to ${hostname}, which is no part of ${domain}`,
      `Give this server a name below ${domain} and set PUBLIC_URL, e.g. ${example}`,
    )
  if (answer === null || answer.state === 'silent') return silentVerdict(answer?.why ?? 'not asked')
  if (answer.state === 'absent')
    return wrong(
      `${hostname} has no address`,
      `Publish a CNAME (or A and AAAA) record at ${record.name} that leads to this server.`,
    )
  return { state: 'ok', detail: `https, below ${domain}, and it resolves`, fix: null, found: answer.values }
}

/** One address of the sending host: the names it has, and the addresses each of those has. */
export interface ReverseLook {
  readonly address: string
  readonly names: DnsAnswer
  readonly forward: ReadonlyMap<string, DnsAnswer>
}

const confirms = ({ address, forward }: ReverseLook): boolean =>
  [...forward.values()].some((answer) => answer.state === 'found' && answer.values.includes(address))

const isSilent = ({ names, forward }: ReverseLook): boolean =>
  names.state === 'silent' || [...forward.values()].some(({ state }) => state === 'silent')

/** Receivers turn away hosts whose address has no name that resolves back to it. */
export function judgePtr(host: DnsAnswer, looks: readonly ReverseLook[], name: string): Verdict {
  if (host.state === 'silent') return silentVerdict(host.why)
  const found = looks.flatMap(({ address, names }) =>
    names.state === 'found' ? names.values.map((value) => `${address} → ${value}`) : [],
  )
  if (host.state === 'absent')
    return {
      state: 'wrong',
      detail: `${name} has no address`,
      fix: `Give ${name} an A record, or correct SMTP_URL.`,
      found,
    }
  const bad = looks.filter((look) => !confirms(look))
  const unsure = bad.filter(isSilent)
  const sure = bad.filter((look) => !isSilent(look)).map(({ address }) => address)
  if (sure.length > 0)
    return {
      state: 'wrong',
      detail: `${sure.join(', ')} has no name that resolves back to it`,
      fix: `Ask the provider of the address for the PTR record ${sure.join(', ')} PTR ${name}`,
      found,
    }
  return unsure.length > 0
    ? silentVerdict(`about ${unsure.map(({ address }) => address).join(', ')}`)
    : { state: 'ok', detail: 'the address has a name that resolves back to it', fix: null, found }
}
