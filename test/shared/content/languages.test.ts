import { describe, expect, it } from 'vitest'
import { contentPreviewBody } from '../../../shared/api/content.ts'
import { blockFields, blockTypes } from '../../../shared/content/blocks.ts'
import { fingerprint } from '../../../shared/content/fingerprint.ts'
import { languageFor, languageState, languageStates, textPlaces } from '../../../shared/content/languages.ts'
import { type BlockContent, type ContentBlock, emailContentSchema } from '../../../shared/playbook/content.ts'

const words = { subject: 'Set up in ten minutes', preheader: 'Bring one task, we do the rest together.' }

const setupHelp = (texts: BlockContent['texts']): BlockContent => ({
  format: 'blocks',
  source: 'en',
  layout: 'personal',
  blocks: [
    { id: 'lead', type: 'text', style: 'normal' },
    { id: 'go', type: 'button', to: 'product' },
  ],
  texts,
})

const english = {
  subject: { text: words.subject },
  preheader: { text: words.preheader },
  'lead.text': { text: 'Hi {{ person.firstName }},', else: 'Hi,' },
  'go.label': { text: 'Open it' },
}
const german = {
  subject: { text: 'In zehn Minuten fertig', from: fingerprint({ text: words.subject }) },
  preheader: { text: 'Eine Aufgabe genügt.', from: fingerprint({ text: words.preheader }) },
  'lead.text': { text: 'Hallo {{ person.firstName }},', else: 'Hallo,', from: 'old' },
  'go.label': { text: 'Öffnen' },
}

describe('the languages of an email', () => {
  it('are complete when every place that must have words has some', () => {
    expect(languageState(setupHelp({ en: english, de: german }), 'de')).toEqual({
      locale: 'de',
      isSource: false,
      missing: [],
      outdated: ['lead.text'],
      isUsed: true,
    })
  })

  it('miss what the source says and they do not, a second subject too', () => {
    const content = setupHelp({
      en: { ...english, subject_2: { text: 'Ten minutes' } },
      de: { ...german, 'go.label': { text: ' ' } },
    })
    expect(languageState(content, 'de').missing).toEqual(['subject_2', 'go.label'])
  })

  it('are outdated when only the words for people without a name have changed', () => {
    const before = { text: 'Hi {{ person.firstName }},', else: 'Hi,' }
    const content = setupHelp({
      en: { ...english, 'lead.text': { ...before, else: 'Hello,' } },
      de: { ...german, 'lead.text': { text: 'Hallo', from: fingerprint(before) } },
    })
    expect(languageState(content, 'de').outdated).toEqual(['lead.text'])
  })

  it('are listed with the source first', () => {
    const content = setupHelp({ de: german, ar: {}, en: english })
    expect(languageStates(content).map(({ locale, isUsed }) => [locale, isUsed])).toEqual([
      ['en', true],
      ['ar', false],
      ['de', true],
    ])
  })

  it('write in the source language where one word is missing, never half in each', () => {
    const { 'go.label': _, ...half } = german
    expect(languageFor(setupHelp({ en: english, de: half }), ['de-AT', 'de'])).toBe('en')
    expect(languageFor(setupHelp({ en: english, de: german }), ['de-AT', 'de'])).toBe('de')
    expect(languageFor(setupHelp({ en: english }), ['constructor', 'toString'])).toBe('en')
  })
})

const image = { src: 'https://acme.example/a.png', width: 100, height: 50 }
const blockOf = (type: ContentBlock['type']) => ({
  id: 'it',
  type,
  ...(type === 'image' && image),
  ...(type === 'button' && { to: 'upgrade' }),
})

describe('content', () => {
  it.each(blockTypes)('has a place for each of the words of %s', (type) => {
    const content = emailContentSchema.parse({ ...setupHelp({}), blocks: [blockOf(type)] })
    expect(textPlaces(content).flatMap(({ block, key }) => (block === null ? [] : [key]))).toEqual(
      blockFields[type].map(({ name }) => `it.${name}`),
    )
  })

  it('may be unfinished while it is written', () => {
    expect(emailContentSchema.safeParse(setupHelp({})).success).toBe(true)
  })

  it('leads to encrypted addresses only', () => {
    const to = (url: string) =>
      emailContentSchema.safeParse({
        ...setupHelp({}),
        blocks: [{ id: 'go', type: 'button', to: 'url', url }],
      }).success
    expect(to('https://acme.example/webinar')).toBe(true)
    for (const url of ['http://acme.example', 'javascript:alert(1)', 'data:text/html,x', '//acme.example'])
      expect(to(url), url).toBe(false)
  })

  it('is previewed for an activated person in the playbook’s language when nothing else is asked', () => {
    expect(contentPreviewBody.parse({ content: setupHelp({ en: english }) })).toMatchObject({
      person: { segment: 'activated' },
      variant: 0,
      rule: {},
    })
  })
})
