import { dayMs, hourMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { upgradeAsked } from '../playbook/upgrade-asked.ts'
import { type MemberCounter, type MemberUsage, memberDayLimit, noMemberUsage } from './company.ts'
import type { TrackedEvent, Usage } from './model.ts'

/** What one member did. As in usage.ts neither order nor grouping of the events matters. */

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
const greatest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

const mergeCounter = (a: MemberCounter | undefined, b: MemberCounter): MemberCounter =>
  a
    ? {
        count: a.count + b.count,
        firstAt: Math.min(a.firstAt, b.firstAt),
        lastAt: Math.max(a.lastAt, b.lastAt),
      }
    : b

const own = <T>(bag: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(bag, name) ? bag[name] : undefined

function mergeCounters(a: MemberUsage['counters'], b: MemberUsage['counters']): MemberUsage['counters'] {
  const names = Object.keys(b)
  if (names.length === 0) return a
  const counters = { ...a }
  for (const name of names) counters[name] = mergeCounter(own(a, name), b[name] as MemberCounter)
  return counters
}

function mergeDays(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.every((day) => a.includes(day))) return a
  return [...new Set([...a, ...b])].sort((x, y) => x - y).slice(-memberDayLimit)
}

const mergeHours = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.length === 0 ? b : b.length === 0 ? a : a.map((count, hour) => count + (b[hour] ?? 0))

export const mergeMemberUsage = (a: MemberUsage, b: MemberUsage): MemberUsage =>
  b.total === 0
    ? a
    : {
        total: a.total + b.total,
        counters: mergeCounters(a.counters, b.counters),
        firstSeenAt: least(a.firstSeenAt, b.firstSeenAt),
        lastSeenAt: greatest(a.lastSeenAt, b.lastSeenAt),
        activeDays: mergeDays(a.activeDays, b.activeDays),
        hours: mergeHours(a.hours, b.hours),
      }

/** The part of a person’s usage that a company keeps of its member. */
export function memberUsageOf(usage: Usage, { milestonesByEvent }: CompiledPlaybook): MemberUsage {
  if (usage.total === 0) return noMemberUsage
  const counters: Record<string, MemberCounter> = {}
  for (const name of [...milestonesByEvent.keys(), upgradeAsked]) {
    const counter = own(usage.counters, name)
    if (counter) counters[name] = { count: counter.count, firstAt: counter.firstAt, lastAt: counter.lastAt }
  }
  const { total, firstSeenAt, lastSeenAt, activeDays, hours } = usage
  return { total, counters, firstSeenAt, lastSeenAt, activeDays: activeDays.slice(-memberDayLimit), hours }
}

/** @param events that count, see `countedName` of usage.ts */
export function foldMemberUsage(
  usage: MemberUsage,
  events: readonly TrackedEvent[],
  { milestonesByEvent }: CompiledPlaybook,
): MemberUsage {
  const counters: Record<string, MemberCounter> = {}
  const hours = usage.hours.length > 0 ? usage.hours.slice() : Array<number>(24).fill(0)
  let { firstSeenAt, lastSeenAt, activeDays } = usage
  let days: number[] | null = null
  for (const { type, name, at } of events) {
    if (type === 'track' && (milestonesByEvent.has(name) || name === upgradeAsked))
      counters[name] = mergeCounter(own(counters, name), { count: 1, firstAt: at, lastAt: at })
    if (firstSeenAt === null || at < firstSeenAt) firstSeenAt = at
    if (lastSeenAt === null || at > lastSeenAt) lastSeenAt = at
    const day = Math.floor(at / dayMs)
    if (!activeDays.includes(day) && !days?.includes(day)) days = [...(days ?? []), day]
    const hour = Math.floor(at / hourMs) % 24
    hours[hour] = (hours[hour] as number) + 1
  }
  if (days) activeDays = mergeDays(activeDays, days)
  return {
    total: usage.total + events.length,
    counters: mergeCounters(usage.counters, counters),
    firstSeenAt,
    lastSeenAt,
    activeDays,
    hours,
  }
}
