import type { Control, Path } from './piece.ts'
import type { Phrase } from './words.ts'

/**
 * Which sentences say which parts of a playbook: one clause is one phrase, and each of its slots is one field. A field
 * that no clause names is shown as it is (`other.main`).
 */
export interface Clause {
  readonly phrase: Phrase
  readonly slots: Readonly<Record<string, Field>>
  /** Said once for each entry of this list; the paths of the slots begin in the entry. */
  readonly each?: Path
}

export interface Field {
  readonly path: Path
  readonly control: Control | { readonly type: 'condition' }
}

export type Grammar = readonly Clause[]

type Fields = Readonly<Record<string, Field | Field['control']>>

const isField = (field: Field | Field['control']): field is Field => 'control' in field

/** A bare control stands for the field that is called like its slot. */
function clause(phrase: Phrase, fields: Fields, each?: Path): Clause {
  const slots = Object.fromEntries(
    Object.entries(fields).map(([slot, field]) => [
      slot,
      isField(field) ? field : { path: [slot], control: field },
    ]),
  )
  return { phrase, slots, ...(each && { each }) }
}

const at = (path: Path, control: Field['control']): Field => ({ path, control })

const condition = { type: 'condition' } as const
const duration = { type: 'duration' } as const
const text = { type: 'text' } as const
const longText = { type: 'text', long: true } as const
const json = { type: 'json' } as const
const id = { type: 'name', of: 'id' } as const
const event = { type: 'name', of: 'event' } as const
const priority = { type: 'number', min: 0, max: 100, whole: true } as const
const count = (min: number, max: number) => ({ type: 'number', min, max, whole: true }) as const
const amount = { type: 'number', min: 0, max: 1e9 } as const
const atMostTimes = (max: number, min = 1) =>
  ({ type: 'number', min, max, whole: true, as: 'atMostTimes' }) as const
const days = (min: number, max: number) => ({ type: 'number', min, max, whole: true, as: 'days' }) as const
const share = { type: 'number', min: 0, max: 0.5, as: 'percent' } as const

export const messageGrammar: Grammar = [
  clause('message.main', {
    kind: { type: 'choice', of: 'kind' },
    offset: { type: 'offset' },
    anchor: { type: 'anchor' },
    when: condition,
    window: { type: 'window', named: true },
    cap: atMostTimes(20),
  }),
  clause('message.name', { name: text }),
  clause('message.to', { to: { type: 'choices', of: 'recipient' } }),
  clause('message.repeat', { repeat: { type: 'choice', of: 'repeat' } }),
  clause('message.sender', { sender: { type: 'choice', of: 'sender' } }),
  clause('message.milestone', { milestone: { type: 'name', of: 'milestone' } }),
  clause('message.subjects', { subjects: { type: 'texts', absent: 'templateSubject' } }),
  clause('message.sendTime', { sendTime: { type: 'choice', of: 'sendTime' } }),
  clause('message.maxLateness', { maxLateness: duration }),
  clause('message.class', { class: { type: 'choice', of: 'class' } }),
  clause('message.priority', { priority }),
  clause('message.goal', { goal: { type: 'choice', of: 'goal' } }),
  clause('message.quotesEnd', { quotesEnd: { type: 'flag', of: 'quotesEnd' } }),
  clause('message.template', { template: { type: 'name', of: 'template' } }),
  clause('message.id', { id }),
]

export const nudgeGrammar: Grammar = [
  clause('nudge.main', {
    format: { type: 'choice', of: 'format' },
    on: { type: 'trigger' },
    when: condition,
    maxShows: atMostTimes(100),
  }),
  clause('nudge.title', { title: at(['content', 'title'], text) }),
  clause('nudge.body', { body: at(['content', 'body'], longText) }),
  clause('nudge.action', {
    label: at(['content', 'action', 'label'], text),
    url: at(['content', 'action', 'url'], text),
  }),
  clause('nudge.dismiss', { dismiss: at(['content', 'dismiss'], text) }),
  clause('nudge.question', { question: at(['content', 'question'], text) }),
  clause('nudge.answers', { answers: at(['content', 'answers'], { type: 'texts', absent: 'none' }) }),
  clause('nudge.anchor', { anchor: text }),
  clause('nudge.meter', {
    event: at(['meter', 'event'], event),
    limit: at(['meter', 'limit'], amount),
    unit: at(['meter', 'unit'], text),
  }),
  clause('nudge.decide', { decide: { type: 'choice', of: 'decide' } }),
  clause('nudge.snooze', { snooze: duration }),
  clause('nudge.priority', { priority }),
  clause('nudge.holdoutShare', { holdoutShare: share }),
  clause('nudge.translations', { translations: json }),
  clause('nudge.id', { id }),
]

