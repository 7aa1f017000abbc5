import fc from 'fast-check'
import { parseDocument } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../../server/adapters/render-worker-engine.ts'
import { checkContent } from '../../../shared/content/check.ts'
import type { BlockContent, Words } from '../../../shared/playbook/content.ts'
import { templatesDir, withLinks } from '../../support/mail-samples.ts'
import { randomContent, randomReader } from '../../support/random-content.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))

interface Node {
  readonly name?: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly children?: readonly Node[]
}

/** What words or a value made of the email, besides words. */
function escaped(node: Node): string[] {
  const { name = '', attribs = {}, children = [] } = node
  const own = [
    ...(/^(x-evil|script|iframe|form|object)$/.test(name) ? [`<${name}>`] : []),
    ...Object.entries(attribs).flatMap(([key, value]) =>
      /^on/i.test(key) || (/^(href|src|style)$/.test(key) && /(javascript|data|http):/i.test(value))
        ? [`${key}="${value}"`]
        : [],
    ),
  ]
  return [...own, ...children.flatMap(escaped)]
}

describe('1,000 random emails, each to a random person', () => {
  it('are written as HTML and text, and nothing in them is more than words', () => {
    let written = 0
    fc.assert(
      fc.property(
        randomContent(),
        randomReader,
        fc.constantFrom('en', 'de', 'ar'),
        (content, facts, locale) => {
          const view = withLinks(facts, true)
          const mail = render({ template: 'custom', locale, subject: null, view, content, explains: true })
          if (mail.report?.notSent !== null) {
            expect(mail.html).toBe('')
            return
          }
          written++
          expect(escaped(parseDocument(mail.html) as unknown as Node)).toEqual([])
          expect(mail.html).toContain('</html>')
          expect(mail.text).toContain(view.links.unsubscribe)
          // Neither a line that would be a header nor an order that would disguise what stands there.
          expect(mail.subject).not.toMatch(/\p{Cc}|\u202e/u)
          expect(mail.text).not.toMatch(/(?!\n)\p{Cc}|\p{Co}|\u202e/u)
        },
      ),
      { numRuns: 1000 },
    )
    expect(written).toBeGreaterThan(300)
  })
})

type Change = (content: BlockContent, words: Record<string, Words>) => BlockContent

/** Adds a text block of these words. */
const withText =
  (text: string, otherwise?: string): Change =>
  (content, words) => ({
    ...content,
    blocks: [...content.blocks, { id: 'seed', type: 'text', style: 'normal' }],
    texts: {
      ...content.texts,
      en: { ...words, 'seed.text': { text, ...(otherwise !== undefined && { else: otherwise }) } },
    },
  })

const withBlock =
  (block: BlockContent['blocks'][number], words: Record<string, Words> = {}): Change =>
  (content, english) => ({
    ...content,
    blocks: [...content.blocks, block],
    texts: { ...content.texts, en: { ...english, ...words } },
  })

const button = { id: 'seed', type: 'button', to: 'upgrade' } as const
const label = { 'seed.label': { text: 'Go' } }

/** Twenty faults and how each is named. */
const seeds: readonly (readonly [what: string, check: string, Change])[] = [
  ['a variable that there is not', 'content-variable', withText('{{ person.shoeSize }}')],
  ['more than a variable between braces', 'content-variable', withText('{{ 1..9 }}')],
  ['a value the playbook does not have', 'content-variable', withText('{{ value.unicorns }}', '')],
  ['a filter that words may not use', 'content-filter', withText('{{ product.name | raw }}')],
  ['a link without encryption', 'content-link', withText('[Here](http://acme.example)')],
  ['a link that runs', 'content-link', withText('[Here](javascript:alert)')],
  ['a link without words', 'content-link-words', withText('[](https://acme.example)')],
  ['a link on a button', 'content-link-here', withBlock(button, { 'seed.label': { text: '[Go](upgrade)' } })],
  ['braces that are not closed', 'content-braces', withText('Hello {{ person.name')],
  ['a tag of Liquid', 'content-tag', withText('{% if a %}')],
  ['a mark that is not closed', 'content-mark', withText('Hello **you')],
  ['HTML in words', 'content-tags', withText('<b>Hello</b>')],
  ['two lines on a button', 'content-line', withBlock(button, { 'seed.label': { text: 'Go\nnow' } })],
  ['no words for who lacks a name', 'content-else', withText('Hello {{ person.firstName }}')],
  [
    'other words that lack the same',
    'content-else-same',
    withText('Hello {{ person.firstName }}', 'Hi {{ person.firstName }}'),
  ],
  ['a need that there is not', 'content-needs', withBlock({ ...button, needs: ['unicorns'] }, label)],
  ['a button that leads nowhere', 'content-no-address', withBlock({ ...button, to: 'url' }, label)],
  [
    'a value that only this block knows',
    'content-value',
    withBlock({ id: 'seed', type: 'values', quotas: true, only: ['unicorns'] }),
  ],
  ['two blocks of one name', 'content-id', withBlock({ id: 'b0', type: 'divider' })],
  ['a button without words', 'content-empty', withBlock(button)],
  [
    'words that belong to no block',
    'content-stray',
    (content, words) => ({
      ...content,
      texts: { ...content.texts, en: { ...words, 'gone.text': { text: 'x' } } },
    }),
  ],
  [
    'a translation that lost a variable',
    'content-translation',
    (content, words) => ({
      ...content,
      blocks: [...content.blocks, { id: 'seed', type: 'heading' }],
      texts: {
        ...content.texts,
        en: { ...words, 'seed.text': { text: 'Hello {{ product.name }}' } },
        fr: { 'seed.text': { text: 'Bonjour' } },
      },
    }),
  ],
]

describe('what is wrong with an email', () => {
  it('is found in any email', () => {
    const values = ['cardsDone', 'minutesSaved', 'cards']
    expect(new Set(seeds.map(([what]) => what)).size).toBeGreaterThanOrEqual(20)
    fc.assert(
      fc.property(randomContent([]), fc.constantFrom(...seeds), (content, [what, check, seed]) => {
        const before = checkContent(content, { values }).filter((fault) => fault.check === check).length
        const faults = checkContent(seed(content, { ...content.texts.en }), { values })
        expect(faults.filter((fault) => fault.check === check).length, what).toBeGreaterThan(before)
      }),
      { numRuns: 1000 },
    )
  })

  it('is nothing an error where nothing was seeded', () => {
    fc.assert(
      fc.property(randomContent(['de', 'fr']), (content) => {
        const found = checkContent(content, { values: ['cardsDone'] })
        expect(found.filter(({ level }) => level === 'error')).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
