import { dayMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { zoneOf } from '../trial/clock.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { asRecipient, peopleIn } from '../trial/recipient.ts'
import { isUnmailableWhy } from '../trial/suppression.ts'
import { type Credit, creditFor } from './attribution.ts'
import { addCounters, type CounterName, type Counters, sortedCounters } from './counters.ts'
import {
  type Counted,
  type MailOutcome,
  mailOutcome,
  type ReplyLabel,
  type Tracking,
  withOneLeaving,
  withReplyLabels,
} from './measure-message.ts'

/** A payment, in the base currency’s smallest unit; a refund is negative. */
interface Payment {
  readonly at: number
  readonly amountMinor: number
}

export interface Evidence {
  readonly signalsOf: (token: string) => readonly Counted[]
  readonly trackingOf: (token: string) => Tracking
  readonly payments: readonly Payment[]
  /** In the order in which they were given. */
  readonly replyLabels: readonly ReplyLabel[]
}

/** `<UTC day>/<rule>/<kind>/<variant>/<locale>`; people rows have `*` for all but the day. */
export type RowId = string
/** People of all days together; in order of id it comes after every day. */
export const allDaysRow: RowId = 'total/*/*/*/*'
export type Rows = Readonly<Record<RowId, Counters>>

export const utcDay = (at: number): string => new Date(at).toISOString().slice(0, 10)
const peopleRow = (at: number): RowId => `${utcDay(at)}/*/*/*/*`
const monthRow = (month: string): RowId => `${month}-01/*/*/*/*`
const monthOf = (at: number): string => utcDay(at).slice(0, 7)

/** Language and region in lower case; `-` where it is not known. */
export const localeOf = ({ person }: Pick<Trial, 'person'>, playbook: CompiledPlaybook): string =>
  (person.locale ?? playbook.playbook.product.locale)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 35) || '-'

const mailRow = (
  at: number,
  { ruleId, kind }: Pick<OutboxMessage, 'ruleId' | 'kind'>,
  variant: number | null,
  locale: string,
) => `${utcDay(at)}/${ruleId}/${kind}/${variant ?? '-'}/${locale}`

function createSheet() {
  const rows = new Map<RowId, Counters>()
  return {
    add(row: RowId, counters: Counters): void {
      rows.set(row, addCounters(rows.get(row) ?? {}, counters))
    },
    rows: (): Rows =>
      Object.fromEntries(
        [...rows]
          .filter(([, counters]) => Object.keys(counters).length > 0)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([row, counters]) => [row, sortedCounters(counters)]),
      ),
  }
}

type Sheet = ReturnType<typeof createSheet>

/**
 * All that one trial adds to the roll-ups: a pure function of what is stored, so that counting on and counting again
 * come to the same.
 * @param windowMs how long before a conversion an email may be credited with it.
 */
export function measureTrial(
  trial: Trial,
  evidence: Evidence,
  playbook: CompiledPlaybook,
  windowMs: number,
): Rows {
  const sheet = createSheet()
  if (trial.clock.status === 'anonymous' || trial.mergedInto !== null) return sheet.rows()
  const zone = zoneOf(trial, playbook)
  const localeFor = (to: string | undefined) =>
    localeOf(to === undefined ? trial : asRecipient(trial, to), playbook)
  const signals = withOneLeaving(
    withReplyLabels(
      trial.outbox.map(({ token }) => (token === null ? [] : evidence.signalsOf(token))),
      evidence.replyLabels,
    ),
  )
  const mails = trial.outbox.flatMap((message, index) => {
    const { token } = message
    const outcome = mailOutcome(message, signals[index] ?? [], {
      tracking: token === null ? { opens: 'off', clicks: 'off' } : evidence.trackingOf(token),
      zone,
    })
    return outcome ? [outcome] : []
  })
  const rowOf = ({ at, message }: MailOutcome): RowId =>
    mailRow(at, message, message.variant, localeFor(message.to))
  const convertedAt = conversionOf(trial, evidence.payments)
  const credit = convertedAt === null ? null : creditFor(convertedAt, mails, windowMs)
  for (const mail of mails) {
    sheet.add(rowOf(mail), mail.counters)
    if (reachedGoal(mail, trial, playbook, { credit, windowMs })) sheet.add(rowOf(mail), { goal: 1 })
  }
  if (credit) sheet.add(rowOf(credit.mail), { [creditCounter[credit.by]]: 1 })
  measureMoney(sheet, evidence.payments, mails, { credit, windowMs, rowOf })
  measureDecisions(sheet, trial, localeFor)
  measurePerson(sheet, trial, playbook, { mails, convertedAt })
  return sheet.rows()
}

const creditCounter = {
  verified: 'convertedVerified',
  utm: 'convertedUtm',
  email: 'convertedEmail',
} as const satisfies Record<Credit['by'], CounterName>

function conversionOf(trial: Trial, payments: readonly Payment[]): number | null {
  const paid = payments.filter(({ amountMinor }) => amountMinor > 0).map(({ at }) => at)
  return trial.clock.convertedAt ?? (paid.length > 0 ? Math.min(...paid) : null)
}

