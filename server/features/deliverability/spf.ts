import { BlockList, isIP } from 'node:net'
import { normalDomain } from '../../domain/organisational-domain.ts'
import type { DnsAnswer } from '../../ports.ts'

/** SPF records as written (RFC 7208), and what evaluating them costs a receiver. Pure. */

const mechanismNames = ['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists'] as const
type MechanismName = (typeof mechanismNames)[number]

interface SpfMechanism {
  readonly name: MechanismName
  readonly qualifier: '+' | '-' | '~' | '?'
  /** After the colon; empty when there is none. */
  readonly value: string
}

export interface SpfRecord {
  /** Up to `all`: what comes after it is never looked at (§5.1). */
  readonly mechanisms: readonly SpfMechanism[]
  /** Ignored beside `all` (§6.1). */
  readonly redirect: string | null
  /** Terms receivers cannot read; a single one voids the record. */
  readonly faults: readonly string[]
}

const isSpf = (text: string): boolean => /^v=spf1( |$)/i.test(text)

const needsValue = new Set<MechanismName>(['include', 'ip4', 'ip6', 'exists'])

function addressIsValid(name: 'ip4' | 'ip6', value: string): boolean {
  const [address = '', prefix] = value.split('/')
  const family = name === 'ip4' ? 4 : 6
  const longest = name === 'ip4' ? 32 : 128
  return (
    isIP(address) === family && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && +prefix <= longest))
  )
}

function mechanismOf(term: string): SpfMechanism | null {
  const match = /^([+\-~?]?)([a-z0-9]+)(?::([^/]*(?:\/.*)?)|(\/[0-9/]+))?$/i.exec(term)
  const name = match?.[2]?.toLowerCase() as MechanismName
  if (!match || !mechanismNames.includes(name)) return null
  const value = match[3] ?? ''
  if (needsValue.has(name) && value === '') return null
  if ((name === 'ip4' || name === 'ip6') && !addressIsValid(name, value)) return null
  return { name, qualifier: (match[1] || '+') as SpfMechanism['qualifier'], value }
}

export function parseSpf(text: string): SpfRecord {
  const mechanisms: SpfMechanism[] = []
  const faults: string[] = []
  let redirect: string | null = null
  for (const term of text.trim().split(/ +/).slice(1)) {
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(term)
    const mechanism = modifier ? null : mechanismOf(term)
    if (modifier?.[1]?.toLowerCase() === 'redirect') redirect = modifier[2] ?? ''
    else if (mechanism) mechanisms.push(mechanism)
    else if (!modifier) faults.push(term)
  }
  const all = mechanisms.findIndex(({ name }) => name === 'all')
  return {
    mechanisms: all < 0 ? mechanisms : mechanisms.slice(0, all + 1),
    redirect: all < 0 ? redirect : null,
    faults,
  }
}

/** TXT answers by name: all that is known of the records that lead to each other. */
export type SpfZone = ReadonlyMap<string, DnsAnswer>

export const spfTextsAt = (zone: SpfZone, domain: string): readonly string[] => {
  const answer = zone.get(normalDomain(domain))
  return answer?.state === 'found' ? answer.values.filter(isSpf) : []
}

/** A receiver gives up beyond (§4.6.4). */
export const maxSpfLookups = 10

const hasMacro = (target: string): boolean => target.includes('%')

/** The names whose records count as parts of this one. */
export const spfTargets = ({ mechanisms, redirect }: SpfRecord): string[] =>
  [
    ...mechanisms.filter(({ name }) => name === 'include').map(({ value }) => value),
    ...(redirect === null ? [] : [redirect]),
  ].filter((target) => !hasMacro(target))

export interface SpfCost {
  /** Counting stops soon after {@link maxSpfLookups}: more is more. */
  readonly lookups: number
  /** Parts that did not answer: the true number may be higher. */
  readonly silent: readonly string[]
  /** Parts that are no single SPF record, which voids the whole (§5.2). */
  readonly broken: readonly string[]
  /** Everything included, at any depth. */
  readonly includes: ReadonlySet<string>
  /** What happens to email nothing matches: that of `all`, perhaps through a redirect; null when nothing says. */
  readonly all: SpfMechanism['qualifier'] | null
  readonly mechanisms: readonly SpfMechanism[]
}

const asks = ({ name }: SpfMechanism): boolean => !['all', 'ip4', 'ip6'].includes(name)

/** Walks the records as a receiver does, every branch to its end. */
export function spfCost(domain: string, zone: SpfZone): SpfCost {
  let lookups = 0
  const silent: string[] = []
  const broken: string[] = []
  const includes = new Set<string>()
  const mechanisms: SpfMechanism[] = []

  const allOf = (record: SpfRecord): SpfMechanism['qualifier'] | null =>
    record.mechanisms.find(({ name }) => name === 'all')?.qualifier ?? null

  function walk(target: string): SpfMechanism['qualifier'] | null {
    const name = normalDomain(target)
    if (lookups > maxSpfLookups || hasMacro(name)) return null
    const answer = zone.get(name)
    if (!answer || answer.state === 'silent') {
      silent.push(name)
      return null
    }
    const [text, another] = spfTextsAt(zone, name)
    if (text === undefined || another !== undefined) {
      broken.push(name)
      return null
    }
    const record = parseSpf(text)
    if (record.faults.length > 0) broken.push(name)
    for (const mechanism of record.mechanisms) {
      mechanisms.push(mechanism)
      if (asks(mechanism)) lookups++
      if (mechanism.name !== 'include') continue
      includes.add(normalDomain(mechanism.value))
      walk(mechanism.value)
    }
    if (record.redirect === null) return allOf(record)
    lookups++
    return walk(record.redirect)
  }

  const all = walk(domain)
  return { lookups, silent, broken, includes, all, mechanisms }
}

/** Whether an address is let through by number; null when that hangs on names that were not looked up. */
export function permitsAddress({ mechanisms }: SpfCost, address: string): boolean | null {
  const list = new BlockList()
  for (const { name, qualifier, value } of mechanisms) {
    if ((name !== 'ip4' && name !== 'ip6') || qualifier !== '+') continue
    const [network = '', prefix] = value.split('/')
    const family = name === 'ip4' ? 'ipv4' : 'ipv6'
    list.addSubnet(network, prefix === undefined ? (name === 'ip4' ? 32 : 128) : Number(prefix), family)
  }
  if (list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return true
  return mechanisms.some(({ name }) => ['a', 'mx', 'ptr', 'exists'].includes(name)) ? null : false
}
