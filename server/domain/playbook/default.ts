import { type Playbook, type PlaybookInput, playbookSchema } from '../../../shared/playbook.ts'
import { messageSets, surveyAbout, usualPace } from './message-sets.ts'

const milestones: PlaybookInput['milestones'] = [
  { name: 'Set up', event: 'Setup Completed', hint: 'Finish the set-up.' },
  { name: 'First result', event: 'First Result', hint: 'Get your first result.' },
  { name: 'Team joined', event: 'Teammate Invited', hint: 'Invite a teammate.' },
]

/**
 * What a new workspace starts with: the message sets around three milestones whose event names a team replaces with
 * its own. Until then the emails after activation stay silent.
 */
export const defaultPlaybook: Playbook = playbookSchema.parse({
  product: {
    name: 'Your product',
    url: 'https://example.com',
    upgradeUrl: 'https://example.com/upgrade',
    postalAddress: 'Your company, street, city, country',
  },
  senders: { product: { name: 'Your product' }, rep: { name: 'Your customer success rep' } },
  trial: { lengthDays: 14 },
  milestones,
  pace: usualPace,
  messages: messageSets(milestones.map(({ name }) => name)),
  nudges: [
    {
      id: 'first-steps',
      format: 'checklist',
      when: { status: ['trialing'], segment: ['unaware', 'exploring'] },
      content: { title: 'First steps', body: 'Each takes a few minutes.' },
      priority: 30,
      maxShows: 20,
    },
    {
      id: 'upgrade-after-value',
      format: 'slideout',
      when: { segment: ['activated'], status: ['trialing', 'ended'] },
      content: {
        title: 'You are up and running',
        body: 'Choose a plan to keep what you have set up.',
        action: { label: 'See plans', url: '{{upgradeUrl}}' },
      },
      priority: 80,
    },
  ],
  survey: surveyAbout('it'),
} satisfies PlaybookInput)
