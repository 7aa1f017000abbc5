import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addBlock,
  addLanguage,
  blankBlock,
  changeBlock,
  duplicateBlock,
  emptyEmail,
  freshBlockId,
  isSameBlock,
  keepTranslation,
  moveBlock,
  removeBlock,
  removeLanguage,
  resetBlock,
  setWords,
} from '../../../shared/content/edit.ts'
import { fingerprint } from '../../../shared/content/fingerprint.ts'
import { languageState, textPlaces } from '../../../shared/content/languages.ts'
import { contentLines } from '../../../shared/content/lines.ts'
import type { BlockContent } from '../../../shared/playbook/content.ts'

const email: BlockContent = {
  format: 'blocks',
  source: 'en',
  layout: 'designed',
  blocks: [
    { id: 'title', type: 'heading' },
    { id: 'lead', type: 'text', style: 'normal' },
    { id: 'go', type: 'button', to: 'upgrade' },
  ],
  texts: {
    en: {
      subject: { text: 'Hello' },
      preheader: { text: 'There' },
      'title.text': { text: 'You did it' },
      'lead.text': { text: 'Dear {{ person.firstName }}', else: 'Dear you' },
      'go.label': { text: 'Upgrade' },
    },
    de: {
      subject: { text: 'Hallo', from: fingerprint({ text: 'Hello' }) },
      'title.text': { text: 'Geschafft' },
      'go.label': { text: 'Weiter' },
    },
  },
}

const ids = ({ blocks }: BlockContent) => blocks.map(({ id }) => id)
const keys = (content: BlockContent, locale: string) => Object.keys(content.texts[locale] ?? {}).toSorted()

describe('blocks', () => {
  it('are added where they are wanted, with their words', () => {
    const block = blankBlock(email, 'text')
    const next = addBlock(email, block, 1, { en: { 'text.text': { text: 'More' } } })
    expect(ids(next)).toEqual(['title', 'text', 'lead', 'go'])
    expect(next.texts.en?.['text.text']).toEqual({ text: 'More' })
    expect(keys(next, 'de')).toEqual(keys(email, 'de'))
  })

  it('take their words along when they are removed, in every language', () => {
    const next = removeBlock(email, 'title')
    expect(ids(next)).toEqual(['lead', 'go'])
    expect(keys(next, 'en')).toEqual(['go.label', 'lead.text', 'preheader', 'subject'])
    expect(keys(next, 'de')).toEqual(['go.label', 'subject'])
  })

  it('keep the words of a block whose id begins alike', () => {
    const both = addBlock(email, { id: 'title_2', type: 'heading' }, 0, {
      en: { 'title_2.text': { text: 'Second' } },
    })
    expect(removeBlock(both, 'title').texts.en?.['title_2.text']).toEqual({ text: 'Second' })
  })

  it('are duplicated with their words in every language, under an id of their own', () => {
    const { content, id } = duplicateBlock(email, 'title')
    expect(id).toBe('title_2')
    expect(ids(content)).toEqual(['title', 'title_2', 'lead', 'go'])
    expect(content.texts.de?.['title_2.text']).toEqual({ text: 'Geschafft' })
    expect(duplicateBlock(content, 'title_2').id).toBe('title_3')
  })

  it('are moved, and stay inside the email', () => {
    expect(ids(moveBlock(email, 'go', 0))).toEqual(['go', 'title', 'lead'])
    expect(ids(moveBlock(email, 'title', 9))).toEqual(['lead', 'go', 'title'])
    expect(moveBlock(email, 'title', -1)).toBe(email)
  })

  it('lose a member that is taken away', () => {
    const next = changeBlock(email, 'go', { to: 'url', url: 'https://a.example/' })
    expect(changeBlock(next, 'go', { to: 'upgrade', url: undefined })).toEqual(email)
  })

  it('get ids that the schema allows, however often they are copied', () => {
    let content = email
    for (let n = 0; n < 12; n++) content = duplicateBlock(content, content.blocks[0]?.id ?? '').content
    expect(new Set(ids(content)).size).toBe(15)
    for (const id of ids(content)) expect(id).toMatch(/^[a-z][a-z0-9_-]{0,39}$/)
    expect(freshBlockId({ blocks: [] }, 'a'.repeat(40)).length).toBeLessThanOrEqual(40)
  })
})

