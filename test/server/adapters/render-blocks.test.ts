import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../../server/adapters/render-worker-engine.ts'
import type { MailFacts } from '../../../shared/mail-view.ts'
import type { BlockContent, ContentBlock, Words } from '../../../shared/playbook/content.ts'
import { sampleFacts, templatesDir, withLinks } from '../../support/mail-samples.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))
const facts = sampleFacts('upgrade_now')

const email = (
  blocks: readonly ContentBlock[],
  words: Record<string, Words>,
  more: Partial<BlockContent> = {},
): BlockContent => ({
  format: 'blocks',
  source: 'en',
  layout: 'designed',
  blocks: [...blocks],
  texts: { en: { subject: { text: 'Hello' }, preheader: { text: 'There' }, ...words } },
  ...more,
})
const text = (id = 'it'): ContentBlock => ({ id, type: 'text', style: 'normal' })

const written = (content: BlockContent, about: MailFacts = facts, locale = 'en', variant = 0) =>
  render({ template: 'custom', locale, subject: null, view: withLinks(about), content, variant })
const paragraph = (words: Words, about: MailFacts = facts, locale = 'en'): string =>
  /<p style="margin:0 0 16px">(.*?)<\/p>/s.exec(
    written(email([text()], { 'it.text': words }), about, locale).html,
  )?.[1] ?? ''

const nameless: MailFacts = { ...facts, person: {} }

describe('words of a block', () => {
  it('are Markdown with variables, values escaped', () => {
    const hostile = { ...facts, person: { name: '<b>*x*</b>', firstName: '<b>*x*</b>\ue000' } }
    expect(paragraph({ text: 'Hi **{{ person.firstName }}** & *co*' }, hostile)).toBe(
      'Hi <strong>&lt;b&gt;*x*&lt;/b&gt;</strong> &amp; <em>co</em>',
    )
  })

  it('name numbers, dates, prices and lists as a person reads them', () => {
    expect(
      paragraph({
        text: '{{ value.minutesSaved }}; {{ trial.endsAt }}; {{ price }}; {{ milestones.reached }}',
      }),
    ).toBe(
      'about 12 hours; Thursday, January 9; $12 per person a month; Board Created, Teammate Invited, and Card Completed',
    )
    expect(
      paragraph(
        { text: '{{ offer.days | plural: one: "# day", other: "# days" }}' },
        { ...facts, offer: { days: 7, endsAt: facts.now } },
      ),
    ).toBe('7 days')
  })

  it('say something else to those who lack what they name', () => {
    const words = { text: 'Hi {{ person.firstName }},', else: 'Hi,' }
    expect(paragraph(words)).toBe('Hi Sam,')
    expect(paragraph(words, nameless)).toBe('Hi,')
    expect(paragraph({ text: 'Hi {{ person.firstName | default: "there" }},' }, nameless)).toBe('Hi there,')
  })

  it('are left out with their block where `else` is empty, and hold the email back where there is none', () => {
    const { html } = written(
      email([text()], { 'it.text': { text: '{{ person.firstName }}', else: '' } }),
      nameless,
    )
    expect(html).not.toContain('<p style="margin:0 0 16px">')
    expect(() => paragraph({ text: '{{ person.firstName }}' }, nameless)).toThrow(
      'it.text: "person.firstName" is missing',
    )
    expect(() =>
      paragraph(
        { text: '{{ value.minutesSaved }}', else: '{{ person.company }}' },
        { ...nameless, values: [] },
      ),
    ).toThrow(/missing/)
  })

  it('never say 0', () => {
    const none = { ...facts, values: [{ id: 'boards', label: 'boards', n: 0 }] }
    expect(paragraph({ text: '{{ value.boards }} boards', else: 'Your boards' }, none)).toBe('Your boards')
  })

  it('lead to named targets, tracked like other links', () => {
    const html = paragraph({ text: '[Buy](upgrade), [wait](extend), [read](https://a.example/?q="x")' })
    expect(html).toMatch(/href="https:\/\/mail\.corkboard\.example\/c\/[^"]*\/0"/)
    expect(html).toContain('/x/ABEiM0RVZneImaq7zN3u_w"')
    expect(html).not.toContain('"x"')
    const plain = written(email([text()], { 'it.text': { text: '[Buy](upgrade) now' } })).text
    expect(plain).toMatch(/^Buy: https:\S+\/0 now$/m)
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'http://a.example/', '/relative', 'nowhere'])(
    'lead nowhere else: %s',
    (target) => {
      expect(() => paragraph({ text: `[x](${target})` })).toThrow(/https address/)
    },
  )

  it.each([
    '{{ person | json }}',
    '{{ (1..9999999) }}',
    '{{ product.url | link }}',
    '{{ "<b>" | raw }}',
    '{{ x | t }}',
  ])('may not ask for more than variables: %s', (source) => {
    expect(() => paragraph({ text: source, else: 'x' })).toThrow()
  })

  it('isolate names that run the other way and fit Korean particles', () => {
    const arabic = email(
      [text()],
      {},
      {
        texts: {
          ar: {
            subject: { text: 'أهلًا' },
            preheader: { text: 'هنا' },
            'it.text': { text: 'مرحبًا {{ person.firstName }}!' },
          },
        },
        source: 'ar',
      },
    )
    expect(written(arabic, facts, 'ar').html).toContain('\u2068Sam\u2069!')
    expect(paragraph({ text: '**{{ product.name }}**를(을)' }, facts, 'en')).toContain('를(을)')
    const korean = email(
      [text()],
      {},
      {
        texts: {
          ko: {
            subject: { text: '안녕' },
            preheader: { text: '네' },
            'it.text': { text: '**{{ product.name }}**를(을)' },
          },
        },
        source: 'ko',
      },
    )
    expect(written(korean, { ...facts, product: { ...facts.product, name: '보드' } }, 'ko').html).toContain(
      '</strong>를<',
    )
  })
})

