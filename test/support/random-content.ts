import fc from 'fast-check'
import { type BlockType, blockFields, type TextField } from '../../shared/content/blocks.ts'
import { fingerprint } from '../../shared/content/fingerprint.ts'
import type { MailFacts } from '../../shared/mail-view.ts'
import { type BlockContent, emailContentSchema, type Words } from '../../shared/playbook/content.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { sampleFacts } from './mail-samples.ts'

/** Emails as a team could write them, and people to read them, with all that breaks out of what it is put into. */

/** Each would do something if it was not escaped. The elements and attributes are looked for in what is written. */
const hostile = [
  '<x-evil>',
  '"><x-evil onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></title><x-evil>',
  '<!-- <x-evil> --><x-evil>',
  '&lt;x-evil&gt;',
  'javascript:alert(1)',
  '\u202eabc\u0007',
  'Ω≈ç√ مرحبا 你好 🎉',
  '\\*not bold\\*',
  'a & b < c > d',
]

const plainWords = ['Hello there', 'One step', 'It works', 'your boards', 'Grüße', 'three of five', 'now']

const variables = [
  'person.callName',
  'person.company',
  'product.name',
  'trial.endsAt',
  'milestones.next.step',
  'best',
  'value.cardsDone',
  'paidFeature.name | upfirst',
  "person.firstName | default: 'there'",
]

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...plainWords) },
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).map(withoutMarks) },
)
const variable = fc.constantFrom(...variables).map((name) => `{{ ${name} }}`)

/** What our own marks are made of would make other faults. */
function withoutMarks(text: string): string {
  return text.replace(/[*[\](){}\\%\n]/g, '').trim() || 'x'
}

const inline = (isLine: boolean) =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: piece },
        { weight: 2, arbitrary: variable },
        { weight: 1, arbitrary: piece.map((text) => `**${withoutMarks(text)}**`) },
        {
          weight: isLine ? 0 : 1,
          arbitrary: fc
            .tuple(piece, fc.constantFrom('upgrade', 'extend', 'https://acme.example/a?b=1&c="d"'))
            .map(([text, target]) => `[${withoutMarks(text)}](${target.replace(/"/g, '%22')})`),
        },
        { weight: isLine ? 0 : 1, arbitrary: fc.constant('\n\n') },
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => parts.join(' ').trim() || 'x')

const html = fc.constantFrom(
  '<p onclick="alert(1)">One</p><x-evil></x-evil>',
  '<a href="javascript:alert(1)">Go</a><img src="http://a.example/x.png" onerror="alert(1)">',
  '<p style="background:url(https://a.example/x)">{% if person.name %}{{ person.name }}{% endif %}</p><script>alert(1)</script>',
)

/** Names people who lack nothing, so that an else never lacks anything itself. */
const otherWords = fc.constantFrom('', 'You are on your way', '<x-evil> in other words')

function wordsOf({ form, hasElse, required }: TextField): fc.Arbitrary<Words | undefined> {
  const text = form === 'html' ? html : form === 'plain' ? piece.map(withoutMarks) : inline(form === 'line')
  const said = fc.tuple(text, fc.option(otherWords, { nil: undefined })).map(([words, otherwise]) => ({
    text: words,
    ...(hasElse && otherwise !== undefined && { else: otherwise }),
  }))
  return required ? said : fc.option(said, { nil: undefined })
}

const address = fc.constantFrom('https://acme.example/setup', 'https://acme.example/?q=%3Cx-evil%3E')

const extras: Partial<Record<BlockType, fc.Arbitrary<object>>> = {
  text: fc.record({ style: fc.constantFrom('normal', 'lead', 'note', 'small', 'after') }),
  button: fc.oneof(
    fc.constantFrom({ to: 'upgrade' }, { to: 'next_step' }, { to: 'extend' }),
    address.map((url) => ({ to: 'url', url })),
  ),
  milestones: fc.record({ show: fc.constantFrom('reached', 'all') }),
  values: fc.record({ quotas: fc.boolean() }),
  image: fc.record({
    src: fc.constant('https://acme.example/a.png'),
    dark: fc.option(fc.constant('https://acme.example/b.png'), { nil: undefined }),
    width: fc.integer({ min: 1, max: 1200 }),
    height: fc.integer({ min: 1, max: 1200 }),
  }),
}

const blockWithWords = fc.constantFrom(...(Object.keys(blockFields) as BlockType[])).chain((type) =>
  fc.record({
    block: (extras[type] ?? fc.constant({})).map((more) => ({ type, ...more })),
    when: fc.option(fc.constantFrom({ segment: ['activated'] }, { not: { segment: ['activated'] } }), {
      nil: undefined,
      freq: 5,
    }),
    words: fc.tuple(
      ...blockFields[type].map((field) => wordsOf(field).map((words) => [field.name, words] as const)),
    ),
  }),
)

const headOf = (text: fc.Arbitrary<string>) => text.map((words) => ({ text: words, else: 'Other words' }))

/** Without a fault. @param locales of the translations beside English. */
export const randomContent = (locales: readonly string[] = ['de']): fc.Arbitrary<BlockContent> =>
  fc
    .record({
      layout: fc.constantFrom('designed', 'personal'),
      subject: headOf(inline(true)),
      preheader: headOf(inline(true)),
      blocks: fc.array(blockWithWords, { minLength: 1, maxLength: 8 }),
      translated: fc.subarray([...locales]),
    })
    .map(({ layout, subject, preheader, blocks, translated }) => {
      const ids = blocks.map((_, index) => `b${index}`)
      const english: Record<string, Words> = { subject, preheader }
      blocks.forEach(({ words }, index) => {
        for (const [name, said] of words) if (said) english[`${ids[index]}.${name}`] = said
      })
      const other = Object.fromEntries(
        Object.entries(english).map(([key, words]) => [key, { ...words, from: fingerprint(words) }]),
      )
      return emailContentSchema.parse({
        format: 'blocks',
        source: 'en',
        layout,
        blocks: blocks.map(({ block, when }, index) => ({ id: ids[index], ...block, ...(when && { when }) })),
        texts: { en: english, ...Object.fromEntries(translated.map((locale) => [locale, other])) },
      }) as BlockContent
    })

/** A person of one of our samples, who calls themselves and their things what no one should. */
export const randomReader: fc.Arbitrary<MailFacts> = fc
  .record({
    kind: fc.constantFrom(...shippedKinds),
    name: fc.option(fc.constantFrom(...hostile), { nil: undefined }),
    company: fc.option(fc.constantFrom(...hostile), { nil: undefined }),
    label: fc.constantFrom(...hostile),
    isNew: fc.boolean(),
  })
  .map(({ kind, name, company, label, isNew }) => {
    const facts = sampleFacts(kind)
    const person = {
      ...(name !== undefined && { name, firstName: name }),
      ...(company !== undefined && { company }),
    }
    return {
      ...facts,
      person,
      rep: { name: label, title: label },
      values: isNew ? [] : facts.values.map((value) => ({ ...value, label })),
      losses: isNew ? [] : facts.losses.map((loss) => ({ ...loss, text: `{{n}} ${label}` })),
      milestones: { ...facts.milestones, reached: facts.milestones.reached.map(() => label) },
    }
  })