function reachedGoal(
  mail: MailOutcome,
  trial: Trial,
  playbook: CompiledPlaybook,
  { credit, windowMs }: { credit: Credit | null; windowMs: number },
): boolean {
  if (!mail.isDelivered) return false
  const rule = playbook.ruleById.get(mail.message.ruleId)
  const isWithin = (at: number | null | undefined) => at != null && at >= mail.at && at < mail.at + windowMs
  switch (rule?.goal) {
    case 'upgrade':
      return credit?.mail === mail
    case 'reply':
    case 'extension':
      return mail.isReplied || mail.isExtended
    case 'survey':
      return mail.isSurveyed
    case 'activation':
      return isWithin(
        rule.milestone === undefined ? trial.standing.activatedAt : trial.standing.reachedAt[rule.milestone],
      )
    default:
      return false
  }
}

/** Later payments and refunds follow the email that won the customer. */
function measureMoney(
  sheet: Sheet,
  payments: readonly Payment[],
  mails: readonly MailOutcome[],
  {
    credit,
    windowMs,
    rowOf,
  }: { credit: Credit | null; windowMs: number; rowOf: (mail: MailOutcome) => RowId },
): void {
  const byMail = new Map<MailOutcome, number>()
  for (const { at, amountMinor } of payments) {
    const mail = credit?.mail ?? creditFor(at, mails, windowMs)?.mail
    if (mail) byMail.set(mail, (byMail.get(mail) ?? 0) + amountMinor)
  }
  for (const [mail, amount] of byMail)
    sheet.add(rowOf(mail), { revenueMinor: amount, paying: amount > 0 ? 1 : 0 })
}

/** Emails that fell due and could not go for the sake of the person or of the text. */
function measureDecisions(
  sheet: Sheet,
  { decisions }: Trial,
  localeFor: (to: string | undefined) => string,
): void {
  for (const { at, ruleId, kind, outcome, why, to } of decisions) {
    const row = mailRow(at, { ruleId, kind }, null, localeFor(to))
    if (outcome === 'blocked') sheet.add(row, { targeted: 1, blocked: 1 })
    else if (outcome === 'skipped' && isUnmailableWhy(why)) sheet.add(row, { targeted: 1, suppressed: 1 })
  }
}

const lostBy = {
  unsubscribed: 'lost:unsubscribed',
  complaint: 'lost:complaint',
  hard_bounce: 'lost:bounce',
  soft_bounces: 'lost:bounce',
  manual: 'lost:manual',
} as const

function measurePerson(
  sheet: Sheet,
  trial: Trial,
  playbook: CompiledPlaybook,
  { mails, convertedAt }: { mails: readonly MailOutcome[]; convertedAt: number | null },
): void {
  const { clock } = trial
  const began = peopleRow(clock.startsAt)
  const converted = convertedAt === null ? 0 : 1
  sheet.add(began, { started: 1 })
  if (convertedAt !== null) sheet.add(peopleRow(convertedAt), { converted: 1 })
  // A company is one trial; its addresses are those of its people.
  for (const { person, contact } of peopleIn(trial)) {
    if (person.email === null || person.consent.mail === false) continue
    sheet.add(began, { subscribed: 1 })
    if (contact.suppressed)
      sheet.add(peopleRow(contact.suppressed.at), { [lostBy[contact.suppressed.reason]]: 1 })
    else sheet.add(allDaysRow, { subscribers: 1 })
  }
  const isTreated = mails.some(({ message }) => playbook.ruleById.get(message.ruleId)?.class === 'trial')
  if (isTreated) sheet.add(began, { treated: 1, treatedConverted: converted })
  else if (trial.decisions.some(({ outcome }) => outcome === 'held_out'))
    sheet.add(began, { heldOut: 1, heldOutConverted: converted })
  measureMonths(sheet, trial, mails)
}

/** Who was mailed in a calendar month (UTC), and who of them showed any life in it. */
function measureMonths(sheet: Sheet, { usage }: Trial, mails: readonly MailOutcome[]): void {
  const active = new Set([
    ...usage.activeDays.map((day) => monthOf(day * dayMs)),
    ...mails.flatMap(({ reactions }) => reactions.map(monthOf)),
  ])
  const raw = new Set(mails.flatMap(({ hits }) => hits.map(monthOf)))
  for (const month of new Set(mails.map(({ at }) => monthOf(at)))) {
    const isActive = active.has(month)
    sheet.add(monthRow(month), {
      mailedInMonth: 1,
      activeInMonth: isActive ? 1 : 0,
      rawActiveInMonth: isActive || raw.has(month) ? 1 : 0,
    })
  }
}

/** What has to be added to the roll-ups so that `before` becomes `after`. */
export function differenceOf(before: Rows, after: Rows): Rows {
  const difference: Record<RowId, Counters> = {}
  for (const row of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const counters = addCounters(after[row] ?? {}, before[row] ?? {}, -1)
    if (Object.keys(counters).length > 0) difference[row] = counters
  }
  return difference
}