describe('words', () => {
  it('remember the source they were translated from', () => {
    const next = setWords(email, 'de', 'lead.text', { text: 'Hallo {{ person.firstName }}' })
    expect(languageState(next, 'de').outdated).toEqual([])
    const changed = setWords(next, 'en', 'lead.text', { text: 'Hi {{ person.firstName }}' })
    expect(languageState(changed, 'de').outdated).toEqual(['lead.text'])
    const kept = keepTranslation(changed, 'de', 'lead.text')
    expect(languageState(kept, 'de').outdated).toEqual([])
    expect(kept.texts.de?.['lead.text']?.text).toBe('Hallo {{ person.firstName }}')
  })

  it('are outdated by a change of the source even where no one noted what it was', () => {
    const next = setWords(email, 'en', 'title.text', { text: 'Well done' })
    expect(languageState(next, 'de').outdated).toEqual(['title.text'])
    expect(languageState(setWords(next, 'en', 'title.text', { text: 'You did it' }), 'de').outdated).toEqual(
      [],
    )
  })

  it('are taken away, and a language is added and removed', () => {
    expect(keys(setWords(email, 'en', 'subject', null), 'en')).not.toContain('subject')
    const french = addLanguage(email, 'fr')
    expect(languageState(french, 'fr').missing).toEqual(
      textPlaces(email).flatMap(({ key, field }) => (field.required ? [key] : [])),
    )
    expect(removeLanguage(french, 'fr')).toEqual(email)
    expect(removeLanguage(email, 'en')).toBe(email)
    expect(setWords(email, 'vi', 'subject', { text: 'Chào' }).texts.vi?.subject?.text).toBe('Chào')
  })
})

describe('reset to ours', () => {
  it('takes the block and its words, and leaves the others', () => {
    const changed = setWords(
      setWords(changeBlock(email, 'title', { when: { segment: ['activated'] } }), 'de', 'title.text', null),
      'en',
      'go.label',
      { text: 'Buy' },
    )
    expect(isSameBlock(changed, email, 'title')).toBe(false)
    const next = resetBlock(changed, email, 'title')
    expect(isSameBlock(next, email, 'title')).toBe(true)
    expect(next.texts.de?.['title.text']).toEqual({ text: 'Geschafft' })
    expect(next.texts.en?.['go.label']).toEqual({ text: 'Buy' })
  })

  it('brings a removed block back to where it was', () => {
    for (const id of ids(email)) expect(resetBlock(removeBlock(email, id), email, id)).toEqual(email)
  })

  it('takes no language along that this email does not speak', () => {
    const english = removeLanguage(email, 'de')
    expect(resetBlock(removeBlock(english, 'go'), email, 'go')).toEqual(english)
  })
})

/** Any operation of the editor on any block. */
const operation = fc.oneof(
  fc.record({ type: fc.constant('add' as const), at: fc.nat(5) }),
  fc.record({ type: fc.constant('remove' as const), at: fc.nat(5) }),
  fc.record({ type: fc.constant('duplicate' as const), at: fc.nat(5) }),
  fc.record({ type: fc.constant('move' as const), at: fc.nat(5), to: fc.integer({ min: -2, max: 8 }) }),
  fc.record({
    type: fc.constant('say' as const),
    at: fc.nat(5),
    text: fc.string(),
    locale: fc.constantFrom('en', 'de'),
  }),
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

function apply(content: BlockContent, one: Operation): BlockContent {
  const block = content.blocks[one.at % Math.max(1, content.blocks.length)]
  if (one.type === 'add') return addBlock(content, blankBlock(content, 'text'), one.at)
  if (!block) return content
  if (one.type === 'remove') return removeBlock(content, block.id)
  if (one.type === 'duplicate') return duplicateBlock(content, block.id).content
  if (one.type === 'move') return moveBlock(content, block.id, one.to)
  const place = textPlaces(content).find((each) => each.block === block.id)
  return place ? setWords(content, one.locale, place.key, { text: one.text }) : content
}

describe('any series of operations', () => {
  it('leaves ids unique and no words without a block, and changes no document that was there before', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        let content = email
        for (const one of operations) {
          const before = JSON.stringify(content)
          const next = apply(content, one)
          // An undo is the document before: nothing may have written into it.
          expect(JSON.stringify(content)).toBe(before)
          content = next
        }
        expect(new Set(ids(content)).size).toBe(content.blocks.length)
        const places = new Set(textPlaces(content).map(({ key }) => key))
        for (const words of Object.values(content.texts))
          for (const key of Object.keys(words)) expect(places.has(key)).toBe(true)
      }),
    )
  })

  it('is undone by its opposite: remove after add and after duplicate, move back after move', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), fc.nat(9), fc.nat(9), (operations, at, to) => {
        const content = operations.reduce(apply, email)
        const block = content.blocks[at % Math.max(1, content.blocks.length)]
        const blank = blankBlock(content, 'heading')
        expect(removeBlock(addBlock(content, blank, at), blank.id)).toEqual(content)
        if (!block) return
        const copy = duplicateBlock(content, block.id)
        expect(removeBlock(copy.content, copy.id)).toEqual(content)
        const home = content.blocks.indexOf(block)
        expect(moveBlock(moveBlock(content, block.id, to), block.id, home)).toEqual(content)
      }),
    )
  })
})

describe('the lines of an email', () => {
  it('name what changed and nothing else', () => {
    const next = setWords(moveBlock(email, 'go', 0), 'en', 'title.text', { text: 'Done' })
    const [before, after] = [contentLines(email), contentLines(next)]
    expect(after.filter((line) => !before.includes(line))).toEqual([
      'Blocks: go, title, lead',
      'title.text (en): Done',
    ])
    expect(contentLines(emptyEmail('de'))).toEqual(['Layout: designed'])
  })
})
