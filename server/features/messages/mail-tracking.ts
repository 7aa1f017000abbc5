import { linkToken } from '../../domain/messages/link-token.ts'
import type { Tracking, TrackingMode } from '../../domain/metrics/measure-message.ts'
import { type RowId, utcDay } from '../../domain/metrics/measure-trial.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { RenderedMail } from '../../ports.ts'
import type { AggregateMail } from '../../storage/documents/email.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { MeasuringSettings } from '../metrics/measuring-settings.ts'

/** The part of the measuring settings that an email is written by. */
export type MailSettings = Pick<MeasuringSettings, 'opens' | 'clicks' | 'consent'> &
  Partial<Pick<MeasuringSettings, 'viewing'>>

export const followed: Tracking = { opens: 'individual', clicks: 'individual' }

/**
 * How far this person’s opens and clicks may be recorded: the team’s setting, and never more than they agreed to. How
 * long they look is only asked of those whose opens are theirs already.
 */
export function trackingOf(
  { person }: Pick<Trial, 'person'>,
  { opens, clicks, consent, viewing }: MailSettings,
): Tracking {
  const said = person.consent.tracking
  const bounded = (mode: TrackingMode): TrackingMode => {
    if (said === false) return 'off'
    return mode === 'individual' && consent === 'required' && said !== true ? 'aggregate' : mode
  }
  const tracking = { opens: bounded(opens), clicks: bounded(clicks) }
  return viewing === 'individual' && tracking.opens === 'individual' ? { ...tracking, viewing } : tracking
}

/**
 * Puts a token that many emails share in the place of the person’s own, where opens or clicks are only counted.
 * @param token the one the email was rendered with
 */
export async function withSharedTokens(
  rendered: RenderedMail,
  {
    tracking,
    token,
    publicUrl,
    workspace,
    message,
    variant,
    locale,
    now,
    documents,
  }: {
    tracking: Tracking
    token: string
    publicUrl: string
    workspace: Workspace
    message: OutboxMessage
    variant: number
    locale: string
    now: number
    documents: DocumentStore
  },
): Promise<RenderedMail> {
  if (tracking.opens !== 'aggregate' && tracking.clicks !== 'aggregate') return rendered
  const row: RowId = `${utcDay(now)}/${message.ruleId}/${message.kind}/${variant}/${locale}`
  const links = tracking.clicks === 'aggregate' ? [...rendered.links] : []
  const shared = linkToken(workspace.linkSecret, `aggregate ${row} ${JSON.stringify(links)}`)
  const mail: AggregateMail = { workspaceId: workspace.id, row, kind: message.kind, links, at: now }
  await documents.put('aggregate-mail', shared, mail, 0)
  const replaced = (text: string): string => {
    const opened =
      tracking.opens === 'aggregate'
        ? text.replaceAll(`${publicUrl}/o/${token}.gif`, `${publicUrl}/o/${shared}.gif`)
        : text
    return tracking.clicks === 'aggregate'
      ? opened.replaceAll(`${publicUrl}/c/${token}/`, `${publicUrl}/c/${shared}/`)
      : opened
  }
  return { ...rendered, html: replaced(rendered.html), text: replaced(rendered.text) }
}
