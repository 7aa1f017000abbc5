import type { FixtureName } from '../../../shared/api/lint.ts'
import type { MailFacts } from '../../../shared/mail-view.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const named = (facts: MailFacts, name: string | null, firstName = name): MailFacts => ({
  ...facts,
  person: name === null || firstName === null ? {} : { ...facts.person, name, firstName },
})

const counted = (facts: MailFacts, n: number): MailFacts => ({
  ...facts,
  values: facts.values.map((value) => ({ ...value, n })),
  losses: facts.losses.map((loss) => ({ ...loss, n })),
})

/** Nothing known but what every mail has. */
function bare(facts: MailFacts): MailFacts {
  const { price: _, story: ____, ...product } = facts.product
  const { paidFeature: __, offer: ___, ...rest } = facts as Mutable<MailFacts>
  return {
    ...rest,
    product: { ...product, paymentMethods: [] },
    values: [],
    losses: [],
    milestones: {
      reached: [],
      ...(facts.milestones.next && {
        next: { name: facts.milestones.next.name, threshold: facts.milestones.next.threshold },
      }),
    },
  }
}

type Story = NonNullable<MailFacts['product']['story']>

const told = (facts: MailFacts, story: Story): MailFacts =>
  facts.product.story ? { ...facts, product: { ...facts.product, story } } : facts

const asLongAs = (chars: number): string => 'Donaudampfschiff '.repeat(chars).slice(0, chars).trimEnd()

/** As long as a playbook allows. */
const longStory: Story = {
  quote: asLongAs(300),
  person: asLongAs(80),
  company: asLongAs(80),
  result: asLongAs(120),
  url: `https://x.example/${'a'.repeat(480)}`,
}

const hostileWords = '"><img src=x onerror=alert(1)></td></table><!-- & \u202e'
const hostileStory: Story = {
  quote: hostileWords,
  person: hostileWords,
  company: hostileWords,
  result: hostileWords,
  url: 'https://x.example/%22%3E%3Cimg%3E',
}

export const fixtures: Readonly<Record<FixtureName, (facts: MailFacts) => MailFacts>> = {
  normal: (facts) => facts,
  zero: bare,
  one: (facts) => counted(facts, 1),
  huge: (facts) => counted(facts, 1_234_567_890),
  long_name: (facts) => named(told(facts, longStory), 'Wolfeschlegelsteinhausenbergerdorff'),
  rtl: (facts) => named(facts, 'عبد الرحمن الخطيب', 'عبد'),
  missing_name: (facts) => named(facts, null),
  hostile_name: (facts) =>
    named(
      told(facts, hostileStory),
      '"><img src=x onerror=alert(1)>{{ product.name }}\r\nBcc: a@b.example\u202e',
    ),
}
