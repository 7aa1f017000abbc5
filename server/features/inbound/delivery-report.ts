import type { BounceClass } from '../../domain/trial/bounce.ts'
import { codeIn, judgeBounce, statusIn } from '../../domain/trial/judge-bounce.ts'
import { hasNullSender } from './mail-system.ts'
import type { InboundMail } from './parse-mail.ts'

/** What became of an email, as the servers on its way report it (RFC 3464). */
export interface DeliveryReport {
  /** `delayed` is no bounce: the server goes on trying. `none`: delivered, relayed, expanded. */
  readonly outcome: BounceClass | 'delayed' | 'none'
  /** RFC 3463, e.g. 5.1.1. */
  readonly status: string | null
  readonly diagnostic: string
}

const severity = ['hard', 'soft', 'policy', 'other', 'delayed', 'none'] as const

const worst = (reports: readonly DeliveryReport[]): DeliveryReport | null =>
  [...reports].sort((a, b) => severity.indexOf(a.outcome) - severity.indexOf(b.outcome))[0] ?? null

/** Where a report in words begins to repeat the email itself, whose words say nothing about its fate. */
const returnedFrom =
  /^\s{0,8}(?:-{2,}.{0,60}(?:original|returned|copy of|message follows|unsent|undelivered|below this line|non-delivered)|original message follows|message headers follow|original mail as follows|your original message|the header of the original|a copy of your message|below is a copy|(?:return-path|received|dkim-signature|message-id|x-mailer|mime-version):)/i
const explainedIn = /non-delivered information|transcript of session|failure reasons/i
const explanationMaxLines = 120
const lineMaxChars = 500

/** The server’s own words, line by line. */
function explanation(text: string): string[] {
  const lines = text.slice(0, 20_000).split('\n', explanationMaxLines)
  const end = lines.findIndex(
    (line, index) =>
      index > 0 &&
      returnedFrom.test(line.slice(0, lineMaxChars)) &&
      !explainedIn.test(line.slice(0, lineMaxChars)),
  )
  return (end < 0 ? lines : lines.slice(0, end)).map((line) => line.slice(0, lineMaxChars).trim())
}

const startsWithAddress = /^["<]?([^\s<>"@:]{1,64}@[^\s<>"@:]{1,255}?)[">]?:?(?=\s|$)/

/** What is said of each address, where a report tells of several. */
function byAddress(lines: readonly string[]): Map<string, string> {
  const blocks = new Map<string, string>()
  let address: string | undefined
  for (const line of lines) {
    address = startsWithAddress.exec(line)?.[1]?.toLowerCase() ?? address
    if (address !== undefined) blocks.set(address, `${blocks.get(address) ?? ''} ${line}`)
  }
  return blocks
}

const delivered = new Set(['delivered', 'relayed', 'expanded', 'delivered/relayed'])

/** Reports quote the address they are about, and name us again and again: that is no diagnosis. */
const greetings =
  /this (?:is|message was) (?:a|an|the|created) .{0,80}?(?:program|system|software|notification|message|report)|i'm sorry to have to inform you .{0,200}?(?:recipients|destinations|below)|if you do so, please include this problem report|a message that you sent|this is a permanent error|for further assistance|could not be delivered to one or more/gi

function verdictOf(status: string | null, diagnostic: string, words: string): BounceClass {
  const first = judgeBounce(status, codeIn(diagnostic) ?? (status === null ? 550 : null), diagnostic)
  // Whether a carrier knows no such user or one of its users refuses us shows only in when it said so.
  if (first.cause === 'unknown_user' && judgeBounce(null, 550, words).cause === 'filtered') return 'policy'
  if (first.cause !== 'code' && first.cause !== 'temporary') return first.class
  if (status?.startsWith('4')) return first.class
  // A bare code says less than the words beside it.
  const told = judgeBounce(null, 550, words.replace(greetings, ' '))
  if (told.cause === 'code') return first.class
  return first.cause === 'temporary' && told.class !== 'hard' ? first.class : told.class
}

