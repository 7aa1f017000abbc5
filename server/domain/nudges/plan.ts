import { dayMs, isoInstant } from '../../../shared/clock.ts'
import type { LocalRules, NudgeInstance, TrialSnapshot } from '../../../shared/collect.ts'
import { type Condition, type ConditionFacts, conditionHolds } from '../../../shared/condition.ts'
import { hashShare, isAmbient, isHeldOut, isTriggered } from '../../../shared/nudge-rule.ts'
import type { NudgeRule } from '../../../shared/playbook.ts'
import { mayPitch, standingAt } from '../activation/activation.ts'
import { factsOfTrial, numberOf, numbersOf } from '../activation/facts.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { statusAt } from '../trial/clock.ts'
import type { NudgeState, TrackedEvent, Trial } from '../trial/model.ts'
import { countOf } from '../trial/usage.ts'
import { asAsk, askOf, buyerFor } from './ask.ts'
import { type BookedNudge, bookOf, hiddenPart, type NudgeBook } from './nudge-book.ts'
import { type NudgeTextInputs, nudgeTexts } from './text.ts'

/** After so many dismissals a nudge is silent for good. */
const dismissalsUntilSilence = 2

const stateOf = (trial: Trial, nudgeId: string): NudgeState | null =>
  Object.hasOwn(trial.nudges, nudgeId) ? (trial.nudges[nudgeId] ?? null) : null

/** What no condition of the playbook can overrule. */
function isSilent(
  { rule, isPitch }: BookedNudge,
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number | null,
): boolean {
  const state = stateOf(trial, rule.id)
  if (trial.clock.status === 'converted') return true
  if (state && state.dismissals >= dismissalsUntilSilence) return true
  if (state && !isAmbient(rule) && state.shownAt.length >= rule.maxShows) return true
  if (now === null) return false
  if (state?.snoozedUntil != null && state.snoozedUntil > now) return true
  if (!isPitch) return false
  if (askOf(trial, playbook, now) === 'silent') return true
  const { lastTrialMailAt } = trial.contact
  return (
    !mayPitch(trial.standing) ||
    (lastTrialMailAt !== null && now - lastTrialMailAt < playbook.nudgeAfterMailMs)
  )
}

/** What is part of the page, such as a countdown, interrupts no one and does not count. */
const showsSince = (trial: Trial, { nudges }: CompiledPlaybook, since: number): number =>
  nudges
    .filter((rule) => !isAmbient(rule))
    .flatMap(({ id }) => stateOf(trial, id)?.shownAt ?? [])
    .filter((at) => at > since).length

/** How many more prompts this person may see: by session (which the browser counts on), day and week. */
function roomLeft(trial: Trial, playbook: CompiledPlaybook, now: number): number {
  const { nudgesPerSession, nudgesPerDay, nudgesPerWeek } = playbook.playbook.caps
  return Math.min(
    nudgesPerSession,
    nudgesPerDay - showsSince(trial, playbook, now - dayMs),
    nudgesPerWeek - showsSince(trial, playbook, now - 7 * dayMs),
  )
}

/** A number of the person that can be said: above 0. */
function sayable(trial: Trial, playbook: CompiledPlaybook, name: string): number | null {
  const value = numberOf(name, trial, playbook)
  return value !== null && value > 0 ? value : null
}

/** What all nudges of one answer share. */
type NudgeInputs = NudgeTextInputs & Pick<NudgeBook, 'theme'>

function textInputs(trial: Trial, playbook: CompiledPlaybook, locale: string | null): NudgeInputs {
  const { product } = playbook.playbook
  const { words, theme } = bookOf(playbook)
  return {
    theme,
    numberOf: (name) => sayable(trial, playbook, name),
    words,
    locale: locale ?? trial.person.locale ?? product.locale,
    defaultLocale: product.locale,
  }
}

const strangerInputs = (playbook: CompiledPlaybook, locale: string | null): NudgeInputs => ({
  theme: bookOf(playbook).theme,
  numberOf: () => null,
  words: bookOf(playbook).words,
  locale: locale ?? playbook.playbook.product.locale,
  defaultLocale: playbook.playbook.product.locale,
})

