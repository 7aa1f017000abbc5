import type { MailRecord } from './mail-record.ts'

/**
 * Where a click leads: the stored target with UTM parameters and `tpc`, the click’s id, which the browser snippet
 * sends back as proof of a person. Added at the click, so that links in old emails follow today’s rule; what the
 * target already says about itself stays.
 */
export function clickTarget(mail: Pick<MailRecord, 'kind'>, link: string, clickId: string | null): string {
  const url = new URL(link)
  const added = { utm_source: 'trialpace', utm_medium: 'email', utm_campaign: mail.kind }
  for (const [name, value] of Object.entries(added))
    if (!url.searchParams.has(name)) url.searchParams.set(name, value)
  if (clickId !== null) url.searchParams.set('tpc', clickId)
  return url.href
}
