import { type Context, type Liquid, toValueSync, Value } from 'liquidjs'
import { LRUCache } from 'lru-cache'
import { parseExpression, wordFilters } from '../../shared/content/expression.ts'
import { bracesOf, type Inline, parseInline } from '../../shared/content/inline.ts'
import type { Words } from '../../shared/playbook/content.ts'
import { isolate, type ResolvedLocale } from '../locales/catalog.ts'
import { koreanParticles } from '../locales/korean-particles.ts'

/** Writes the words of a block, as HTML and as plain text, for one person. */

/** One paragraph. Only this module makes one, so a template that prints its HTML prints nothing else. */
export class Written {
  constructor(
    readonly html: string,
    readonly text: string,
  ) {}
}

/** What became of words. `missing`: the variables this person lacks. */
export interface WordsOutcome {
  readonly paragraphs: readonly Written[]
  readonly missing: readonly string[]
  readonly effect: 'said' | 'else' | 'left_out' | 'not_sent'
}

export interface WordsParts {
  readonly context: Context
  readonly locale: ResolvedLocale
  /** A value as a person reads it; null: there is nothing to say. */
  readonly write: (value: unknown, name: string) => string | null
  /** Where a named target or an address leads. @throws when it may not be linked. */
  readonly linkTo: (target: string) => string
  /** Of links, in light mode. */
  readonly linkColour: string
}

class Missing extends Error {
  override readonly name = 'Missing'
}

/** Private-use characters stand for markup until all is escaped; no words and no value keeps one. */
const privateUse = /[\ue000-\uf8ff]/g
const mark = {
  bold: ['\ue000', '\ue001'],
  italic: ['\ue002', '\ue003'],
  linkEnd: '\ue004',
  br: '\ue005',
} as const
const firstLink = 0xe100
const mostLinks = 50

/** Nothing is there, or a number that no filter takes: 0, or a day that has passed. */
const saysNothing = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && /undefined variable/.test(error.message))

const allowedFilters: ReadonlySet<string> = new Set(wordFilters)

/** @throws when the words ask for more than a name and filters that words may use. */
function parseValue(source: string, liquid: Liquid): Value {
  const expression = parseExpression(source)
  const forbidden = expression?.filters.find((filter) => !allowedFilters.has(filter))
  if (!expression) throw new SyntaxError(`"{{ ${source} }}" is no variable`)
  if (forbidden !== undefined) throw new SyntaxError(`"${forbidden}" cannot be used in words`)
  return new Value(source, liquid)
}

/** Parsed once, per engine: a filter belongs to its engine. */
interface Parsed {
  value(source: string): Value
  paragraphs(text: string): readonly (readonly Inline[])[]
}

function createParsed(liquid: Liquid): Parsed {
  const values = new LRUCache<string, Value>({ max: 2000 })
  const texts = new LRUCache<string, readonly (readonly Inline[])[]>({ max: 2000 })
  const kept = <T extends object>(cache: LRUCache<string, T>, key: string, make: () => T): T => {
    const known = cache.get(key)
    if (known) return known
    const fresh = make()
    cache.set(key, fresh)
    return fresh
  }
  return {
    value: (source) => kept(values, source, () => parseValue(source, liquid)),
    paragraphs: (text) => kept(texts, text, () => parseInline(text)),
  }
}

type Parts = WordsParts & { readonly parsed: Parsed }

function evaluate(source: string, { parsed, context, write }: Parts): string {
  const value = parsed.value(source)
  const name = /^[\w.-]*/.exec(source)?.[0] ?? ''
  let text: string | null = null
  try {
    const found = toValueSync(value.value(context, false))
    text = write(found, value.filters.length > 0 ? '' : name)
  } catch (error) {
    if (!saysNothing(error)) throw error
  }
  const said = text?.replace(privateUse, '')
  if (!said) throw new Missing(name)
  return said
}

interface Draft {
  text: string
  readonly links: string[]
  readonly missing: Set<string>
  /** Words that are one variable and nothing else need no isolate. */
  readonly isAlone: boolean
}

function variable(source: string, draft: Draft, parts: Parts): string {
  try {
    const value = evaluate(source, parts)
    return draft.isAlone ? value : isolate(value, parts.locale.dir)
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    draft.missing.add(error.message)
    return ''
  }
}

