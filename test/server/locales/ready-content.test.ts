import { describe, expect, it } from 'vitest'
import { readLocales } from '../../../server/locales/catalog.ts'
import { icuToWords } from '../../../server/locales/icu-to-words.ts'
import { readReadyFiles, readyContent } from '../../../server/locales/ready-content.ts'
import { languageStates } from '../../../shared/content/languages.ts'
import { templatesDir } from '../../support/mail-samples.ts'

const locales = readLocales(templatesDir)
const ready = Object.entries(readReadyFiles(templatesDir))

describe('the emails we bring, as documents', () => {
  it.each(ready)('are complete and up to date in every language: %s', (_, file) => {
    const states = languageStates(readyContent(file, locales))
    expect(states.map(({ locale }) => locale).toSorted()).toEqual(Object.keys(locales).toSorted())
    expect(states.filter(({ missing, outdated }) => missing.length + outdated.length > 0)).toEqual([])
  })

  it.each(ready)('have ids that are their own: %s', (_, file) => {
    const ids = readyContent(file, locales).blocks.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a message as words', () => {
  const slot = (name: string) => `x.${name}`
  it('has variables for slots, Markdown for bold, a filter for plurals', () => {
    expect(icuToWords('Hi <b>{name}</b>, 2*3', slot)).toBe('Hi **{{ x.name }}**, 2\\*3')
    expect(icuToWords('{days, plural, one {# day} other {# days}} left', slot)).toBe(
      "{{ x.days | plural: one: '# day', other: '# days' }} left",
    )
  })
})
