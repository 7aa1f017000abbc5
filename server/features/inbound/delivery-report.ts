import { type BounceClass, classifyBounce } from '../../domain/trial/bounce.ts'
import type { InboundMail } from './parse-mail.ts'

/** What became of a mail, as the servers on its way report it (RFC 3464). */
export interface DeliveryReport {
  /** `delayed` is no bounce: the server goes on trying. `none`: delivered, relayed, expanded. */
  readonly outcome: BounceClass | 'delayed' | 'none'
  /** RFC 3463, e.g. 5.1.1. */
  readonly status: string | null
  readonly diagnostic: string
}

const severity = ['hard', 'policy', 'other', 'soft', 'delayed', 'none'] as const

const statusIn = (text: string): string | null => /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null
const codeIn = (text: string): number | null => {
  const code = /(?:^|[\s;:(<"'#-])([45]\d\d)(?=[\s:;)\-.#>])/.exec(text)?.[1]
  return code === undefined ? null : Number(code)
}

function ofGroup(fields: ReadonlyMap<string, string>): DeliveryReport {
  const action =
    fields
      .get('action')
      ?.toLowerCase()
      .split(/[\s(;]/, 1)[0] ?? ''
  const diagnostic = fields.get('diagnostic-code')?.replace(/^[^;]{1,20};\s*/, '') ?? ''
  const stated = statusIn(fields.get('status') ?? '')
  // Many servers state a bare 5.0.0 and tell the truth only in the diagnostic code.
  const status = stated && !/^\d\.0\.0$/.test(stated) ? stated : (statusIn(diagnostic) ?? stated)
  if (action === 'delayed') return { outcome: 'delayed', status, diagnostic }
  if (action !== 'failed' && action !== '') return { outcome: 'none', status, diagnostic }
  const isVague = status === null || status === '5.0.0'
  // Without any code the words decide, as they do after a bare 550.
  const code = codeIn(diagnostic) ?? (isVague ? 550 : null)
  return {
    outcome: classifyBounce(isVague ? null : status, code, diagnostic),
    status,
    diagnostic,
  }
}

const worst = (reports: readonly DeliveryReport[]): DeliveryReport | null =>
  [...reports].sort((a, b) => severity.indexOf(a.outcome) - severity.indexOf(b.outcome))[0] ?? null

const failureSubject =
  /undeliver|delivery (status notification|failure|has failed)|returned mail|mail delivery (failed|system)|failure notice|delivery notification|not delivered|could not be delivered|unzustellbar|zustellung fehlgeschlagen|échec de (la )?remise|non remis|no se (ha podido|pudo) entregar|no entregado|không gửi được|thư không gửi được|배달되지|전송 실패|配信不能|配達不能|退信|تعذر تسليم|فشل تسليم|недоставлен/iu

const delaySubject =
  /delay|warning: (message|could not)|verzögert|retard|retrasad|still being retried|chậm trễ|지연/iu

/** Servers from before RFC 3464, and some of today, describe the failure in words alone. */
function ofText({ text, subject, headers }: InboundMail): DeliveryReport | null {
  const isFailure =
    failureSubject.test(subject) ||
    headers.has('x-failed-recipients') ||
    /this is the (qmail-send program|mail system at host)|A message that you sent could not be delivered/i.test(
      text,
    )
  if (!isFailure) return null
  const lines = text.split('\n').slice(0, 80).join('\n')
  if (delaySubject.test(subject)) return { outcome: 'delayed', status: statusIn(lines), diagnostic: '' }
  const diagnostic =
    lines
      .split('\n')
      .find((line) => statusIn(line) !== null || codeIn(line) !== null)
      ?.trim() ?? lines.slice(0, 300)
  const code = codeIn(diagnostic)
  const outcome = classifyBounce(statusIn(diagnostic), code ?? 550, `${diagnostic} ${lines}`)
  return { outcome, status: statusIn(diagnostic), diagnostic: diagnostic.slice(0, 300) }
}

/** @returns null when the mail is no delivery report. */
export function deliveryReport(mail: InboundMail): DeliveryReport | null {
  const groups = mail.reports
    .filter(({ type }) => type === 'delivery-status')
    .flatMap((report) => report.groups)
    .filter((fields) => fields.has('action') || fields.has('final-recipient'))
  return groups.length > 0 ? worst(groups.map(ofGroup)) : ofText(mail)
}

/** RFC 5965 feedback types, and `opt-out` of older loops. */
export type Complaint = 'abuse' | 'not-spam' | 'opt-out' | 'other'

/** @returns null when the mail is no feedback report. */
export function complaintOf({ reports }: InboundMail): {
  complaint: Complaint
  fields: ReadonlyMap<string, string>
} | null {
  const fields = reports.find(({ type }) => type === 'feedback-report')?.groups[0]
  if (!fields) return null
  const type = fields.get('feedback-type')?.toLowerCase() ?? ''
  const complaint =
    type === 'abuse' || type === 'fraud'
      ? 'abuse'
      : type === 'not-spam'
        ? 'not-spam'
        : /^opt-out/.test(type)
          ? 'opt-out'
          : 'other'
  return { complaint, fields }
}
