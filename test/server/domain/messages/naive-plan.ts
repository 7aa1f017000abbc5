import type { CompiledPlaybook } from '../../../../server/domain/playbook/compile.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import type { MessageRule, Playbook } from '../../../../shared/playbook.ts'
import { wallClock } from '../../../support/wall-clock.ts'

/**
 * The message plan once more, written from the rules in words and with other means: clocks are read by
 * Intl, open hours are found by stepping through the quarter hours. It shares nothing with
 * server/domain but the shape of a trial, and knows only the conditions the shipped playbook uses.
 */

const minute = 60_000
const quarter = 15 * minute
const hour = 60 * minute
const day = 24 * hour

const units: Record<string, number> = { s: 1000, m: minute, h: hour, d: day, w: 7 * day }
const span = (text: string): number => Number(text.slice(0, -1)) * (units[text.slice(-1)] as number)

interface NaiveMail {
  readonly ruleId: string
  /** When it would leave. */
  readonly at: number
}

export interface NaivePlan {
  /** Enqueued or kept at this moment. */
  readonly going: readonly string[]
  /** Decided against at this moment. */
  readonly settled: Readonly<Record<string, 'skipped' | 'superseded' | 'held_out'>>
  readonly coming: readonly NaiveMail[]
}

type Window = Exclude<Playbook['window'], string> | null

const windowOf = (rule: MessageRule, playbook: Playbook): Window =>
  rule.window === 'any' ? null : rule.window === 'default' ? playbook.window : rule.window

function open(at: number, window: Window, zone: string): boolean {
  if (!window) return true
  const { weekday, minutes } = wallClock(at, zone)
  const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return window.weekdays.includes(weekday) && time >= window.from && time < window.until
}

/** Windows open and zones change at whole quarter hours only. */
function firstOpen(from: number, window: Window, zone: string): number {
  if (open(from, window, zone)) return from
  let at = Math.ceil(from / quarter) * quarter
  while (!open(at, window, zone)) at += quarter
  return at
}

/** An hour before the last stretch of open time before `end` is over, but not before it began. */
function pulled(end: number, window: Window, zone: string): number {
  if (!window) return end
  let at = Math.ceil(end / quarter) * quarter - quarter
  while (!open(at, window, zone)) at -= quarter
  const closes = Math.min(at + quarter, end)
  let opens = at
  while (open(opens - quarter, window, zone)) opens -= quarter
  return Math.max(opens, closes - hour)
}

/** An hour before the stretch of open time around `at` is over, but not before it began. */
function roomy(at: number, window: Window, zone: string): number {
  if (!window) return at
  let closes = Math.floor(at / quarter) * quarter + quarter
  while (open(closes, window, zone)) closes += quarter
  let opens = Math.floor(at / quarter) * quarter
  while (open(opens - quarter, window, zone)) opens -= quarter
  return Math.max(opens, closes - hour)
}

const zoneOf = (trial: Trial, playbook: Playbook) => trial.person.timeZone ?? playbook.product.timeZone

function anchor(rule: MessageRule, trial: Trial, playbook: Playbook): { at: number; slot: string } | null {
  const { clock, standing, survey } = trial
  const cycle = rule.repeat === 'perCycle' ? `${clock.cycle}` : '0'
  const plain = (at: number | null | undefined) => (at == null ? null : { at, slot: `${rule.id}/${cycle}` })
  if (rule.anchor === 'trialStart') return plain(clock.startsAt)
  if (rule.anchor === 'trialEnd') return plain(clock.endsAt)
  if (rule.anchor === 'surveyAnswered') return plain(survey?.at)
  if (rule.anchor === 'extended')
    return plain(clock.extensions.filter((extension) => extension.undoneAt === null).pop()?.at)
  if (rule.anchor !== 'activated') throw new Error(`no anchor ${rule.anchor} here`)
  if (standing.activatedAt === null) return null
  const back = `${rule.id}/${clock.cycle}-comeback`
  if (clock.endsAt !== null && standing.activatedAt >= clock.endsAt)
    return { at: standing.activatedAt, slot: back }
  const since = playbook.milestones
    .map(({ event }) => trial.usage.counters[event]?.lastAt ?? 0)
    .filter((at) => clock.endsAt !== null && at >= clock.endsAt + day)
  return since.length > 0 ? { at: Math.max(...since), slot: back } : plain(standing.activatedAt)
}

