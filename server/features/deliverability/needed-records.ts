import { isIP } from 'node:net'
import { isAligned, normalDomain } from '../../domain/organisational-domain.ts'
import { dkimValue, type PublicHalf } from './dkim-record.ts'
import type { NeededRecord } from './record.ts'

/** All that the settings tell about how email leaves and comes back. */
export interface SendingSetup {
  /** Of every address emails come from; that of `MAIL_FROM` first. */
  readonly fromDomains: readonly [string, ...string[]]
  /** Return paths are at `bounce.`, replies at `in.` of it. */
  readonly mailDomain: string
  /** null: no mail server is set. */
  readonly smtpHost: string | null
  /** null: the mail server signs. `fault`: why its key cannot be used. */
  readonly dkim: {
    readonly domain: string
    readonly selector: string
    readonly key: PublicHalf | { readonly fault: string }
  } | null
  readonly publicUrl: string | null
  /** Whether this server itself takes email in. */
  readonly listens: boolean
}

/** Services whose outgoing addresses are not those one hands email to, and what they ask to include. */
const relayIncludes: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)amazonaws\.com$/, 'amazonses.com'],
  [/(^|\.)sendgrid\.net$/, 'sendgrid.net'],
  [/(^|\.)mailgun\.org$/, 'mailgun.org'],
  [/(^|\.)(gmail|google|googlemail)\.com$/, '_spf.google.com'],
  [/(^|\.)(office365|outlook)\.com$/, 'spf.protection.outlook.com'],
  [/(^|\.)mailjet\.com$/, 'spf.mailjet.com'],
  [/(^|\.)mandrillapp\.com$/, 'spf.mandrillapp.com'],
  [/(^|\.)postmarkapp\.com$/, 'spf.mtasv.net'],
  [/(^|\.)sparkpostmail\.com$/, 'sparkpostmail.com'],
  [/(^|\.)(fastmail|messagingengine)\.com$/, 'spf.messagingengine.com'],
]

/**
 * Who hands our email to the receivers.
 * - `own`: a host of ours, whose address they see. - `local`: this machine or its network; no one here knows under
 * which address it is seen. - `service`: someone else, who answers for its own addresses.
 */
export type RelayKind = 'own' | 'local' | 'service'

const privateAddress = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i

export function relayKind(host: string, fromDomains: readonly string[]): RelayKind {
  const name = normalDomain(host)
  if (isIP(name)) return privateAddress.test(name) ? 'local' : 'own'
  if (!name.includes('.') || /\.(localhost|local|internal)$/.test(name)) return 'local'
  return fromDomains.some((from) => isAligned(name, from)) ? 'own' : 'service'
}

const publicHost = ({ publicUrl }: SendingSetup): string | null => {
  const host = publicUrl === null ? null : new URL(publicUrl).hostname
  return host?.includes('.') && !isIP(host) ? host : null
}

/** The term by which SPF lets our mail server through, as far as it can be known. */
export function spfMechanism(setup: SendingSetup): string | null {
  const { smtpHost, fromDomains } = setup
  if (smtpHost === null) return null
  const host = normalDomain(smtpHost)
  const include = relayIncludes.find(([pattern]) => pattern.test(host))?.[1]
  if (include) return `include:${include}`
  if (relayKind(host, fromDomains) !== 'local') return isIP(host) ? `ip${isIP(host)}:${host}` : `a:${host}`
  const near = publicHost(setup)
  return near === null ? null : `a:${near}`
}

const spfValue = (setup: SendingSetup): string | null => {
  const mechanism = spfMechanism(setup)
  return mechanism === null ? null : `v=spf1 ${mechanism} ~all`
}

function dkimRecord({ dkim, fromDomains: [from] }: SendingSetup): NeededRecord {
  const key = dkim?.key
  return {
    id: 'dkim',
    purpose: 'DKIM: receivers check our signature with this key',
    type: 'TXT',
    name: dkim ? `${dkim.selector}._domainkey.${normalDomain(dkim.domain)}` : `*._domainkey.${from}`,
    value: key && !('fault' in key) ? dkimValue(key) : null,
    required: true,
  }
}

const dmarcRecord = (from: string): NeededRecord => ({
  id: `dmarc:${from}`,
  purpose: `DMARC: what to do with email that only claims to be from ${from}`,
  type: 'TXT',
  name: `_dmarc.${from}`,
  value: `v=DMARC1; p=none; rua=mailto:dmarc@${from}`,
  required: true,
})

function mxRecord(setup: SendingSetup, prefix: 'bounce' | 'in'): NeededRecord {
  const host = publicHost(setup)
  return {
    id: `mx-${prefix}`,
    purpose:
      prefix === 'bounce' ? 'MX: bounces come back here' : 'MX: replies and opt-outs by email come here',
    type: 'MX',
    name: `${prefix}.${setup.mailDomain}`,
    value: host === null ? null : `10 ${host}`,
    required: true,
  }
}

/** Every record there should be, the most important first. */
export function neededRecords(setup: SendingSetup): NeededRecord[] {
  const { fromDomains, mailDomain, smtpHost, publicUrl } = setup
  const [from] = fromDomains
  const returnDomain = `bounce.${mailDomain}`
  return [
    dkimRecord(setup),
    {
      id: 'spf-return',
      purpose: 'SPF: who may send with our return path',
      type: 'TXT',
      name: returnDomain,
      value: spfValue(setup),
      required: true,
    },
    ...fromDomains.map(dmarcRecord),
    mxRecord(setup, 'bounce'),
    {
      id: 'tracking',
      purpose: 'Links, pixels and unsubscribe links lead here',
      type: 'CNAME',
      name: publicUrl === null ? `trials.${from}` : new URL(publicUrl).hostname,
      value: null,
      required: true,
    },
    mxRecord(setup, 'in'),
    ...fromDomains.map(
      (domain): NeededRecord => ({
        id: `spf:${domain}`,
        purpose: `SPF: who may send as ${domain}, for receivers that look there too`,
        type: 'TXT',
        name: domain,
        value: spfValue(setup),
        required: false,
      }),
    ),
    ...(smtpHost === null
      ? []
      : [
          {
            id: 'ptr',
            purpose: 'PTR: the sending IP address has a name that resolves back to it',
            type: 'PTR',
            name: normalDomain(smtpHost),
            value: null,
            required: relayKind(smtpHost, fromDomains) === 'own',
          } as const,
        ]),
  ]
}
