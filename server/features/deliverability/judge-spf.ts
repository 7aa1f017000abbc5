import { type NeededRecord, publishFix, silentVerdict, type Verdict } from './record.ts'
import {
  maxSpfLookups,
  parseSpf,
  permitsAddress,
  type SpfCost,
  type SpfZone,
  spfCost,
  spfTextsAt,
} from './spf.ts'

/** What the record has to say about anyone who hands our email to receivers. */
export interface SpfSender {
  /** `include:amazonses.com`, `a:mail.acme.com` …; null when no one knows. */
  readonly mechanism: string | null
  /** The relay’s own addresses, where it is one of ours and they are known. */
  readonly addresses: readonly string[]
}

const withMechanism = (text: string, mechanism: string): string =>
  text.trim().replace(/^v=spf1/i, (version) => `${version} ${mechanism}`)

/** Whether email through our relay would pass; true also where it cannot be told. */
function namesSender(cost: SpfCost, { mechanism, addresses }: SpfSender): boolean {
  if (mechanism?.startsWith('include:')) return cost.includes.has(mechanism.slice('include:'.length))
  return addresses.every((address) => permitsAddress(cost, address) !== false)
}

type Fault = readonly [state: 'wrong' | 'warning' | 'unknown', detail: string, fix: string | null]

function faultOf(text: string, cost: SpfCost, record: NeededRecord, sender: SpfSender): Fault | null {
  const { faults } = parseSpf(text)
  const { lookups, broken, silent, all } = cost
  const correct = (what: string) => `Correct the record at ${record.name}: ${what}`
  if (faults.length > 0)
    return [
      'wrong',
      `receivers cannot read ${faults.map((term) => `“${term}”`).join(', ')}`,
      correct('take it out or write it right.'),
    ]
  if (lookups > maxSpfLookups)
    return [
      'wrong',
      `it takes more than ${maxSpfLookups} DNS look-ups, where receivers give up`,
      correct(
        'take out the includes of services that no longer send for you, or write addresses (ip4:, ip6:) instead.',
      ),
    ]
  if (broken.length > 0)
    return [
      'wrong',
      `${broken.join(', ')} is included but is not one readable SPF record`,
      correct('take that include out.'),
    ]
  if (all === '+') return ['wrong', 'it ends in +all: anyone may send as you', correct('end it in ~all.')]
  if (silent.length > 0)
    return ['unknown', `found, but ${silent.join(', ')}, a part of it, gave no DNS answer`, null]
  if (!namesSender(cost, sender))
    return [
      'warning',
      `found, but it does not let ${sender.mechanism ?? sender.addresses.join(', ')} send`,
      sender.mechanism === null
        ? correct('add the mail server’s address.')
        : `Change it to ${record.name} TXT ${withMechanism(text, sender.mechanism)}`,
    ]
  if (all === null || all === '?')
    return ['warning', 'found, but it does not say what to do with other senders', correct('end it in ~all.')]
  return null
}

/** @param zone the TXT records of its name and of everything it leads to */
export function judgeSpf(record: NeededRecord, zone: SpfZone, sender: SpfSender): Verdict {
  const answer = zone.get(record.name)
  if (!answer || answer.state === 'silent') return silentVerdict(answer?.why ?? 'not asked')
  const found = spfTextsAt(zone, record.name)
  const [text, another] = found
  if (text === undefined)
    return {
      state: record.required ? 'wrong' : 'warning',
      detail: `${record.name} has no SPF record`,
      fix: publishFix(record) ?? `Publish the SPF record your email provider names at ${record.name}.`,
      found,
    }
  if (another !== undefined)
    return {
      state: 'wrong',
      detail: `${record.name} has ${found.length} SPF records; receivers then use none`,
      fix: 'Merge them into one record and delete the others.',
      found,
    }
  const cost = spfCost(record.name, zone)
  const fault = faultOf(text, cost, record, sender)
  if (!fault)
    return {
      state: 'ok',
      detail: `one record, ${cost.lookups} of ${maxSpfLookups} DNS look-ups`,
      fix: null,
      found,
    }
  const [state, detail, fix] = fault
  return { state, detail, fix, found }
}