/** @returns null when a text cannot be filled honestly. */
function instanceOf(
  { rule, snoozeMs }: BookedNudge,
  countOfEvent: (event: string) => number,
  inputs: NudgeInputs,
  cause: string | null,
): NudgeInstance | null {
  const texts = nudgeTexts(rule, inputs)
  if (!texts) return null
  const { meter } = rule
  return {
    id: rule.id,
    format: rule.format,
    ...texts,
    anchor: rule.anchor ?? null,
    meter: meter
      ? { used: countOfEvent(meter.event), limit: meter.limit, unit: meter.unit, event: meter.event }
      : null,
    priority: rule.priority,
    maxShows: rule.maxShows,
    snoozeMs,
    cause,
    ...(inputs.theme !== undefined && { theme: inputs.theme }),
  }
}

/** Numbers in a preview, where there is no one whose own they could be. */
const sampleNumber = 12

/** The nudge as its team may look at it before anyone else does, with made-up numbers. */
export function previewNudge(nudge: NudgeRule, playbook: CompiledPlaybook): NudgeInstance | null {
  const { product, values } = playbook.playbook
  const { server, local, words, theme } = bookOf(playbook)
  const booked = [...server, ...local].find(({ rule }) => rule === nudge)
  const inputs: NudgeInputs = {
    theme,
    numberOf: (name) => (Object.hasOwn(values, name) ? sampleNumber : null),
    words,
    locale: product.locale,
    defaultLocale: product.locale,
  }
  return booked ? instanceOf(booked, () => Math.round((nudge.meter?.limit ?? 0) * 0.8), inputs, null) : null
}

interface Moment {
  /** The events that have just been folded. */
  readonly causes: readonly TrackedEvent[]
  readonly locale: string | null
  /** Path (or address) of the page the person is on. */
  readonly page: string | null
  /** The reader has not proven to be this person: no number, no language of theirs. */
  readonly isStranger?: boolean
}

const pathOf = (page: string | null): string | null => {
  if (page === null) return null
  try {
    return new URL(page, 'http://page.invalid').pathname
  } catch {
    return null
  }
}

/** The event that earned the nudge; undefined when nothing that happened triggers it. */
function causeOf({ on }: NudgeRule, { causes, page }: Moment): TrackedEvent | null | undefined {
  if (on === 'any') return causes.at(-1) ?? null
  if ('page' in on)
    return isTriggered(on, { event: null, path: pathOf(page) }) ? (causes.at(-1) ?? null) : undefined
  return causes.findLast((event) => event.type === 'track' && event.name === on.event)
}

/** Everyone of a company is in the same group: what one of them sees, all hear about. */
const subjectOf = (trial: Trial): string => trial.company?.id ?? trial.userId ?? trial.anonymousId ?? trial.id

/**
 * The nudges the server decides, most important first, at most as many prompts as may still be shown. Those of which
 * the person is in the control group come too, marked: the browser reports when it would have shown them.
 */
export function decideNudges(
  trial: Trial,
  playbook: CompiledPlaybook,
  moment: Moment,
  now: number,
): NudgeInstance[] {
  const { server } = bookOf(playbook)
  if (server.length === 0 || trial.mergedInto !== null) return []
  const status = statusAt(trial.clock, now)
  const facts = factsOfTrial(trial, standingAt(trial, playbook, now), status, playbook, now)
  const inputs = moment.isStranger
    ? strangerInputs(playbook, moment.locale)
    : textInputs(trial, playbook, moment.locale)
  const instances: NudgeInstance[] = []
  for (const nudge of server) {
    const { rule } = nudge
    if (isSilent(nudge, trial, playbook, now) || !conditionHolds(rule.when, facts)) continue
    if (moment.isStranger && rule.meter) continue
    const cause = causeOf(rule, moment)
    if (cause === undefined) continue
    const instance = instanceOf(
      nudge,
      (event) => countOf(trial.usage, event),
      inputs,
      cause?.messageId ?? null,
    )
    const ask = nudge.isPitch ? askOf(trial, playbook, now) : null
    const heldOut = isHeldOut(rule.id, subjectOf(trial), rule.holdoutShare)
    const shown = instance && (ask === null || ask === 'silent' ? instance : asAsk(instance, ask.buyer))
    if (shown) instances.push(heldOut ? { ...shown, heldOut } : shown)
  }
  if (instances.length === 0) return instances
  let room = roomLeft(trial, playbook, now)
  return instances.sort((a, b) => b.priority - a.priority).filter((nudge) => isAmbient(nudge) || room-- > 0)
}