export const milestoneGrammar: Grammar = [
  clause('milestone.main', { name: text, event, threshold: { ...count(1, 1000), as: 'times' } }),
  clause('milestone.hint', { hint: text }),
  clause('milestone.url', { url: text }),
  clause('milestone.label', { label: text }),
]

export const activationGrammar: Grammar = [
  clause('activation.main', {
    atLeast: { ...count(1, 50), absent: 'all' },
    of: { type: 'names', of: 'milestone', absent: 'allMilestones' },
  }),
]

export const fitGrammar: Grammar = [
  clause('fit.main', { when: condition, segment: { type: 'choice', of: 'fitSegment' }, why: text }),
  clause('fit.pitchWhenActivated', { pitchWhenActivated: { type: 'flag', of: 'pitchWhenActivated' } }),
]

export const paceGrammar: Grammar = [
  clause('pace.main', { stalledAfter: duration }),
  clause('pace.row', { activeDays: days(1, 400), p25: amount, p75: amount }, ['converters']),
]

export const scoringGrammar: Grammar = [
  clause('scoring.halfLife', { halfLife: duration }),
  clause('scoring.weights', {
    milestones: at(['weights', 'milestones'], amount),
    activity: at(['weights', 'activity'], amount),
    fit: at(['weights', 'fit'], amount),
    intent: at(['weights', 'intent'], amount),
  }),
  clause('scoring.intentEvents', { intentEvents: { type: 'names', of: 'event', absent: 'none' } }),
  clause(
    'scoring.fitTrait',
    { when: condition, points: { type: 'number', min: -1e9, max: 1e9 }, why: text },
    ['fitTraits'],
  ),
]

export const extensionsGrammar: Grammar = [
  clause('extensions.options', { options: { type: 'dayCounts' } }),
  clause('extensions.limits', { maxPerTrial: atMostTimes(50, 0), maxTotalDays: days(0, 730) }),
  clause('extensions.selfServe', {
    days: at(['selfServe', 'days'], days(1, 90)),
    maxPerTrial: at(['selfServe', 'maxPerTrial'], atMostTimes(10, 0)),
  }),
  clause('extensions.reopenWithin', { reopenWithin: duration }),
]

export const capsGrammar: Grammar = [
  clause('caps.emails', { trialMailEvery: duration }),
  clause('caps.nudges', {
    nudgesPerSession: atMostTimes(1000, 0),
    nudgesPerDay: atMostTimes(1000, 0),
    nudgesPerWeek: atMostTimes(1000, 0),
  }),
  clause('caps.nudgeGap', { nudgeGap: duration }),
  clause('caps.nudgeAfterMail', { nudgeAfterMail: duration }),
]

export const pausesGrammar: Grammar = [
  clause('pauses.main', { afterReply: duration, afterRepMail: duration }),
]

/** The window is a value of its own, so its sentence speaks of the whole. */
export const windowGrammar: Grammar = [
  clause('window.main', { window: at([], { type: 'window', named: false }) }),
]

export const holdoutGrammar: Grammar = [
  clause('holdout.main', { share }),
  clause('holdout.salt', { salt: text }),
]

export const comebackGrammar: Grammar = [clause('comeback.main', { within: duration })]

export const surveyGrammar: Grammar = [
  clause('survey.question', { question: text }),
  clause('survey.answer', { id, text }, ['answers']),
]

export const trialGrammar: Grammar = [
  clause('trial.lengthDays', { lengthDays: days(1, 365) }),
  clause('trial.of', { of: { type: 'choice', of: 'trialOf' } }),
  clause('trial.buyerRoles', { roles: at(['buyer', 'roles'], { type: 'texts', absent: 'none' }) }),
  clause('trial.buyerTrait', { trait: at(['buyer', 'trait'], { type: 'name', of: 'trait' }) }),
  clause('trial.endDecidedBy', { endDecidedBy: { type: 'choice', of: 'endDecidedBy' } }),
]
