import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExpression } from '../../../shared/content/expression.ts'
import { escapeInline, type Inline, parseInline, variablesIn } from '../../../shared/content/inline.ts'

/** Written back in brackets, so that a test can be read. */
const shown = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => {
      if (node.type === 'text') return node.text
      if (node.type === 'break') return '↵'
      if (node.type === 'variable') return `‹${node.source}›`
      if (node.type === 'link') return `link(${shown(node.children)}→${node.target})`
      return `${node.type}(${shown(node.children)})`
    })
    .join('')
const read = (text: string): string => parseInline(text).map(shown).join('¶')

describe('inline Markdown', () => {
  it.each([
    ['plain', 'plain'],
    ['a **b** c', 'a bold(b) c'],
    ['a *b* c', 'a italic(b) c'],
    ['**a *b* c**', 'bold(a italic(b) c)'],
    ['***a***', 'bold(italic(a))'],
    ['**a *b***', 'bold(a italic(b))'],
    ['*a **b***', 'italic(a bold(b))'],
    ['*a***b**', 'italic(a)bold(b)'],
    ['**a***b*', 'bold(a)italic(b)'],
    ['[more time](extend)', 'link(more time→extend)'],
    ['[**now**](https://a.example/x?y=1)', 'link(bold(now)→https://a.example/x?y=1)'],
    ['Hi {{ person.firstName }},', 'Hi ‹person.firstName›,'],
    ['**{{ a | plural: one: "*", other: "**" }}**', 'bold(‹a | plural: one: "*", other: "**"›)'],
    ['one\ntwo', 'one↵two'],
    ['one\n \n\n two', 'one¶two'],
  ])('%j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it.each([
    ['5 * 3 * 2', '5 * 3 * 2'],
    ['a ** b', 'a ** b'],
    ['**never closed', '**never closed'],
    ['*a **b', '*a **b'],
    ['[no target]', '[no target]'],
    ['[a] (b)', '[a] (b)'],
    ['[a](not a target)', '[a](not a target)'],
    ['{{ never closed', '{{ never closed'],
    ['\\*\\[x\\](y)', '*[x](y)'],
    ['[a [b](upgrade)', 'link(a [b→upgrade)'],
  ])('leaves what is no markup as it stands: %j', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it('keeps any text that is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const line = text.replace(/\s+/g, ' ').trim()
        expect(read(escapeInline(line))).toBe(line)
      }),
    )
  })

  it('takes any text, loses no letter, and reads a long one in one pass', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('*', '[', ']', '(', ')', '{', '}', 'a', ' ', '\n', '\\') }),
        (text) => {
          const letters = (of: string) => of.replace(/[^a]/g, '').length
          expect(letters(read(text).replace(/bold|italic|link/g, ''))).toBe(letters(text))
        },
      ),
    )
    for (const piece of ['[', '*', '**', '{{', '](', '[a]('])
      expect(() => parseInline(piece.repeat(20_000))).not.toThrow()
  })

  it('tells the variables, those of targets too', () => {
    expect(variablesIn('{{ a }} **{{ b | upfirst }}** [x]({{product.url}})')).toEqual([
      'a',
      'b | upfirst',
      'product.url',
    ])
  })
})

describe('a variable', () => {
  it('is a name with filters and nothing else', () => {
    expect(parseExpression('trial.endsAt | weekday')).toEqual({ name: 'trial.endsAt', filters: ['weekday'] })
    expect(parseExpression('n | plural: one: "a | b", other: \'c\'')).toEqual({
      name: 'n',
      filters: ['plural'],
    })
    for (const source of ['', '"text"', '(1..9)', 'a | default: (1..99999999)', 'a b', 'a || b', 'a |', '1'])
      expect(parseExpression(source), source).toBeNull()
  })
})
