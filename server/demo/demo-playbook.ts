import { type Playbook, type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'
import { messageSets, surveyAbout, usualPace } from '../domain/playbook/message-sets.ts'
import { demoTranslations } from './demo-translations.ts'

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
      body: 'They move cards for you, so no one has to.',
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
      story: {
        quote: 'We used to spend Monday mornings asking who does what. Now we look at the board and start.',
        person: 'Mara Lind, head of design',
        company: 'Studio Nord',
        result: 'From 6 status meetings a week to 1',
      },
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
    pace: usualPace,
    scoring: {
      intentEvents: ['Automation Attempted', 'Pricing Viewed'],
      fitTraits: [
        { when: { trait: { path: 'employees', atLeast: 10 } }, points: 1, why: 'team of ten or more' },
      ],
    },
    messages: messageSets(['Board Created', 'Teammate Invited', 'Card Completed']),
    nudges: nudgesOf(upgradeUrl),
    values: {
      boards: { formula: 'count("Board Created")', label: 'boards' },
      teammates: { formula: 'count("Teammate Invited")', label: 'teammates' },
      cards: { formula: 'count("Card Created")', label: 'cards', limit: 50 },
      cardsDone: { formula: 'count("Card Completed")', label: 'cards completed' },
      minutesSaved: {
        formula: 'count("Card Completed") * 20',
        label: 'of status meetings saved',
        round: 10,
        unit: 'minutes',
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
    translations: demoTranslations,
    survey: surveyAbout('Boardly'),
    paidFeature: { event: 'Automation Attempted', name: 'automations' },
  })
}
