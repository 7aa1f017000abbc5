import { dayMs } from '../../../shared/clock.ts'
import { type ConditionFacts, conditionHolds } from '../../../shared/condition.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { Usage } from '../trial/model.ts'
import { countOf } from '../trial/usage.ts'

/** So many active days of full weight make up about two thirds of the activity part. */
const activeDayScale = 3
/** Fit in points without any rule: neither good nor poor. */
const neutralFit = 50
const topReasons = 3

interface Part {
  /** 0 to 1 of its weight. */
  readonly share: number
  readonly weight: number
  readonly why: string | null
}

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

function activityPart(usage: Usage, playbook: CompiledPlaybook, now: number): Part {
  const today = Math.floor(now / dayMs)
  const halfLifeDays = Math.max(playbook.halfLifeMs / dayMs, 1 / 24)
  let weighted = 0
  for (let i = usage.activeDays.length - 1; i >= 0; i--) {
    const ageDays = Math.max(0, today - (usage.activeDays[i] as number))
    // Older than that it weighs less than a thousandth.
    if (ageDays > 10 * halfLifeDays) break
    weighted += 2 ** (-ageDays / halfLifeDays)
  }
  const days = usage.activeDays.length
  return {
    share: 1 - Math.exp(-weighted / activeDayScale),
    weight: playbook.playbook.scoring.weights.activity,
    why: days > 0 ? `active on ${plural(days, 'day', 'days')}` : null,
  }
}

function fitPart(facts: ConditionFacts, poorFit: { why: string } | null, playbook: CompiledPlaybook): Part {
  const { fitTraits, weights } = playbook.playbook.scoring
  if (poorFit) return { share: 0, weight: weights.fit, why: poorFit.why }
  let points = neutralFit
  let best: { points: number; why: string } | null = null
  for (const rule of fitTraits) {
    if (!conditionHolds(rule.when, facts)) continue
    points += rule.points
    if (!best || Math.abs(rule.points) > Math.abs(best.points)) best = rule
  }
  return {
    share: Math.min(100, Math.max(0, points)) / 100,
    weight: weights.fit,
    why: best?.why ?? null,
  }
}

function intentPart(usage: Usage, playbook: CompiledPlaybook, now: number): Part {
  let weighted = 0
  let strongest: { event: string; count: number } | null = null
  for (const event of playbook.playbook.scoring.intentEvents) {
    const count = countOf(usage, event)
    if (count === 0) continue
    const ageMs = Math.max(0, now - (usage.counters[event]?.lastAt ?? now))
    weighted += count * 2 ** (-ageMs / Math.max(playbook.halfLifeMs, 1))
    if (!strongest || count > strongest.count) strongest = { event, count }
  }
  return {
    share: 1 - 2 ** -weighted,
    weight: playbook.playbook.scoring.weights.intent,
    why: strongest ? `${strongest.event}: ${plural(strongest.count, 'time', 'times')}` : null,
  }
}

/** 0 to 100 with the reasons that weigh most, strongest first. */
export function scoreOf(
  usage: Usage,
  facts: ConditionFacts,
  { reached, poorFit }: { reached: number; poorFit: { why: string } | null },
  playbook: CompiledPlaybook,
  now: number,
): { score: number; reasons: string[] } {
  const all = playbook.milestones.length
  const parts: Part[] = [
    {
      share: all === 0 ? 0 : reached / all,
      weight: playbook.playbook.scoring.weights.milestones,
      why: all > 0 ? `${reached} of ${plural(all, 'milestone', 'milestones')} reached` : null,
    },
    activityPart(usage, playbook, now),
    fitPart(facts, poorFit, playbook),
    intentPart(usage, playbook, now),
  ]
  const total = parts.reduce((sum, part) => sum + part.weight, 0)
  const gained = parts.reduce((sum, part) => sum + part.share * part.weight, 0)
  return {
    score: total === 0 ? 0 : Math.round((100 * gained) / total),
    reasons: parts
      .filter((part) => part.why !== null)
      .sort((a, b) => b.share * b.weight - a.share * a.weight)
      .slice(0, topReasons)
      .map((part) => part.why as string),
  }
}
