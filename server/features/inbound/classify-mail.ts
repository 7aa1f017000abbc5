import { complaintOf, type DeliveryReport, deliveryReport } from './delivery-report.ts'
import type { InboundMail } from './parse-mail.ts'
import { automaticReason, isStopWord, replyText } from './reply-kind.ts'

/** What a received mail turned out to be. */
export const inboundKinds = [
  'hard_bounce',
  'soft_bounce',
  'policy_bounce',
  'other_bounce',
  'delayed',
  'complaint',
  'not_spam',
  'unsubscribe',
  'reply',
  'auto_reply',
  'report',
  'unknown',
] as const
export type InboundKind = (typeof inboundKinds)[number]

const bounceKinds: Readonly<Record<DeliveryReport['outcome'], InboundKind>> = {
  hard: 'hard_bounce',
  soft: 'soft_bounce',
  policy: 'policy_bounce',
  other: 'other_bounce',
  delayed: 'delayed',
  none: 'report',
}

/** Pure: what the mail is, whoever it is about. */
export function classifyInbound(
  mail: InboundMail,
  isUnsubscribeAddress: boolean,
): { kind: InboundKind; detail: string } {
  const feedback = complaintOf(mail)
  if (feedback) {
    const kinds = {
      abuse: 'complaint',
      'not-spam': 'not_spam',
      'opt-out': 'unsubscribe',
      other: 'report',
    } as const
    return { kind: kinds[feedback], detail: `feedback report: ${feedback}` }
  }
  const report = deliveryReport(mail)
  if (report)
    return {
      kind: bounceKinds[report.outcome],
      detail: [report.status, report.diagnostic].filter(Boolean).join(' ').slice(0, 300),
    }
  const automatic = automaticReason(mail)
  if (automatic) return { kind: 'auto_reply', detail: automatic }
  if (isUnsubscribeAddress) return { kind: 'unsubscribe', detail: 'by mail' }
  if (isStopWord(replyText(mail.text))) return { kind: 'unsubscribe', detail: 'by reply' }
  return { kind: 'reply', detail: '' }
}
