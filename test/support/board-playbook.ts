import { messageSets, surveyAbout, usualPace } from '../../server/domain/playbook/message-sets.ts'
import type { PlaybookInput } from '../../shared/playbook.ts'

/** A full playbook of a small project board: every kind of rule, nudge and value. */

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
    when: { status: ['trialing'], segment: ['unaware', 'exploring'] },
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
      body: 'They move cards for you, so that no one has to.',
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

/** With a second reminder of C, so that two rules of one set meet. */
const messages = messageSets(milestones.map(({ name }) => name)).flatMap((rule) =>
  rule.id === 'expiring-passive-3d'
    ? [
        { ...rule, maxLateness: '20h', priority: 65 },
        { ...rule, id: 'expiring-passive-1d', offset: '-1d', maxLateness: '20h', priority: 70 },
      ]
    : [rule],
)

export const boardPlaybook: PlaybookInput = {
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
  pace: usualPace,
  scoring: {
    intentEvents: ['Automation Attempted', 'Pricing Viewed'],
    fitTraits: [
      { when: { trait: { path: 'employees', atLeast: 5 } }, points: 30, why: 'a team of five or more' },
      { when: { trait: { path: 'company' } }, points: 10, why: 'names a company' },
      {
        when: { trait: { path: 'email', endsWith: freeMailDomains } },
        points: -20,
        why: 'a private email address',
      },
    ],
  },
  messages,
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
  survey: surveyAbout('Board'),
  paidFeature: { event: 'Automation Attempted', name: 'Automations' },
}
