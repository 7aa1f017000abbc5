import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { loadCatalog } from '../../server/locales/catalog.ts'
import type { MailFacts } from '../../shared/mail-view.ts'
import type { MessageKind } from '../../shared/trial.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))
const { locales } = loadCatalog(templatesDir)

const written = (kind: MessageKind, change: (facts: MailFacts) => Partial<MailFacts>, locale = 'en') => {
  const facts = sampleFacts(kind)
  return render({ template: kind, locale, subject: null, view: withLinks({ ...facts, ...change(facts) }) })
}

type Story = NonNullable<MailFacts['product']['story']>
const telling = (story: Story | undefined, locale?: string) =>
  written(
    'expiring_activated',
    ({ product: { story: _, ...product } }) => ({ product: { ...product, ...(story && { story }) } }),
    locale,
  )
const story = {
  quote: 'Now we look at the board and start.',
  person: 'Mara Lind',
  company: 'Studio Nord',
  result: 'From 6 meetings to 1',
  url: 'https://acme.example/nord',
}

describe('the customer’s story in the email before the end', () => {
  it.each(locales)('is told in full, as HTML and as text: %s', (locale) => {
    const { html, text, links } = telling(story, locale)
    for (const part of [html, text])
      for (const words of [story.quote, story.person, story.company, story.result])
        expect(part).toContain(words)
    expect(links).toContain(story.url)
  })

  it('needs neither a result nor an address', () => {
    const { html, text, links } = telling({
      quote: story.quote,
      person: story.person,
      company: story.company,
    })
    expect(html).toContain(story.quote)
    expect(text).toContain(story.quote)
    expect(links).toHaveLength(1)
  })

  it('leaves nothing behind where there is none', () => {
    const { html, text } = telling(undefined)
    for (const part of [html, text]) expect(part).not.toMatch(/How it went|Read the story|“/)
  })

  it('cannot bring markup', () => {
    const words = '"><img src=x onerror=alert(1)><!-- & {{ product.name }}'
    const { html } = telling({ quote: words, person: words, company: words, result: words })
    expect(html).not.toMatch(/<img[^>]+onerror|<!-- &/)
    expect(html).toContain('{{ product.name }}')
    expect(() => telling({ ...story, url: 'javascript:alert(1)' })).toThrow(/not allowed/)
  })
})

type Value = MailFacts['values'][number]
const valued = (value: Partial<Value>, locale?: string, kind: MessageKind = 'expiring_activated') =>
  written(kind, () => ({ values: [{ id: 'x', label: 'cards', n: 37, ...value }] }), locale)
const widthOf = (html: string) => /class="(?:fill|full)" width="(\d+)%"/.exec(html)?.[1]

describe('what was used of a limit', () => {
  it.each<[number, string, string]>([
    [37, '37 of 50 cards used', '74'],
    [50, 'All 50 cards used', '100'],
    [53, '53 cards used: 3 over the limit of 50', '100'],
    [13, '13 of 50 cards used', '26'],
  ])('%i of 50 is said in words and drawn', (n, words, width) => {
    for (const kind of ['expiring_activated', 'upgrade_now'] as const) {
      const { html, text } = valued({ n, limit: 50 }, 'en', kind)
      expect(text).toContain(`* ${words}`)
      expect(html).toContain(words)
      expect(widthOf(html)).toBe(width)
    }
  })

  it('is no argument below a quarter', () => {
    const { html, text } = valued({ n: 12, limit: 50 })
    expect(text).not.toMatch(/cards|What you have/)
    expect(widthOf(html)).toBeUndefined()
  })

  it.each(locales)('has both numbers and the label in every language: %s', (locale) => {
    for (const [n, numbers] of [
      [37, [37, 50]],
      [53, [53, 50, 3]],
    ] as const) {
      const { text } = valued({ n, limit: 50 }, locale)
      for (const number of numbers) expect(text).toMatch(new RegExp(`(?<!\\d)${number}(?!\\d)`))
      expect(text).toContain('cards')
    }
  })
})

describe('what was gained', () => {
  it.each<[Partial<Value>, string, string]>([
    [{ n: 740, unit: 'minutes', label: 'of meetings saved' }, 'en', 'About 12 hours of meetings saved'],
    [{ n: 600, unit: 'minutes', label: 'of meetings saved' }, 'en', '10 hours of meetings saved'],
    [{ n: 90, unit: 'minutes', label: 'of meetings saved' }, 'en', '90 minutes of meetings saved'],
    [{ n: 740, unit: 'minutes', label: 'gespart' }, 'de', 'Rund 12 Stunden gespart'],
    [{ n: 37_000, unit: 'money', label: 'saved' }, 'en', '$370 saved'],
    [{ n: 37_000, unit: 'money', label: 'saved', about: true }, 'en', 'About $370 saved'],
    [{ n: 37, label: '카드 {{n}}장 완료' }, 'ko', '카드 37장 완료'],
  ])('is told in its unit: %j in %s', (value, locale, words) => {
    const { html, text } = valued(value, locale)
    expect(text).toContain(`* ${words}\n`)
    expect(html.replace(/<[^>]+>/g, '')).toContain(words)
  })

  it.each<Partial<Value>>([{ n: 1 }, { n: 9, unit: 'minutes' }, { n: 99, unit: 'money' }])(
    'is left out where it impresses no one: %j',
    (value) => {
      expect(valued(value).text).not.toContain('What you have')
    },
  )
})

describe('names that run the other way', () => {
  it('are set apart in Arabic sentences, and an Arabic name in English ones', () => {
    expect(telling(undefined, 'ar').text).toContain('\u2068Corkboard\u2069')
    const greeted = written('welcome', () => ({ person: { name: 'عبد', firstName: 'عبد' } }))
    expect(greeted.text).toContain('Hi \u2068عبد\u2069,')
    expect(telling(undefined, 'ar').subject).not.toMatch(/[\u2066-\u2069]/)
  })
})

describe('the follow-up for lack of time', () => {
  it('gives more days by a link while the policy allows, and asks for a better week when not', () => {
    const offered = written('survey_follow_up', () => ({}))
    expect(offered.html).toContain('/x/')
    expect(offered.text).toContain('Take 7 more days')
    const { offer: _, ...facts } = sampleFacts('survey_follow_up')
    const refused = render({
      template: 'survey_follow_up',
      locale: 'en',
      subject: null,
      view: withLinks(facts),
    })
    expect(refused.html).not.toContain('/x/')
    expect(refused.text).toContain('Reply with the week')
  })
})
