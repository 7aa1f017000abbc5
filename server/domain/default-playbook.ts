import type { PlaybookInput } from '../../shared/playbook.ts'

/**
 * The playbook that comes with the product, written for a small project board. A team replaces names, addresses and
 * event names; the rules behind the four message sets can stay as they are.
 */

type Rule = PlaybookInput['messages'][number]

const noPitch = ['unaware', 'exploring'] as const

/** At sign-up, then event → wait → "has done it?" → the one next step. */
const onboarding: Rule[] = [
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
  ...[
    { id: 'step-1', offset: '3h', milestone: 'Board Created' },
    { id: 'step-2', offset: '27h', milestone: 'Teammate Invited' },
    { id: 'step-3', offset: '51h', milestone: 'Card Completed' },
  ].map(
    (step, index): Rule => ({
      ...step,
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
const beforeTheEnd: Rule[] = (['3d', '1d'] as const).flatMap((before): Rule[] => [
  {
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
  },
  {
    id: `expiring-passive-${before}`,
    kind: 'expiring_passive',
    class: 'trial',
    anchor: 'trialEnd',
    offset: `-${before}`,
    when: { segment: [...noPitch] },
    maxLateness: '20h',
    priority: before === '1d' ? 70 : 65,
    repeat: 'perCycle',
    cap: 4,
    quotesEnd: true,
    sender: 'rep',
    goal: 'reply',
  },
])

const followUps = {
  too_expensive: 'reply',
  no_time: 'extension',
  missing_feature: 'reply',
  just_looking: 'none',
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

const freeMailDomains = [
  '@gmail.com',
  '@googlemail.com',
  '@outlook.com',
  '@hotmail.com',
  '@yahoo.com',
  '@icloud.com',
  '@gmx.net',
  '@web.de',
  '@proton.me',
]

const fit: PlaybookInput['fit'] = [
  {
    when: { trait: { path: 'role', in: ['student', 'teacher'] } },
    segment: 'unqualified',
    why: 'uses it for school or study',
  },
  {
    when: { trait: { path: 'competitor', is: true } },
    segment: 'opportunist',
    why: 'works for a competitor',
  },
  {
    when: {
      trait: { path: 'email', endsWith: freeMailDomains },
      all: [
        { trait: { path: 'company', exists: false } },
        { trait: { path: 'employees', exists: true, atMost: 1 } },
      ],
    },
    segment: 'opportunist',
    why: 'private address, works alone',
  },
]

const nudges: PlaybookInput['nudges'] = [
  {
    id: 'first-steps',
    format: 'checklist',
    when: { status: ['trialing'], segment: [...noPitch] },
    content: { title: 'First steps', body: 'Three things that make the board worth your while.' },
    priority: 30,
    maxShows: 20,
  },
  {
    id: 'upgrade-after-value',
    format: 'slideout',
    when: { segment: ['activated'], status: ['trialing', 'ended'] },
    content: {
      title: 'Your team is under way',
      body: '**{{cardsDone}} cards done** so far. Keep your boards and your team with the Team plan.',
      action: { label: 'See the Team plan', url: '{{upgradeUrl}}' },
    },
    priority: 80,
  },
  {
    id: 'automation-wall',
    format: 'upgrade_wall',
    on: { event: 'Automation Attempted' },
    decide: 'local',
    when: { status: ['trialing', 'ended'] },
    content: {
      title: 'Automations are part of the Team plan',
      body: 'They move cards for you, so that nobody has to.',
      action: { label: 'Upgrade', url: '{{upgradeUrl}}' },
    },
    priority: 90,
    maxShows: 10,
  },
  {
    id: 'days-left',
    format: 'countdown',
    decide: 'local',
    when: { status: ['trialing'], segment: ['activated'], daysLeft: { atMost: 3 } },
    content: {
      title: 'Your trial is about to end',
      action: { label: 'Keep your boards', url: '{{upgradeUrl}}' },
    },
    priority: 60,
  },
]

const survey: PlaybookInput['survey'] = {
  question: 'What was the main reason you did not go on?',
  answers: [
    { id: 'too_expensive', text: 'Too expensive' },
    { id: 'no_time', text: 'I had no time to try it properly' },
    { id: 'missing_feature', text: 'A feature I need is missing' },
    { id: 'just_looking', text: 'I was just looking around' },
  ],
}

const milestones: PlaybookInput['milestones'] = [
  {
    name: 'Board Created',
    event: 'Board Created',
    hint: 'Create a board for one project you are working on now.',
    url: 'https://board.example.com/new',
    label: 'Create a board',
  },
  {
    name: 'Teammate Invited',
    event: 'Teammate Invited',
    hint: 'Invite one colleague, so that a card can change hands.',
    url: 'https://board.example.com/team',
    label: 'Invite a colleague',
  },
  {
    name: 'Card Completed',
    event: 'Card Completed',
    threshold: 3,
    hint: 'Move three cards to done and see the project move.',
    url: 'https://board.example.com/',
    label: 'Open your board',
  },
]

export const defaultPlaybook: PlaybookInput = {
  product: {
    name: 'Board',
    url: 'https://board.example.com/',
    upgradeUrl: 'https://board.example.com/upgrade',
    price: { amountMinor: 900, per: 'month', seat: true },
    paymentMethods: ['card', 'bank transfer'],
    postalAddress: 'Board Ltd, 1 Sample Street, Exampleton',
  },
  senders: {
    product: { name: 'Board' },
    rep: { name: 'Dana', title: 'Customer success' },
  },
  trial: { lengthDays: 14 },
  milestones,
  activation: {},
  fit,
  pace: {
    converters: [
      { activeDays: 1, p25: 1, p75: 2 },
      { activeDays: 2, p25: 1, p75: 3 },
      { activeDays: 4, p25: 2, p75: 3 },
      { activeDays: 7, p25: 3, p75: 3 },
    ],
  },
  scoring: {
    intentEvents: ['Automation Attempted', 'Pricing Viewed'],
    fitTraits: [
      { when: { trait: { path: 'employees', atLeast: 5 } }, points: 30, why: 'a team of five or more' },
      { when: { trait: { path: 'company' } }, points: 10, why: 'names a company' },
      {
        when: { trait: { path: 'email', endsWith: freeMailDomains } },
        points: -20,
        why: 'a private mail address',
      },
    ],
  },
  messages: [...onboarding, upgradeNow, ...beforeTheEnd, ...afterTheEnd, extensionGranted],
  nudges,
  values: {
    boards: { formula: 'count("Board Created")', label: 'boards' },
    members: { formula: 'count("Teammate Invited")', label: 'teammates' },
    cardsDone: { formula: 'count("Card Completed")', label: 'cards done' },
    minutesSaved: { formula: 'cardsDone * 20', label: 'minutes saved (estimate)' },
  },
  losses: [
    {
      value: 'members',
      text: '{{n}} teammates lose access',
      textOne: 'your teammate loses access',
    },
    { value: 'boards', text: '{{n}} boards become read-only', textOne: 'your board becomes read-only' },
  ],
  survey,
  paidFeature: { event: 'Automation Attempted', name: 'Automations' },
}