const isReminderRule = (rule: MessageRule) => rule.anchor === 'trialEnd' && rule.offset.startsWith('-')

/** In a short trial the earliest reminder goes at half time, and the others move in proportion. */
function shortening(trial: Trial, playbook: Playbook): number {
  const { startsAt, endsAt } = trial.clock
  const earliest = Math.max(...playbook.messages.filter(isReminderRule).map((rule) => -span(rule.offset)))
  return endsAt === null ? 1 : Math.min(1, Math.max(0, endsAt - startsAt) / 2 / earliest)
}

/** Its time after the window, and the last moment it is of use. */
function times(
  rule: MessageRule,
  trial: Trial,
  playbook: Playbook,
): { slot: string; anchor: number; due: number; latest: number } | null {
  const anchored = anchor(rule, trial, playbook)
  if (!anchored) return null
  const window = windowOf(rule, playbook)
  const zone = zoneOf(trial, playbook)
  const end = trial.clock.endsAt
  const isReminder = isReminderRule(rule)
  const target = anchored.at + Math.round(span(rule.offset) * (isReminder ? shortening(trial, playbook) : 1))
  let due = firstOpen(target, window, zone)
  if (end !== null && due >= end) {
    const early = pulled(end, window, zone)
    if (isReminder) due = early
    else if (rule.class !== 'service' && target < end && early >= anchored.at) due = early
  } else if (isReminder && end !== null) due = Math.min(due, roomy(due, window, zone))
  const latest = due + span(rule.maxLateness)
  return {
    slot: anchored.slot,
    anchor: anchored.at,
    due,
    latest: isReminder && end !== null ? Math.min(latest, end - 1) : latest,
  }
}

const status = (trial: Trial, at: number) =>
  trial.clock.status === 'converted'
    ? 'converted'
    : trial.clock.endsAt !== null && trial.clock.endsAt <= at
      ? 'ended'
      : 'trialing'

function conditionFits(rule: MessageRule, trial: Trial, at: number): boolean {
  const { segment, status: asked, surveyAnswer, not, ...others } = rule.when
  if (Object.keys(others).length > 0) throw new Error('a condition this plan does not know')
  if (segment && !segment.includes(trial.standing.segment)) return false
  if (asked && !asked.includes(status(trial, at))) return false
  const answer = trial.survey?.answer
  if (surveyAnswer && !(answer !== undefined && surveyAnswer.includes(answer))) return false
  if (not?.surveyAnswer && answer !== undefined && not.surveyAnswer.includes(answer)) return false
  return true
}

const gone = ['sent', 'unknown', 'dot']

function mayGo(rule: MessageRule, slot: string, trial: Trial, playbook: Playbook, at: number): boolean {
  const now = status(trial, at)
  const pitches = rule.goal === 'upgrade'
  const poor =
    ['opportunist', 'unqualified'].includes(trial.standing.segment) || trial.standing.noPitch === true
  const isReminder = isReminderRule(rule)
  if (trial.contact.suppressed || trial.person.consent.mail === false || trial.person.email === null)
    return false
  if (now === 'converted' || (now === 'ended' && (isReminder || rule.class === 'onboarding'))) return false
  if (pitches && poor) return false
  const end = trial.clock.endsAt
  if (rule.kind === 'upgrade_now' && end !== null && at - end > span(playbook.comeback.within)) return false
  if (rule.milestone && trial.standing.reachedAt[rule.milestone] !== undefined) return false
  const times = trial.outbox.filter(
    (m) => m.ruleId === rule.id && m.key !== `${trial.id}/${slot}` && gone.includes(m.state),
  ).length
  return times < rule.cap && conditionFits(rule, trial, at)
}