function targetOf(target: string, draft: Draft, parts: Parts): string | null {
  const [source] = bracesOf(target)
  if (source === undefined) return parts.linkTo(target)
  const value = variable(source, draft, parts)
  return value === '' ? null : parts.linkTo(value)
}

function write(nodes: readonly Inline[], draft: Draft, parts: Parts): void {
  for (const node of nodes) {
    if (node.type === 'text') draft.text += node.text.replace(privateUse, '')
    else if (node.type === 'break') draft.text += mark.br
    else if (node.type === 'variable') draft.text += variable(node.source, draft, parts)
    else if (node.type === 'link') writeLink(node, draft, parts)
    else {
      const [open, close] = mark[node.type]
      draft.text += open
      write(node.children, draft, parts)
      draft.text += close
    }
  }
}

function writeLink(
  { target, children }: Extract<Inline, { type: 'link' }>,
  draft: Draft,
  parts: Parts,
): void {
  const href = targetOf(target, draft, parts)
  if (href === null || draft.links.length >= mostLinks) {
    write(children, draft, parts)
    return
  }
  const index = draft.links.length
  draft.links.push(href)
  draft.text += String.fromCharCode(firstLink + index)
  write(children, draft, parts)
  draft.text += mark.linkEnd
}

const linkStart = /[\ue100-\ue1ff]/g

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char)

const toHtml = (text: string, links: Draft['links'], colour: string): string =>
  escapeHtml(text)
    .replaceAll(mark.bold[0], '<strong>')
    .replaceAll(mark.bold[1], '</strong>')
    .replaceAll(mark.italic[0], '<em>')
    .replaceAll(mark.italic[1], '</em>')
    .replaceAll(mark.br, '<br>\n')
    .replace(linkStart, (char) => {
      const href = escapeHtml(links[char.charCodeAt(0) - firstLink] ?? '')
      return `<a href="${href}" class="link" style="color:${colour};text-decoration:underline">`
    })
    .replaceAll(mark.linkEnd, '</a>')

/** “words: address”, and the address alone where the words are the address. */
const toText = (text: string, links: Draft['links'], colon: string): string =>
  text
    .replace(/([\ue100-\ue1ff])([^\ue004]*)\ue004/g, (_, start: string, words: string) => {
      const href = links[start.charCodeAt(0) - firstLink] ?? ''
      return words.trim() === '' ? href : `${words}${colon} ${href}`
    })
    .replaceAll(mark.br, '\n')
    .replace(privateUse, '')

function attempt(text: string, parts: Parts): { paragraphs: Written[]; missing: string[] } {
  const missing = new Set<string>()
  const colon = parts.locale.text('common.colon')
  const finish = parts.locale.tag.startsWith('ko') ? koreanParticles : (words: string) => words
  const paragraphs = parts.parsed.paragraphs(text).map((nodes) => {
    const draft: Draft = { text: '', links: [], missing, isAlone: nodes.length === 1 }
    write(nodes, draft, parts)
    const done = finish(draft.text)
    return new Written(toHtml(done, draft.links, parts.linkColour), toText(done, draft.links, colon))
  })
  return { paragraphs, missing: [...missing] }
}

export type WriteWords = (words: Words, parts: WordsParts, lacks?: readonly string[]) => WordsOutcome

const notSent = (missing: readonly string[]): WordsOutcome => ({
  paragraphs: [],
  missing,
  effect: 'not_sent',
})

export function createWriteWords(liquid: Liquid): WriteWords {
  const parsed = createParsed(liquid)
  /** `lacks`: variables the block needs beside its words and this person does not have. */
  return (words, given, lacks = []) => {
    const parts = { ...given, parsed }
    const first = attempt(words.text, parts)
    const missing = [...new Set([...lacks, ...first.missing])]
    if (missing.length === 0) return { paragraphs: first.paragraphs, missing, effect: 'said' }
    if (words.else === undefined) return notSent(missing)
    if (words.else.trim() === '') return { paragraphs: [], missing, effect: 'left_out' }
    const second = attempt(words.else, parts)
    return second.missing.length === 0
      ? { paragraphs: second.paragraphs, missing, effect: 'else' }
      : notSent([...new Set([...missing, ...second.missing])])
  }
}
