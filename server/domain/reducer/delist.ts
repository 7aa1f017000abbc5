import type { CompiledPlaybook } from '../playbook/compile.ts'
import { done, type Of, type Reduced } from '../trial/command.ts'
import type { MemberUsage } from '../trial/company.ts'
import { memberUsageOf } from '../trial/member-usage.ts'
import { memberOf } from '../trial/members.ts'
import type { Counter, Trial, Usage } from '../trial/model.ts'
import { asRecipient } from '../trial/recipient.ts'
import { emptyUsage, mergeUsage } from '../trial/usage.ts'

/** @returns what was done at the company since `before`, as far as a company keeps it of one person. */
export function usageSince(
  after: MemberUsage,
  before: MemberUsage,
  { milestonesByEvent }: CompiledPlaybook,
): Usage {
  const total = Math.max(0, after.total - before.total)
  if (total === 0) return emptyUsage
  const counters: Record<string, Counter> = {}
  let named = 0
  for (const name of milestonesByEvent.keys()) {
    const now = Object.hasOwn(after.counters, name) ? after.counters[name] : undefined
    const then = Object.hasOwn(before.counters, name) ? before.counters[name] : undefined
    const count = (now?.count ?? 0) - (then?.count ?? 0)
    if (!now || count <= 0) continue
    named += count
    const at = then ? now.lastAt : now.firstAt
    // When each of them was is not kept: none before the last that is known.
    const earliest = Array.from({ length: Math.min(count, 100) }, (_, index) =>
      index === 0 ? at : now.lastAt,
    )
    counters[name] = { count, firstAt: at, lastAt: now.lastAt, earliest }
  }
  return {
    counters,
    otherCount: total - named,
    total,
    firstSeenAt: after.firstSeenAt,
    lastSeenAt: after.lastSeenAt,
    activeDays: after.activeDays,
    hours: emptyUsage.hours.map((_, hour) => (after.hours[hour] ?? 0) - (before.hours[hour] ?? 0)),
  }
}

/**
 * The switch to companies is taken back: the trial goes on as it was before `enlist`, as the person is known by now,
 * and with what they did meanwhile.
 * @param command.from the company’s trial, to which this document leads
 */
export function delist(trial: Trial, { from }: Of<'delist'>, playbook: CompiledPlaybook): Reduced {
  const { membership, userId } = trial
  const member = userId !== null && from.company ? memberOf(from.company, userId) : null
  if (!membership || userId === null || trial.mergedInto !== from.id) return done(trial)
  const { membership: _, ...rest } = trial
  const status = trial.clock.convertedAt === null ? 'trialing' : 'converted'
  const back = { ...rest, mergedInto: null, clock: { ...trial.clock, status } as const }
  if (!member) return done(back)
  const seen = asRecipient(from, userId)
  const since = usageSince(member.usage, memberUsageOf(trial.usage, playbook), playbook)
  return done({
    ...back,
    person: {
      ...member.person,
      company: member.person.company ?? trial.person.company,
      plan: trial.person.plan,
    },
    usage: mergeUsage(trial.usage, since, playbook),
    // The company is silenced while its people leave it; they are not.
    contact: { ...seen.contact, silencedAt: member.contact?.silencedAt ?? null },
    survey: seen.survey,
    nudges: seen.nudges,
  })
}
