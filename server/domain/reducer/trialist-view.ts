import { isoInstant } from '../../../shared/clock.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { numbersOf } from '../activation/facts.ts'
import { planMessages } from '../messages/plan.ts'
import { isBlocked } from '../messages/withheld.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { withClaims } from '../trial/claims.ts'
import { statusAt } from '../trial/clock.ts'
import type { Extension, OutboxMessage, Trial } from '../trial/model.ts'
import { inForce } from '../trial/suppression.ts'
import { countOf } from '../trial/usage.ts'
import { standingNow } from './refresh.ts'

/** End of the year 9999, the last that ISO 8601 tells in four digits; a pause without an end lies beyond it. */
const lastInstant = 253_402_300_799_999

const iso = (at: number): string => isoInstant(Math.min(at, lastInstant))
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

const messageView = (message: OutboxMessage, now: number): Trialist['messages'][number] => ({
  key: message.key,
  kind: message.kind,
  ruleId: message.ruleId,
  ...(message.to !== undefined && { to: message.to, roles: [...(message.roles ?? [])] }),
  state: message.state,
  subject: message.subject,
  messageId: message.messageId,
  token: message.token,
  cycle: message.cycle,
  attempts: message.attempts,
  answer: message.answer,
  blocked: isBlocked(message, now)
    ? { why: message.blockedWhy ?? '', usefulUntil: iso(message.notAfter) }
    : null,
  dueAt: iso(message.dueAt),
  nextAttemptAt: message.state === 'due' ? iso(message.nextAttemptAt) : null,
  sentAt: isoOrNull(message.sentAt),
  openedAt: isoOrNull(message.openedAt),
  clickedAt: isoOrNull(message.clickedAt),
  repliedAt: isoOrNull(message.repliedAt),
  bouncedAt: isoOrNull(message.bouncedAt),
})

const extensionView = ({ id, at, days, before, after, by, reason, note, undoneAt }: Extension) => ({
  id,
  at: iso(at),
  days,
  before: isoOrNull(before),
  after: iso(after),
  by,
  reason,
  note,
  undoneAt: isoOrNull(undoneAt),
})

const countsOf = ({ usage }: Trial): Record<string, number> =>
  Object.fromEntries(Object.entries(usage.counters).map(([name, { count }]) => [name, count]))

function historyView(trial: Trial, now: number) {
  const { contact, survey, usage } = trial
  const suppressed = inForce(contact.suppressed, now)
  return {
    decisions: trial.decisions.map((decision) => ({ ...decision, at: iso(decision.at) })),
    messages: trial.outbox.map((message) => messageView(message, now)),
    extensions: trial.clock.extensions.map(extensionView),
    suppressed: suppressed && { reason: suppressed.reason, at: iso(suppressed.at) },
    repliedAt: isoOrNull(contact.repliedAt),
    repMailedAt: isoOrNull(contact.repMailedAt),
    pausedUntil: isoOrNull(contact.pausedUntil),
    survey: survey && { ...survey, at: iso(survey.at) },
    counts: countsOf(trial),
    firstSeenAt: isoOrNull(usage.firstSeenAt),
    lastSeenAt: isoOrNull(usage.lastSeenAt),
    activeDays: usage.activeDays.length,
  }
}

/** Of a member: what comes next for the company, when it is for them. */
function nextOf(trial: Trial, playbook: CompiledPlaybook, now: number): Trial['next'] {
  const { recipient, next } = trial
  if (!recipient) return planMessages(trial, playbook, now).next
  return next?.to === recipient.userId ? next : null
}

/** The API’s answer about one trialist, as of now: pace, score and what comes next are derived afresh. */
export function trialistView(stored: Trial, playbook: CompiledPlaybook, now: number): Trialist {
  const current = standingNow(stored, playbook, now)
  const next = nextOf({ ...stored, standing: current }, playbook, now)
  const trial = { ...withClaims(stored, playbook), standing: current }
  const { person, standing, clock } = trial
  const { traitsAt: _, consent, ...who } = person
  return {
    userId: trial.userId,
    anonymousId: trial.anonymousId,
    ...who,
    ...(trial.recipient && trial.company && { companyId: trial.company.id }),
    consent,
    segment: standing.segment,
    segmentSince: iso(standing.segmentSince),
    pace: standing.pace,
    score: standing.score,
    reasons: [...standing.reasons],
    activatedAt: isoOrNull(standing.activatedAt),
    milestones: playbook.milestones.map(({ name, event, threshold }) => ({
      name,
      event,
      count: countOf(trial.usage, event),
      threshold,
      reachedAt: isoOrNull(standing.reachedAt[name] ?? null),
    })),
    values: numbersOf(trial, playbook),
    trial: {
      startsAt: iso(clock.startsAt),
      endsAt: isoOrNull(clock.endsAt),
      status: statusAt(clock, now),
      cycle: clock.cycle,
      convertedAt: isoOrNull(clock.convertedAt),
    },
    next: next && { ...next, at: isoOrNull(next.at) },
    ...historyView(trial, now),
    createdAt: iso(trial.createdAt),
    version: trial.version,
  }
}
