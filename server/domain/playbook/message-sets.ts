import type { PlaybookInput } from '../../../shared/playbook.ts'

/**
 * The emails every playbook begins with: the onboarding, the four message sets, and what follows them. Which
 * milestones they speak of is the product's own matter.
 */

type Rule = PlaybookInput['messages'][number]

const noPitch = ['unaware', 'exploring'] as const
const firstStepHours = 3

/** At sign-up, then event → wait → "has done it?" → the one next step. */
const onboarding = (milestones: readonly string[]): Rule[] => [
  {
    id: 'welcome',
    kind: 'welcome',
    class: 'service',
    anchor: 'trialStart',
    window: 'any',
    maxLateness: '2d',
    priority: 90,
    cap: 1,
    goal: 'activation',
  },
  ...milestones.map(
    (milestone, index): Rule => ({
      id: `step-${index + 1}`,
      offset: `${firstStepHours + 24 * index}h`,
      milestone,
      kind: 'onboarding_step',
      class: 'onboarding',
      anchor: 'trialStart',
      maxLateness: '3d',
      priority: 40 - index,
      cap: 1,
      goal: 'activation',
    }),
  ),
]

/** A: the moment value is experienced, in the trial or after it. */
const upgradeNow: Rule = {
  id: 'upgrade-now',
  kind: 'upgrade_now',
  class: 'trial',
  anchor: 'activated',
  when: { segment: ['activated'] },
  maxLateness: '3d',
  priority: 90,
  goal: 'upgrade',
}

/** B and C: the end comes near, with value experienced or without. */
const beforeTheEnd: Rule[] = [
  ...(['3d', '1d'] as const).map(
    (before): Rule => ({
      id: `expiring-activated-${before}`,
      kind: 'expiring_activated',
      class: 'trial',
      anchor: 'trialEnd',
      offset: `-${before}`,
      when: { segment: ['activated'] },
      maxLateness: '20h',
      priority: before === '1d' ? 80 : 75,
      repeat: 'perCycle',
      cap: 4,
      quotesEnd: true,
      goal: 'upgrade',
    }),
  ),
  {
    id: 'expiring-passive-3d',
    kind: 'expiring_passive',
    class: 'trial',
    anchor: 'trialEnd',
    offset: '-3d',
    when: { segment: [...noPitch] },
    // Once for each end: a rep who asks the same twice in two days is a machine. Late is better than not at all.
    maxLateness: '2d',
    priority: 70,
    repeat: 'perCycle',
    cap: 4,
    quotesEnd: true,
    sender: 'rep',
    goal: 'reply',
  },
]

/** Answers that the templates have a follow-up for, and what each one is to lead to. */
const followUps = {
  price: 'reply',
  missing: 'reply',
  time: 'extension',
  other_tool: 'none',
  not_needed: 'none',
} as const

/** D: one question, and what follows from the answer. */
const afterTheEnd: Rule[] = [
  {
    id: 'trial-ended',
    kind: 'trial_ended',
    class: 'service',
    anchor: 'trialEnd',
    when: { status: ['ended'] },
    window: 'any',
    maxLateness: '2d',
    repeat: 'perCycle',
    cap: 4,
    quotesEnd: true,
  },
  {
    id: 'ended-survey',
    kind: 'ended_survey',
    class: 'trial',
    anchor: 'trialEnd',
    offset: '1d',
    when: { status: ['ended'], not: { surveyAnswer: Object.keys(followUps) } },
    maxLateness: '5d',
    priority: 60,
    repeat: 'perCycle',
    cap: 2,
    sender: 'rep',
    goal: 'survey',
  },
  ...Object.entries(followUps).map(
    ([answer, goal]): Rule => ({
      id: `follow-up-${answer.replaceAll('_', '-')}`,
      kind: 'survey_follow_up',
      class: 'trial',
      anchor: 'surveyAnswered',
      offset: '1h',
      when: { status: ['ended'], surveyAnswer: [answer] },
      maxLateness: '4d',
      priority: 55,
      cap: 1,
      sender: 'rep',
      goal,
    }),
  ),
]

const extensionGranted: Rule = {
  id: 'extension-granted',
  kind: 'extension_granted',
  class: 'service',
  anchor: 'extended',
  window: 'any',
  maxLateness: '1d',
  priority: 90,
  repeat: 'perCycle',
  cap: 10,
  quotesEnd: true,
}

/** @param milestones names, in the order in which a trialist should reach them */
export const messageSets = (milestones: readonly string[]): Rule[] => [
  ...onboarding(milestones),
  upgradeNow,
  ...beforeTheEnd,
  ...afterTheEnd,
  extensionGranted,
]

/** The one question after the end; teams change the words and keep the ids. */
export const surveyAbout = (product: string): PlaybookInput['survey'] => ({
  question: `What kept you from going on with ${product}?`,
  answers: [
    { id: 'price', text: 'It costs too much' },
    { id: 'missing', text: 'Something I need is missing' },
    { id: 'time', text: 'I had no time to try it properly' },
    { id: 'other_tool', text: 'We chose another tool' },
    { id: 'not_needed', text: 'We do not need it after all' },
  ],
})

/** What converters had reached by then, until a team's own figures replace it. */
export const usualPace: PlaybookInput['pace'] = {
  converters: [
    { activeDays: 1, p25: 1, p75: 2 },
    { activeDays: 2, p25: 1, p75: 3 },
    { activeDays: 4, p25: 2, p75: 3 },
    { activeDays: 7, p25: 3, p75: 3 },
  ],
}
