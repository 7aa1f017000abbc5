import type { inboundKinds } from '../../../shared/api/inbound.ts'
import { automaticReason, isFromMailSystem } from './auto-reply.ts'
import { complaintOf, type DeliveryReport, deliveryReport } from './delivery-report.ts'
import { asksToStop, subjectAsksToStop } from './opt-out.ts'
import type { InboundMail } from './parse-mail.ts'
import { ownWords } from './quoted-text.ts'

export type InboundKind = (typeof inboundKinds)[number]

const bounceKinds: Readonly<Record<DeliveryReport['outcome'], InboundKind>> = {
  hard: 'hard_bounce',
  soft: 'soft_bounce',
  policy: 'policy_bounce',
  other: 'other_bounce',
  delayed: 'delayed',
  none: 'report',
}

interface Classified {
  readonly kind: InboundKind
  readonly detail: string
  /** Someone’s own, or what may be: never to be lost. */
  readonly words?: string
}

/** Pure: what the email is, anyone who it is about. */
export function classifyInbound(mail: InboundMail, isUnsubscribeAddress: boolean): Classified {
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
  // Nothing else is ever sent there: email clients’ own buttons call theirs `auto-replied`.
  const isAppleButton = mail.headers.get('x-apple-unsubscribe')?.trim().toLowerCase() === 'true'
  if (isUnsubscribeAddress || isAppleButton) return { kind: 'unsubscribe', detail: 'by mail' }
  const automatic = automaticReason(mail)
  if (automatic && isFromMailSystem(mail)) return { kind: 'report', detail: automatic.why }
  if (automatic?.isCertain) return { kind: 'auto_reply', detail: automatic.why }
  const words = ownWords(mail.htmlOwn ?? mail.text)
  const asks = asksToStop(words) || (words === '' && subjectAsksToStop(mail.subject))
  if (asks) return { kind: 'unsubscribe', detail: 'by reply' }
  return automatic
    ? { kind: 'auto_reply', detail: automatic.why, words }
    : { kind: 'reply', detail: '', words }
}
