import { durationMs } from '../../../shared/clock.ts'
import type { Condition } from '../../../shared/condition.ts'
import { eventsOfFormula, type Formula, parseFormula } from '../../../shared/formula.ts'
import { recipientsOfRule } from '../../../shared/playbook/messages.ts'
import type { MessageRule, Milestone, NudgeRule, Playbook } from '../../../shared/playbook.ts'
import type { RecipientRole } from '../../../shared/trial.ts'
import { type ParsedWindow, parseWindow } from '../time/send-window.ts'

/** A playbook with its look-ups made once, for the paths that every event takes. */
export interface CompiledPlaybook {
  readonly playbook: Playbook
  /** Version number in the workspace; 0 = the built-in default. */
  readonly version: number
  readonly milestones: readonly CompiledMilestone[]
  readonly milestonesByEvent: ReadonlyMap<string, readonly CompiledMilestone[]>
  readonly milestoneByName: ReadonlyMap<string, CompiledMilestone>
  /** By event: how many of its earliest instants tell when its milestones were reached. */
  readonly earliestKept: ReadonlyMap<string, number>
  /** Events something in the playbook asks about: their counters are never given up for room. */
  readonly namedEvents: ReadonlySet<string>
  /** Events whose count or time can change which email comes next. */
  readonly planEvents: ReadonlySet<string>
  readonly followsLastSeen: boolean
  readonly activation: { readonly of: readonly string[]; readonly atLeast: number }
  readonly values: ReadonlyMap<string, CompiledValue>
  readonly rules: readonly CompiledRule[]
  readonly ruleById: ReadonlyMap<string, CompiledRule>
  readonly nudges: readonly NudgeRule[]
  /** How long before the end the first reminder of a trial of usual length goes. */
  readonly longestNoticeMs: number
  readonly stalledAfterMs: number
  readonly halfLifeMs: number
  readonly trialMailEveryMs: number
  readonly pauseAfterReplyMs: number
  readonly pauseAfterRepMailMs: number
  readonly comebackWithinMs: number
  readonly reopenWithinMs: number
  readonly nudgeAfterMailMs: number
}

export interface CompiledMilestone extends Milestone {
  readonly index: number
}

export interface CompiledValue {
  readonly name: string
  readonly formula: Formula
  readonly label: string
  /** Rounded to multiples of this. */
  readonly round: number
  readonly unit: 'count' | 'minutes' | 'money'
  /** What the trial allows of it; null: nothing said. */
  readonly limit: number | null
}

export interface CompiledRule extends MessageRule {
  readonly index: number
  readonly offsetMs: number
  readonly maxLatenessMs: number
  /** null: any time. */
  readonly sendWindow: ParsedWindow | null
  readonly anchorOf: AnchorOf
  /** Asks for the upgrade: never to those without fit. */
  readonly isPitch: boolean
  /** Waits for the hour at which this person is mostly about. */
  readonly isPersonal: boolean
  /** Speaks of the trial end as something to come: of no use once it has passed. */
  readonly beforeEnd: boolean
  /** Who of a company gets it. */
  readonly recipients: readonly RecipientRole[]
}

type AnchorOf =
  | {
      readonly type: 'trialStart' | 'trialEnd' | 'activated' | 'lastSeen' | 'surveyAnswered' | 'extended'
    }
  | { readonly type: 'milestone' | 'event'; readonly name: string }

function parseAnchor(anchor: string): AnchorOf {
  const colon = anchor.indexOf(':')
  return colon < 0
    ? { type: anchor as Exclude<AnchorOf, { name: string }>['type'] }
    : { type: anchor.slice(0, colon) as 'milestone' | 'event', name: anchor.slice(colon + 1) }
}

function compileRule(rule: MessageRule, index: number, playbook: Playbook): CompiledRule {
  const offsetMs = durationMs(rule.offset)
  const window = rule.window === 'default' ? playbook.window : rule.window
  return {
    ...rule,
    index,
    offsetMs,
    maxLatenessMs: durationMs(rule.maxLateness),
    sendWindow: window === 'any' ? null : parseWindow(window),
    anchorOf: parseAnchor(rule.anchor),
    isPitch: rule.goal === 'upgrade' || rule.kind === 'upgrade_now' || rule.kind === 'expiring_activated',
    isPersonal: rule.sendTime === 'personal' && rule.kind !== 'upgrade_now' && rule.class !== 'service',
    beforeEnd: rule.anchor === 'trialEnd' && offsetMs < 0,
    recipients: recipientsOfRule(rule),
  }
}

/** How long before the end the first reminder goes. */
const longestNotice = (rules: readonly CompiledRule[]): number =>
  rules.reduce((longest, rule) => (rule.beforeEnd ? Math.max(longest, -rule.offsetMs) : longest), 0)

