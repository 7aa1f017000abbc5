import { readFileSync } from 'node:fs'
import type { Playbook } from '../../../shared/playbook.ts'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import type { Config } from '../../config.ts'
import { normalDomain } from '../../domain/organisational-domain.ts'
import { publicHalfOf } from './dkim-record.ts'
import type { SendingSetup } from './needed-records.ts'

const domainOf = (address: string): string => normalDomain(addressOfMailbox(address).split('@').at(-1) ?? '')

function keyOf(file: string): NonNullable<SendingSetup['dkim']>['key'] {
  try {
    return publicHalfOf(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message }
    return { fault: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` }
  }
}

/** Addresses emails come from besides that of the settings. */
export const senderAddresses = ({ senders }: Playbook): string[] =>
  Object.values(senders).flatMap(({ address }) => (address ? [address] : []))

/**
 * What the settings tell about sending. Reads the key file.
 * @param senders further addresses emails come from, those of the playbook
 * @returns null when `MAIL_FROM` is not set
 */
export function sendingSetup(
  { mailFrom, inboundDomain, inboundSmtpPort, smtpUrl, dkim, publicUrl }: Config,
  senders: readonly string[] = [],
): SendingSetup | null {
  if (mailFrom === null) return null
  const from = domainOf(mailFrom)
  const further = senders.map(domainOf).filter((domain) => domain !== from)
  return {
    fromDomains: [from, ...new Set(further)],
    mailDomain: normalDomain(inboundDomain ?? from),
    smtpHost: smtpUrl === null ? null : new URL(smtpUrl).hostname.replace(/^\[|\]$/g, ''),
    dkim: dkim && {
      domain: normalDomain(dkim.domain),
      selector: dkim.selector,
      key: keyOf(dkim.privateKeyFile),
    },
    publicUrl,
    listens: inboundSmtpPort !== null,
  }
}
