import { dayMs, hourMs } from '../../../shared/clock.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Counter, TrackedEvent, Usage } from './model.ts'

/** Counters for names the playbook does not know; those it knows are always counted. */
export const counterLimit = 200
const activeDayLimit = 400

export const emptyUsage: Usage = {
  counters: {},
  otherCount: 0,
  total: 0,
  firstSeenAt: null,
  lastSeenAt: null,
  activeDays: [],
  hours: Array<number>(24).fill(0),
}

type MutableCounters = Record<string, Counter>
const noInstants: readonly number[] = []

/** Names come from outside: `constructor` and the like are no counters of ours. */
const own = (counters: Usage['counters'], name: string): Counter | undefined =>
  Object.hasOwn(counters, name) ? counters[name] : undefined

/** What an event counts as; null = it tells who someone is, not what they did. */
export function countedName(event: TrackedEvent): string | null {
  // The one name that is no ordinary key of an object.
  if (event.type === 'track') return event.name === '__proto__' ? '(__proto__)' : event.name
  return event.type === 'page' || event.type === 'screen' ? event.type : null
}

/** Ascending instants with one more, at most `limit` of them, the earliest. */
function withInstant(earliest: readonly number[], at: number, limit: number): readonly number[] {
  if (earliest.length >= limit && at >= (earliest[limit - 1] as number)) return earliest
  let position = earliest.length
  while (position > 0 && (earliest[position - 1] as number) > at) position--
  const kept = earliest.slice(0, limit)
  kept.splice(position, 0, at)
  if (kept.length > limit) kept.length = limit
  return kept
}

function withEvent(counter: Counter | undefined, at: number, keep: number): Counter {
  if (!counter) return { count: 1, firstAt: at, lastAt: at, earliest: keep > 0 ? [at] : noInstants }
  return {
    count: counter.count + 1,
    firstAt: Math.min(at, counter.firstAt),
    lastAt: Math.max(at, counter.lastAt),
    earliest: keep > 0 ? withInstant(counter.earliest, at, keep) : counter.earliest,
  }
}

/**
 * Gives up counters beyond the limit. Which ones must not depend on the order of events, so the names that sort
 * last go: a name once given up sorts after all that stay and can never come back with a part of its count.
 */
function giveUp(counters: MutableCounters, playbook: CompiledPlaybook): number {
  const names = Object.keys(counters)
  if (names.length <= counterLimit) return 0
  const free = names.filter((name) => !playbook.namedEvents.has(name))
  if (free.length <= counterLimit) return 0
  let lost = 0
  for (const name of free.sort().slice(counterLimit)) {
    lost += (counters[name] as Counter).count
    delete counters[name]
  }
  return lost
}

/** Ascending days with one more. */
function withDay(days: readonly number[], day: number): readonly number[] {
  const last = days.length - 1
  if (last >= 0 && days[last] === day) return days
  if (last < 0 || day > (days[last] as number)) return [...days, day].slice(-activeDayLimit)
  return days.includes(day) ? days : [...days, day].sort((a, b) => a - b).slice(-activeDayLimit)
}

/** Neither order nor grouping of the events matters: folding is commutative and associative. */
export function foldUsage(usage: Usage, events: readonly TrackedEvent[], playbook: CompiledPlaybook): Usage {
  let counters: MutableCounters | null = null
  let hours: number[] | null = null
  let { otherCount, total, firstSeenAt, lastSeenAt, activeDays } = usage
  let grew = false
  for (const event of events) {
    const name = countedName(event)
    if (name === null) continue
    const { at } = event
    counters ??= { ...usage.counters }
    hours ??= usage.hours.slice()
    const before = own(counters, name)
    counters[name] = withEvent(before, at, playbook.earliestKept.get(name) ?? 0)
    grew ||= before === undefined
    total++
    if (firstSeenAt === null || at < firstSeenAt) firstSeenAt = at
    if (lastSeenAt === null || at > lastSeenAt) lastSeenAt = at
    activeDays = withDay(activeDays, Math.floor(at / dayMs))
    const hour = Math.floor(at / hourMs) % 24
    hours[hour] = (hours[hour] as number) + 1
  }
  if (!counters || !hours) return usage
  if (grew) otherCount += giveUp(counters, playbook)
  return { counters, otherCount, total, firstSeenAt, lastSeenAt, activeDays, hours }
}

function mergeCounters(a: Counter, b: Counter, keep: number): Counter {
  return {
    count: a.count + b.count,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    earliest: [...a.earliest, ...b.earliest].sort((x, y) => x - y).slice(0, keep),
  }
}

const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b))
const greatest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** Two people who turn out to be one. Commutative and associative, and agrees with {@link foldUsage}. */
export function mergeUsage(a: Usage, b: Usage, playbook: CompiledPlaybook): Usage {
  const counters: MutableCounters = { ...a.counters }
  for (const [name, counter] of Object.entries(b.counters)) {
    const mine = own(counters, name)
    counters[name] = mine ? mergeCounters(mine, counter, playbook.earliestKept.get(name) ?? 0) : counter
  }
  return {
    otherCount: a.otherCount + b.otherCount + giveUp(counters, playbook),
    counters,
    total: a.total + b.total,
    firstSeenAt: least(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt: greatest(a.lastSeenAt, b.lastSeenAt),
    activeDays: [...new Set([...a.activeDays, ...b.activeDays])].sort((x, y) => x - y).slice(-activeDayLimit),
    hours: a.hours.map((count, hour) => count + (b.hours[hour] ?? 0)),
  }
}

/** How often an event has happened; 0 when it was never seen. */
export const countOf = (usage: Usage, event: string): number => own(usage.counters, event)?.count ?? 0