/** Every event a condition asks about, directly or through a value. */
function eventsOfCondition(condition: Condition, values: ReadonlyMap<string, CompiledValue>): string[] {
  const value = condition.value && values.get(condition.value.name)
  return [
    ...[...(condition.all ?? []), ...(condition.any ?? [])].flatMap((part) =>
      eventsOfCondition(part, values),
    ),
    ...(condition.not ? eventsOfCondition(condition.not, values) : []),
    ...(condition.event ? [condition.event.name] : []),
    ...(value ? eventsOfFormula(value.formula, (name) => values.has(name)) : []),
  ]
}

function compileValues(playbook: Playbook): Map<string, CompiledValue> {
  const values = new Map<string, CompiledValue>()
  for (const [name, { formula, label, round, unit, limit = null }] of Object.entries(playbook.values)) {
    const parsed = parseFormula(formula)
    // The schema refuses such a playbook; one stored by an older version must not stop the server.
    if (parsed.ok) values.set(name, { name, formula: parsed.formula, label, round, unit, limit })
  }
  return values
}

function groupByEvent(milestones: readonly CompiledMilestone[]): Map<string, CompiledMilestone[]> {
  const byEvent = new Map<string, CompiledMilestone[]>()
  for (const milestone of milestones) {
    const group = byEvent.get(milestone.event)
    if (group) group.push(milestone)
    else byEvent.set(milestone.event, [milestone])
  }
  return byEvent
}

/** An event that only a block of an email asks about is counted as well. */
const blockConditions = ({ content }: MessageRule): readonly Condition[] =>
  content?.format === 'blocks' ? content.blocks.flatMap(({ when }) => when ?? []) : []

function anchorEvents(rules: readonly CompiledRule[]): string[] {
  return rules.flatMap(({ anchorOf }) => (anchorOf.type === 'event' ? [anchorOf.name] : []))
}

export function compilePlaybook(playbook: Playbook, version: number): CompiledPlaybook {
  const milestones = playbook.milestones.map((milestone, index) => ({ ...milestone, index }))
  const milestonesByEvent = groupByEvent(milestones)
  const values = compileValues(playbook)
  const rules = playbook.messages.map((rule, index) => compileRule(rule, index, playbook))
  const of = playbook.activation.of ?? milestones.map((milestone) => milestone.name)
  const conditionEvents = (conditions: readonly Condition[]) =>
    conditions.flatMap((condition) => eventsOfCondition(condition, values))
  const planEvents = new Set([...anchorEvents(rules), ...conditionEvents(rules.map((rule) => rule.when))])
  const blockEvents = conditionEvents(rules.flatMap(blockConditions))
  const { caps, pauses, paidFeature } = playbook
  return {
    playbook,
    version,
    milestones,
    milestonesByEvent,
    milestoneByName: new Map(milestones.map((milestone) => [milestone.name, milestone])),
    earliestKept: new Map(
      [...milestonesByEvent].map(([event, group]) => [event, Math.max(...group.map((m) => m.threshold))]),
    ),
    namedEvents: new Set([
      ...milestonesByEvent.keys(),
      ...planEvents,
      ...blockEvents,
      ...playbook.scoring.intentEvents,
      ...(paidFeature ? [paidFeature.event] : []),
      ...[...values.values()].flatMap((value) => eventsOfFormula(value.formula, (name) => values.has(name))),
      ...conditionEvents([...playbook.fit, ...playbook.scoring.fitTraits].map((rule) => rule.when)),
      ...conditionEvents(playbook.nudges.map((nudge) => nudge.when)),
      ...playbook.nudges.flatMap((nudge) => (nudge.meter ? [nudge.meter.event] : [])),
    ]),
    planEvents,
    followsLastSeen: rules.some((rule) => rule.anchorOf.type === 'lastSeen'),
    activation: { of, atLeast: Math.min(playbook.activation.atLeast ?? of.length, of.length) },
    values,
    rules,
    ruleById: new Map(rules.map((rule) => [rule.id, rule])),
    nudges: playbook.nudges,
    longestNoticeMs: longestNotice(rules),
    stalledAfterMs: durationMs(playbook.pace.stalledAfter),
    halfLifeMs: durationMs(playbook.scoring.halfLife),
    trialMailEveryMs: durationMs(caps.trialMailEvery),
    pauseAfterReplyMs: durationMs(pauses.afterReply),
    pauseAfterRepMailMs: durationMs(pauses.afterRepMail),
    comebackWithinMs: durationMs(playbook.comeback.within),
    reopenWithinMs: durationMs(playbook.extensions.reopenWithin),
    nudgeAfterMailMs: durationMs(caps.nudgeAfterMail),
  }
}
