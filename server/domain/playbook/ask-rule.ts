import {
  type MessageRule,
  type Playbook,
  type PlaybookInput,
  playbookSchema,
} from '../../../shared/playbook.ts'
import { upgradeAsked } from './upgrade-asked.ts'

type RuleInput = NonNullable<PlaybookInput['messages']>[number]

const texts = (subject: string, ask: string, why: string, button: string) => ({
  subject: { text: subject },
  preheader: { text: why },
  'ask.text': { text: ask, else: why },
  'go.label': { text: button },
})

/** Tells who can buy that a colleague asked them to; see `domain/nudges/ask.ts`. At most once for each trial end. */
const askRule: RuleInput = {
  id: 'upgrade-asked',
  kind: 'custom',
  name: 'A colleague asks to upgrade',
  class: 'service',
  anchor: `event:${upgradeAsked}`,
  when: { status: ['trialing', 'ended'] },
  maxLateness: '2d',
  priority: 80,
  repeat: 'perCycle',
  cap: 3,
  goal: 'upgrade',
  to: 'buyer',
  content: {
    format: 'blocks',
    source: 'en',
    blocks: [
      { id: 'ask', type: 'text' },
      { id: 'go', type: 'button', to: 'upgrade' },
    ],
    texts: {
      en: texts(
        'Your team asks you to upgrade {{ product.name }}',
        '**{{ asker.name }}** would like to go on with {{ product.name }} and asks you to choose a plan.',
        'Someone on your team would like to go on with {{ product.name }} and asks you to choose a plan.',
        'See plans',
      ),
      de: texts(
        'Ihr Team bittet Sie um ein Upgrade von {{ product.name }}',
        '**{{ asker.name }}** möchte mit {{ product.name }} weiterarbeiten und bittet Sie, einen Tarif zu wählen.',
        'Jemand aus Ihrem Team möchte mit {{ product.name }} weiterarbeiten und bittet Sie, einen Tarif zu wählen.',
        'Tarife ansehen',
      ),
      es: texts(
        'Tu equipo te pide contratar {{ product.name }}',
        '**{{ asker.name }}** quiere seguir usando {{ product.name }} y te pide que elijas un plan.',
        'Alguien de tu equipo quiere seguir usando {{ product.name }} y te pide que elijas un plan.',
        'Ver planes',
      ),
      fr: texts(
        'Votre équipe vous demande de passer {{ product.name }} au plan payant',
        '**{{ asker.name }}** souhaite continuer avec {{ product.name }} et vous demande de choisir un plan.',
        'Une personne de votre équipe souhaite continuer avec {{ product.name }} et vous demande de choisir un plan.',
        'Voir les plans',
      ),
    },
  },
}

/** The playbook with that rule, unless some email answers to the event already. */
export function withAskRule(playbook: Playbook): Playbook {
  const isHeard = playbook.messages.some(({ anchor }) => anchor === `event:${upgradeAsked}`)
  const isTaken = playbook.messages.some(({ id }) => id === askRule.id)
  if (isHeard || isTaken) return playbook
  const [rule] = playbookSchema.shape.messages.parse([askRule]) as [MessageRule]
  return { ...playbook, messages: [...playbook.messages, rule] }
}