function ofGroup(
  fields: ReadonlyMap<string, string>,
  lines: readonly string[],
  isOne: boolean,
): DeliveryReport {
  const action = (fields.get('action') ?? '').toLowerCase().split(/[\s(;]/, 1)[0] ?? ''
  const diagnostic = (fields.get('diagnostic-code') ?? '').replace(/^[^;]{1,20};\s{0,9}/, '')
  const stated = statusIn(fields.get('status') ?? '')
  const status = statusIn(diagnostic) ?? stated
  if (action === 'delayed') return { outcome: 'delayed', status, diagnostic }
  if (delivered.has(action)) return { outcome: 'none', status, diagnostic }
  const recipient = (fields.get('final-recipient') ?? '').toLowerCase().split(';').at(-1)?.trim() ?? ''
  const words = isOne ? lines.join(' ') : (byAddress(lines).get(recipient.replace(/^<|>$/g, '')) ?? '')
  const isVague = stated === null || stated === '5.0.0'
  return { outcome: verdictOf(isVague ? null : stated, diagnostic, words), status, diagnostic }
}

const failureSubject =
  /undeliver|delivery (?:status notification|failure|has failed|error|report)|returned (?:mail|to sender)|mail (?:delivery (?:failed|system|failure|error)|failure)|failure (?:notice|delivery)|failed delivery|non-?delivery|delivery notification|not delivered|could not be delivered|error sending your mail|unzustellbar|zustell(?:ung|fehler)|nicht zugestellt|[ée]chec (?:de (?:la )?)?(?:remise|distribution|livraison)|non (?:remis|recapitat|consegnat)|message non distribu|no se (?:ha podido|pudo) entregar|no entregado|error de entrega|falha na entrega|não entregue|devolvid[ao]|niet bezorgd|onbestelbaar|niedostarczon|zwrot poczty|nedoru[čc]iteln|olevereras|kunde inte levereras|ikke leveret|kunne ikke leveres|teslim edilemedi|không gửi được|배달(?:되지| 실패)|전송 실패|반송|配信不能|配達不能|配送エラー|メールエラー|送信エラー|退信|退回|投递失败|無法傳遞|无法投递|تعذر تسليم|فشل تسليم|недостав|не (?:было |может быть )?доставлен/iu

const delaySubject =
  /delay|warning: (?:message|could not)|verzögert|verzögerung|retard|retrasad|atrasad|ritard|vertraagd|opóźnion|försen|forsinke|still being retried|chậm trễ|지연|遅延|延迟|延遲|задерж|gecik/iu

const failureText =
  /this is the (?:qmail-send program|mail system at host|mailer-daemon|postfix program|dragonfly mail agent)|a message that you sent .{0,60}could not be delivered|(?:unable|trouble|not able) (?:to )?deliver(?:ing)? (?:your |the |this )?(?:message|mail)|did not reach the following recipient|was not delivered to|error message below|delivery to the following recipient|error while attempting to deliver|message could not be delivered|i'm not going to try again|addresses had (?:delivery|permanent)|malformed recipient address|送信できませんでした|送信先|配信できませんでした/i

const mailerName = /^(?:mailer-?daemon|mail-?daemon|post_?master|mail delivery|mdaemon)(?:[+._@-]|$)/i

/** It brings back an email of someone’s: a part, or its header among the words. */
const returnsAnEmail = ({ returned, text }: InboundMail): boolean =>
  returned.size > 0 || /^message-id:/im.test(text.slice(0, 20_000))

/** Sendmail names the reason behind each address; what stands in its transcript is of its own making (`User unknown`). */
const reasonsIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^\(reason: (.{1,400}?)\)?$/.exec(line)?.[1] ?? [])