/** Content hash for "has it changed?"; nothing secret about it. */
const etagOf = (value: unknown): string => {
  const text = JSON.stringify(value)
  return [text, `${text}#`].map((part) => Math.floor(hashShare(part) * 2 ** 32).toString(36)).join('')
}

const nothing: Condition = { any: [] }

/**
 * The condition with everything answered that the browser cannot know. When one of the answers changes, so does the
 * etag, and the browser is told again.
 */
function forBrowser(condition: Condition, facts: ConditionFacts): Condition {
  const { trait, pace, score, surveyAnswer, all, any, not, ...rest } = condition
  if (!conditionHolds(hiddenPart(condition), facts)) return nothing
  return {
    ...rest,
    ...(all && { all: all.map((part) => forBrowser(part, facts)) }),
    ...(any && { any: any.map((part) => forBrowser(part, facts)) }),
    ...(not && { not: forBrowser(not, facts) }),
  }
}

/**
 * The rules the browser decides by itself, with texts filled from the numbers as they stand now. Most people of a
 * version get one of a few sets: each is made once, and found again by all that it depends on.
 */
export function localRules(playbook: CompiledPlaybook, trial: Trial): LocalRules {
  const book = bookOf(playbook)
  const inputs = textInputs(trial, playbook, null)
  const facts = factsOfTrial(trial, trial.standing, trial.clock.status, playbook, 0)
  const spoken =
    trial.mergedInto === null
      ? book.local.filter(
          (nudge) =>
            !isSilent(nudge, trial, playbook, null) && !(nudge.isPitch && buyerFor(trial, playbook) !== null),
        )
      : []
  const key = JSON.stringify([
    inputs.locale,
    ...spoken.map(({ rule, values, hidden }) => [
      rule.id,
      rule.meter ? countOf(trial.usage, rule.meter.event) : 0,
      ...values.map(inputs.numberOf),
      ...hidden.map((part) => conditionHolds(part, facts)),
    ]),
  ])
  const known = book.rulesMade.get(key)
  if (known) return known
  const made = makeRules(book, spoken, inputs, facts, (event) => countOf(trial.usage, event))
  book.rulesMade.set(key, made)
  return made
}

function makeRules(
  { urgent, caps }: NudgeBook,
  spoken: readonly BookedNudge[],
  inputs: NudgeInputs,
  facts: ConditionFacts,
  countOfEvent: (event: string) => number,
): LocalRules {
  const rules: LocalRules['rules'] = []
  for (const booked of spoken) {
    const nudge = instanceOf(booked, countOfEvent, inputs, null)
    if (!nudge) continue
    const { on, when, holdoutShare } = booked.rule
    rules.push({ nudge, on, when: forBrowser(when, facts), ...(holdoutShare > 0 && { holdoutShare }) })
  }
  const content = { urgent: [...urgent], rules, caps }
  return { etag: etagOf(content), ...content }
}

/** Counters the browser’s own rules ask for. */
function askedCounts(trial: Trial, playbook: CompiledPlaybook): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const event of bookOf(playbook).askedEvents) counts[event] = countOf(trial.usage, event)
  return counts
}

/** What the browser may know about its person’s trial. */
export function trialSnapshot(trial: Trial, playbook: CompiledPlaybook, now: number): TrialSnapshot {
  return {
    status: statusAt(trial.clock, now),
    segment: trial.standing.segment,
    endsAt: trial.clock.endsAt === null ? null : isoInstant(trial.clock.endsAt),
    milestones: playbook.milestones.map(({ name, event, threshold, hint, url, label }) => ({
      name,
      event,
      count: countOf(trial.usage, event),
      threshold,
      reached: trial.standing.reachedAt[name] !== undefined,
      ...(hint !== undefined && { hint }),
      ...(url !== undefined && { url }),
      ...(label !== undefined && { label }),
    })),
    values: numbersOf(trial, playbook),
    counts: askedCounts(trial, playbook),
  }
}