function restUntil(rule: MessageRule, trial: Trial, playbook: Playbook): number {
  if (rule.class === 'service') return Number.NEGATIVE_INFINITY
  const { repliedAt, repMailedAt, pausedUntil, lastTrialMailAt } = trial.contact
  const rests = [pausedUntil ?? 0]
  if (repliedAt !== null) rests.push(repliedAt + span(playbook.pauses.afterReply))
  if (repMailedAt !== null) rests.push(repMailedAt + span(playbook.pauses.afterRepMail))
  if (lastTrialMailAt !== null) rests.push(lastTrialMailAt + span(playbook.caps.trialMailEvery))
  for (const message of trial.outbox) {
    const at = message.sentAt ?? message.dotAt
    if (message.kind === 'trial_ended' && gone.includes(message.state) && at !== null)
      rests.push(at + span(playbook.caps.trialMailEvery))
  }
  if (rule.class === 'onboarding')
    for (const message of trial.outbox) {
      const isOnboarding = playbook.messages.find(({ id }) => id === message.ruleId)?.class === 'onboarding'
      const at = message.sentAt ?? message.dotAt
      if (isOnboarding && gone.includes(message.state) && at !== null)
        rests.push(at + span(playbook.caps.trialMailEvery))
    }
  return Math.max(...rests)
}

/**
 * Only for trials with an empty waiting line (nothing due, claimed or at its dot), as they are after each wake-up.
 */
export function naivePlan(trial: Trial, { playbook }: CompiledPlaybook, now: number): NaivePlan {
  const settled: Record<string, 'skipped' | 'superseded' | 'held_out'> = {}
  const coming: NaiveMail[] = []
  const ready: { rule: MessageRule; due: number; order: number }[] = []
  const zone = zoneOf(trial, playbook)
  playbook.messages.forEach((rule, order) => {
    const found = times(rule, trial, playbook)
    if (!found) return
    const { slot, due, latest } = found
    const message = trial.outbox.find(({ key }) => key === `${trial.id}/${slot}`)
    if (message && message.state !== 'superseded') return
    const decidedFor = trial.settled[slot]
    if (decidedFor !== undefined && due - decidedFor < hour) return
    const { historyUntil, endsAt } = trial.clock
    const before = historyUntil === undefined ? 0 : historyUntil
    if (due < before - hour || (endsAt !== null && endsAt <= before && found.anchor <= before)) {
      settled[rule.id] = 'skipped'
      return
    }
    const from = Math.max(due, now, restUntil(rule, trial, playbook))
    const leaves = from === due ? due : firstOpen(from, windowOf(rule, playbook), zone)
    if (leaves > latest) {
      if (due <= now) settled[rule.id] = 'skipped'
      return
    }
    const goes = mayGo(rule, slot, trial, playbook, Math.max(leaves, now))
    if (leaves > now) {
      if (goes) coming.push({ ruleId: rule.id, at: leaves })
    } else if (goes) ready.push({ rule, due, order })
    else settled[rule.id] = 'skipped'
  })
  const rank = { service: 0, trial: 1, onboarding: 2 }
  const [best, ...rest] = ready
    .filter(({ rule }) => rule.class !== 'service')
    .sort(
      (a, b) =>
        rank[a.rule.class] - rank[b.rule.class] ||
        b.rule.priority - a.rule.priority ||
        b.due - a.due ||
        a.order - b.order,
    )
  for (const { rule } of rest) settled[rule.id] = 'superseded'
  const going = [...ready.filter(({ rule }) => rule.class === 'service'), ...(best ? [best] : [])]
  return { going: going.map(({ rule }) => rule.id).sort(), settled, coming }
}