/** Of several addresses the worst: our own emails have one, so the others are what it was forwarded to. */
function outcomeOf(lines: readonly string[]): BounceClass {
  const blocks = [...byAddress(lines).values()]
  const reasons = reasonsIn(lines)
  const texts = reasons.length > 0 ? reasons : blocks.length > 1 ? blocks : [lines.join(' ')]
  const verdicts = texts.map((text) => judgeBounce(null, 550, text.replace(greetings, ' ')))
  const clear = verdicts.filter(({ cause }) => cause !== 'code')
  if (clear.length === 0 && blocks.length > 1) return judgeBounce(null, 550, lines.join(' ')).class
  const classes = clear.map((verdict) => verdict.class)
  return [...classes].sort((a, b) => severity.indexOf(a) - severity.indexOf(b))[0] ?? 'other'
}

/** What Amazon SES says through SNS, where its notifications are sent by email (docs.aws.amazon.com/ses). */
const sesNotice =
  /^\{[\s\S]{0,600}?\\?"(?:notificationType|eventType)\\?"\s{0,9}:\s{0,9}\\?"(Bounce|Complaint|Delivery)/

/** Servers from before RFC 3464, and some of today, describe the failure in words alone. */
function ofText(mail: InboundMail): DeliveryReport | null {
  const { text, subject, headers, fromAddress } = mail
  const words = text.slice(0, 20_000)
  const isMachine = hasNullSender(mail) || mailerName.test(fromAddress)
  const isFailure =
    failureSubject.test(subject) ||
    headers.has('x-failed-recipients') ||
    (isMachine && (failureText.test(words) || returnsAnEmail(mail)))
  const isDelay = delaySubject.test(subject) && (isMachine || isFailure)
  const [, notice] = sesNotice.exec(words.slice(0, 1000)) ?? []
  if (notice === 'Delivery') return { outcome: 'none', status: null, diagnostic: notice }
  if (!isFailure && !isDelay && notice !== 'Bounce') return null
  const lines = explanation(text)
  const told = lines.join(' ')
  if (isDelay) return { outcome: 'delayed', status: statusIn(told), diagnostic: '' }
  const outcome = outcomeOf(lines)
  const line = told.split(/(?<=[.:])\s/).find((part) => statusIn(part) !== null || codeIn(part) !== null)
  return { outcome, status: statusIn(told), diagnostic: (line ?? told).slice(0, 300) }
}

/** @returns null when the email is no delivery report. */
export function deliveryReport(mail: InboundMail): DeliveryReport | null {
  const groups = mail.reports
    .filter(({ type }) => type === 'delivery-status')
    .flatMap((report) => report.groups)
    .filter((fields) => fields.has('action') || fields.has('final-recipient'))
  if (groups.length === 0) return ofText(mail)
  const lines = explanation(mail.text)
  return worst(groups.map((fields) => ofGroup(fields, lines, groups.length === 1)))
}

/** RFC 5965 feedback types, and `opt-out` of older loops. */
export type Complaint = 'abuse' | 'not-spam' | 'opt-out' | 'other'

const complaints: Readonly<Record<string, Complaint>> = {
  abuse: 'abuse',
  fraud: 'abuse',
  'not-spam': 'not-spam',
  'opt-out': 'opt-out',
  'opt-out-list': 'opt-out',
}

/** @returns null when the email is no feedback report. */
export function complaintOf({ reports, returned, text }: InboundMail): Complaint | null {
  const fields = reports.find(({ type }) => type === 'feedback-report')?.groups[0]
  if (fields)
    return complaints[fields.get('feedback-type')?.toLowerCase().split(/[\s;]/, 1)[0] ?? ''] ?? 'other'
  if (sesNotice.exec(text.slice(0, 1000))?.[1] === 'Complaint') return 'abuse'
  // Outlook.com’s junk email reporting (JMRP) returns the email with this line before it, and no report.
  return returned.has('x-hmxmroriginalrecipient') ? 'abuse' : null
}