describe('an email of blocks', () => {
  it('is written in one language: the person’s when it is complete, else its source', () => {
    const texts = {
      en: { subject: { text: 'Hello' }, preheader: { text: 'There' }, 'it.text': { text: 'One' } },
      pt: {
        subject: { text: 'Olá' },
        preheader: { text: 'Lá' },
        'it.text': { text: 'Até {{ trial.endsAt }}' },
      },
      fr: { subject: { text: 'Bonjour' } },
    }
    const content = email([text()], {}, { texts })
    const portuguese = written(content, facts, 'pt-BR')
    expect(portuguese.subject).toBe('Olá')
    expect(portuguese.html).toMatch(/lang="pt(-BR)?"/)
    expect(portuguese.html).toContain('de janeiro')
    expect(written(content, facts, 'fr').subject).toBe('Hello')
    expect(written(content, facts, 'ja').html).toContain('lang="en"')
  })

  it('has the shorter subject where the first is too wide for a phone', () => {
    const subject = { text: 'About {{ product.name }}', else: 'Short' }
    expect(written(email([], { subject })).subject).toBe('About Corkboard')
    const long = { ...facts, product: { ...facts.product, name: 'A product with a very long name' } }
    expect(written(email([], { subject }), long).subject).toBe('Short')
  })

  it('has up to three subjects', () => {
    const content = email([], { subject_2: { text: 'Second' } })
    expect([0, 1, 2].map((variant) => written(content, facts, 'en', variant).subject)).toEqual([
      'Hello',
      'Second',
      'Hello',
    ])
  })

  it('has a block only for those whom its condition holds', () => {
    const content = email(
      [
        { ...text('a'), when: { surveyAnswer: ['price'] } },
        { ...text('b'), when: { not: { surveyAnswer: ['price'] } } },
      ],
      { 'a.text': { text: 'About price' }, 'b.text': { text: 'Else' } },
    )
    expect(written(content).text).toContain('Else')
    expect(written(content, { ...facts, answer: { id: 'price', text: 'x' } }).text).toContain('About price')
    const told = render({
      template: 'custom',
      locale: 'en',
      subject: null,
      view: withLinks(facts),
      content,
      leftOut: ['b'],
    })
    expect(told.text).toContain('About price')
  })

  it('shows the values it names, in its order', () => {
    const values: ContentBlock = { id: 'v', type: 'values', only: ['cards', 'minutesSaved'], quotas: false }
    const { text: plain } = written(email([values], {}))
    expect(plain).toContain('* About 12 hours')
  })
})

describe('blocks whose words this person lacks in part', () => {
  const compare = { id: 'it', type: 'compare' } as const
  const words = {
    'it.without': { text: 'Without' },
    'it.none': { text: '{{ person.firstName }} loses nothing', else: '' },
    'it.with': { text: 'With' },
    'it.keep': { text: 'All stays' },
  }
  const nothingLost = { ...nameless, losses: [] }

  it('do without the words for an empty list', () => {
    const mail = written(email([compare], words), nothingLost)
    expect(mail.html).toContain('All stays')
    expect(mail.text).toContain('All stays')
  })

  it('are left out where a part without which they say nothing is', () => {
    const withName = { ...words, 'it.with': { text: 'With {{ person.firstName }}', else: '' } }
    expect(
      written(email([compare, text('more')], { ...withName, 'more.text': { text: 'More' } }), nothingLost)
        .html,
    ).not.toContain('All stays')
  })
})

it('describes a picture in plain words, and has another one for dark mode', () => {
  const image = {
    id: 'it',
    type: 'image',
    src: 'https://a.example/l.png',
    dark: 'https://a.example/d.png',
    width: 9,
    height: 9,
  } as const
  const { html } = written(email([image], { 'it.alt': { text: '**Ann** "&" [Bob](upgrade)' } }))
  expect(html).toContain('alt="Ann &#34;&amp;&#34; Bob')
  expect(html).toContain('.dark-only { display: block !important; }')
})
