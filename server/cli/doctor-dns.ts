import { Resolver } from 'node:dns/promises'
import type { Config } from '../config.ts'
import type { Finding } from './doctor-command.ts'

const timeoutMs = 2000
const missingCodes = new Set(['ENOTFOUND', 'ENODATA'])

/** The records by which receivers decide whether our mail is ours. @returns one finding per record. */
export async function checkDns({
  mailFrom,
  dkim,
  inboundDomain,
  inboundSmtpPort,
}: Config): Promise<Finding[]> {
  const domain = mailFrom?.replace(/>$/, '').split('@')[1]
  if (!domain) return []
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
  const text = async (name: string) => (await resolver.resolveTxt(name)).map((parts) => parts.join(''))

  const look = async (check: string, work: () => Promise<Finding>, missing: Finding): Promise<Finding> => {
    try {
      return await work()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (missingCodes.has(code)) return missing
      return {
        check,
        state: 'unknown',
        detail: `could not check: no DNS answer (${code || 'unknown error'})`,
      }
    }
  }
  const txtRecord = (check: string, name: string, start: string, fix: string) => {
    const missing: Finding = { check, state: 'wrong', detail: `${name} has no ${start} record`, fix }
    return look(
      check,
      async () => {
        const found = (await text(name)).find((record) => record.toLowerCase().startsWith(start))
        return found ? { check, state: 'ok', detail: found.slice(0, 100) } : missing
      },
      missing,
    )
  }

  return Promise.all([
    txtRecord('SPF', domain, 'v=spf1', 'Publish the SPF record your mail provider names.'),
    txtRecord(
      'DMARC',
      `_dmarc.${domain}`,
      'v=dmarc1',
      `Publish "v=DMARC1; p=none; rua=mailto:dmarc@${domain}" at least; large receivers ask for it.`,
    ),
    ...(dkim
      ? [
          look(
            'DKIM',
            async () => {
              const records = await text(`${dkim.selector}._domainkey.${dkim.domain}`)
              return records.some((record) => /\bp=[A-Za-z0-9+/]/.test(record))
                ? {
                    check: 'DKIM',
                    state: 'ok',
                    detail: `key found at ${dkim.selector}._domainkey.${dkim.domain}`,
                  }
                : {
                    check: 'DKIM',
                    state: 'wrong',
                    detail: 'the record holds no key',
                    fix: 'Publish the public key of DKIM_PRIVATE_KEY_FILE.',
                  }
            },
            {
              check: 'DKIM',
              state: 'wrong',
              detail: `${dkim.selector}._domainkey.${dkim.domain} does not exist`,
              fix: 'Publish the public key of DKIM_PRIVATE_KEY_FILE there.',
            },
          ),
        ]
      : []),
    ...(inboundSmtpPort !== null && inboundDomain
      ? [
          look(
            'MX',
            async () => {
              const records = await resolver.resolveMx(inboundDomain)
              return { check: 'MX', state: 'ok', detail: records.map((record) => record.exchange).join(', ') }
            },
            {
              check: 'MX',
              state: 'wrong',
              detail: `${inboundDomain} has no MX record`,
              fix: 'Point its MX at this host, so that bounces and replies arrive.',
            },
          ),
        ]
      : []),
  ])
}
