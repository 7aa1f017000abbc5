import { type MessageRule, type Playbook, type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'

type RuleInput = NonNullable<PlaybookInput['messages']>[number]

/** From the sign-up on, one next step at a time: event → wait → “has done X?” → nudge or next. */
const onboarding: RuleInput[] = [
  {
    id: 'welcome',
    kind: 'welcome',
    // A fact, not a push: the first step may follow three hours later all the same.
    class: 'service',
    anchor: 'trialStart',
    goal: 'activation',
    window: 'any',
    maxLateness: '1d',
    priority: 60,
  },
  { id: 'step-board', milestone: 'Board Created', anchor: 'trialStart', offset: '3h' },
  { id: 'step-team', milestone: 'Teammate Invited', anchor: 'milestone:Board Created', offset: '1d' },
  { id: 'step-cards', milestone: 'Card Completed', anchor: 'milestone:Teammate Invited', offset: '1d' },
].map((rule) => ({
  kind: 'onboarding_step' as const satisfies MessageRule['kind'],
  class: 'onboarding' as const,
  goal: 'activation' as const,
  maxLateness: '2d',
  priority: 40,
  ...rule,
})) as RuleInput[]

/** A, B, C, D and what follows them. */
const trialMails: RuleInput[] = [
  {
    id: 'upgrade-now',
    kind: 'upgrade_now',
    class: 'trial',
    anchor: 'activated',
    maxLateness: '3d',
    priority: 80,
    goal: 'upgrade',
  },
  ...(['-3d', '-1d'] as const).map(
    (offset): RuleInput => ({
      id: `expiring-activated${offset}`,
      kind: 'expiring_activated',
      class: 'trial',
      anchor: 'trialEnd',
      offset,
      when: { segment: ['activated'] },
      maxLateness: '1d',
      priority: 90,
      repeat: 'perCycle',
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
    when: { segment: ['unaware', 'exploring'] },
    maxLateness: '1d',
    priority: 85,
    repeat: 'perCycle',
    quotesEnd: true,
    sender: 'rep',
    goal: 'reply',
  },
  {
    id: 'ended-survey',
    kind: 'ended_survey',
    class: 'trial',
    anchor: 'trialEnd',
    offset: '1d',
    when: { status: ['ended'] },
    maxLateness: '7d',
    sender: 'rep',
    goal: 'survey',
  },
  {
    id: 'survey-follow-up',
    kind: 'survey_follow_up',
    class: 'trial',
    anchor: 'surveyAnswered',
    offset: '1d',
    when: { status: ['ended'] },
    maxLateness: '7d',
    sender: 'rep',
    goal: 'reply',
  },
  {
    id: 'extension-granted',
    kind: 'extension_granted',
    class: 'service',
    anchor: 'extended',
    window: 'any',
    maxLateness: '1d',
    repeat: 'perCycle',
    cap: 10,
    quotesEnd: true,
  },
  {
    id: 'trial-ended',
    kind: 'trial_ended',
    class: 'service',
    anchor: 'trialEnd',
    when: { status: ['ended'] },
    maxLateness: '2d',
    repeat: 'perCycle',
  },
]

const fit: NonNullable<PlaybookInput['fit']> = [
  {
    when: { trait: { path: 'useCase', in: ['homework', 'private'] } },
    segment: 'unqualified',
    why: 'uses it for private projects',
  },
  {
    when: { trait: { path: 'employees', atMost: 1 } },
    segment: 'opportunist',
    why: 'works alone, so a team plan does not fit',
  },
]

const nudgesOf = (upgradeUrl: string): NonNullable<PlaybookInput['nudges']> => [
  {
    id: 'upgrade-after-value',
    format: 'slideout',
    on: { event: 'Card Completed' },
    when: { segment: ['activated'], status: ['trialing', 'ended'] },
    content: {
      title: 'Your team is rolling',
      body: '**{{cardsDone}} cards done** together already. Keep every board, teammate and automation with the Team plan.',
      action: { label: 'See the Team plan', url: upgradeUrl },
      dismiss: 'Not now',
    },
    priority: 80,
    snooze: '1d',
  },
  {
    id: 'automation-needs-team',
    format: 'banner',
    on: { event: 'Automation Attempted' },
    when: { status: ['trialing', 'ended'] },
    decide: 'local',
    content: {
      title: 'Automations are part of the Team plan',
      body: 'They move cards for you, so nobody has to.',
      action: { label: 'Upgrade', url: upgradeUrl },
    },
    priority: 70,
  },
]

/** The playbook of the sample product, a small project board. Tests and tools rely on its milestones and events. */
export function demoPlaybook(publicUrl: string): Playbook {
  const url = `${publicUrl}/demo/`
  const upgradeUrl = `${publicUrl}/demo/#/upgrade`
  return playbookSchema.parse({
    product: {
      name: 'Boardly',
      url,
      upgradeUrl,
      price: { amountMinor: 900, per: 'month', seat: true },
      paymentMethods: ['card', 'PayPal', 'bank transfer'],
      postalAddress: 'Boardly Ltd, 1 Sample Street, 10115 Exampleton',
    },
    senders: {
      product: { name: 'Boardly', address: 'hello@boardly.example' },
      rep: { name: 'Dana', address: 'dana@boardly.example', title: 'Customer success, Boardly' },
    },
    trial: { lengthDays: 14 },
    milestones: [
      {
        name: 'Board Created',
        event: 'Board Created',
        hint: 'Create a board for something your team works on right now.',
        url,
        label: 'Create a board',
      },
      {
        name: 'Teammate Invited',
        event: 'Teammate Invited',
        hint: 'Invite one teammate: a board alone is only a list.',
        url,
        label: 'Invite a teammate',
      },
      {
        name: 'Card Completed',
        event: 'Card Completed',
        threshold: 3,
        hint: 'Complete three cards and see your project move.',
        url,
        label: 'Open your board',
      },
    ],
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
        { when: { trait: { path: 'employees', atLeast: 10 } }, points: 1, why: 'team of ten or more' },
      ],
    },
    messages: [...onboarding, ...trialMails],
    nudges: nudgesOf(upgradeUrl),
    values: {
      boards: { formula: 'count("Board Created")', label: 'boards' },
      teammates: { formula: 'count("Teammate Invited")', label: 'teammates' },
      cardsDone: { formula: 'count("Card Completed")', label: 'cards completed' },
      minutesSaved: {
        formula: 'count("Card Completed") * 20',
        label: 'minutes of status meetings saved',
        round: 10,
      },
    },
    losses: [
      {
        value: 'teammates',
        text: '{{n}} teammates you invited lose access',
        textOne: 'the teammate you invited loses access',
      },
      { value: 'boards', text: '{{n}} boards become read-only', textOne: 'your board becomes read-only' },
      {
        value: 'cardsDone',
        text: 'the history of {{n}} completed cards is archived',
        textOne: 'the history of your completed card is archived',
      },
    ],
    survey: {
      question: 'What kept you from going on with Boardly?',
      answers: [
        { id: 'price', text: 'It costs too much' },
        { id: 'missing', text: 'Something I need is missing' },
        { id: 'time', text: 'I had no time to try it properly' },
        { id: 'other_tool', text: 'We chose another tool' },
        { id: 'not_needed', text: 'We do not need it after all' },
      ],
    },
    paidFeature: { event: 'Automation Attempted', name: 'automations' },
  })
}
