import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLocales } from '../../../../server/locales/catalog.ts'
import { readReadyFiles, readyContent } from '../../../../server/locales/ready-content.ts'
import { toDocument, toText } from '../../../../server/ui/content/rich-model.ts'
import { type Inline, parseInline } from '../../../../shared/content/inline.ts'
import { templatesDir } from '../../../support/mail-samples.ts'

const again = (text: string): string => toText(toDocument(text))

describe('words in the rich editor', () => {
  it.each([
    'Plain.',
    'Two\n\nparagraphs',
    'A line\nand another',
    'With **bold**, *italic* and **both *at once***.',
    'See [more time](extend) or [**us**](https://a.example/x_y).',
    'Hi {{ person.callName }}, {{ trial.endsAt | weekday }}!',
    '**{{ value.hoursSaved }}** saved',
    'Stars \\* and \\[brackets\\], braces \\{{ a }}',
  ])('come back as they were written: %s', (text) => {
    expect(again(text)).toBe(text)
  })

  it('come back the same in every email and language we bring', () => {
    const locales = readLocales(templatesDir)
    expect(readdirSync(join(templatesDir, 'emails')).length).toBeGreaterThan(8)
    for (const file of Object.values(readReadyFiles(templatesDir)))
      for (const texts of Object.values(readyContent(file, locales).texts))
        for (const { text } of Object.values(texts))
          expect(parseInline(again(text))).toEqual(parseInline(text))
  })

  it('keep space outside of marks, where Markdown would not read them', () => {
    expect(again('a **b** c')).toBe('a **b** c')
    expect(parseInline(again('**b **c'))).toEqual(parseInline('\\*\\*b \\*\\*c'))
  })
})

const leaf: fc.Arbitrary<Inline> = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9*[\]\\{} .]{1,12}$/).map((text) => ({ type: 'text' as const, text })),
  fc
    .constantFrom('person.name', 'trial.endsAt | weekday')
    .map((source) => ({ type: 'variable' as const, source })),
)
const inline = fc.oneof(
  leaf,
  fc
    .tuple(
      fc.constantFrom('bold' as const, 'italic' as const),
      fc.array(leaf, { minLength: 1, maxLength: 2 }),
    )
    .map(([type, children]) => ({ type, children })),
)

/** As it would be typed: marks around, everything else escaped. */
const written = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if (node.type === 'text') return node.text.replace(/[\\*[\]]|\{(?=\{)/g, '\\$&')
      if (node.type === 'variable') return `{{ ${node.source} }}`
      if (node.type === 'break') return '\n'
      const mark = node.type === 'bold' ? '**' : '*'
      return `${mark}${written(node.children)}${mark}`
    })
    .join('')

describe('any words', () => {
  it('are stable: what was written by the editor is read and written the same', () => {
    fc.assert(
      fc.property(fc.array(inline, { maxLength: 6 }), (nodes) => {
        const once = again(written(nodes))
        expect(again(once)).toBe(once)
      }),
    )
  })
})
