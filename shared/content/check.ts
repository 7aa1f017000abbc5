import type { ContentBlock, EmailContent, Words } from '../playbook/content.ts'
import type { MessageKind } from '../trial.ts'
import { linkTargets } from './blocks.ts'
import { parseExpression, wordFilters } from './expression.ts'
import { bracesOf, type Inline, parseInline, variablesIn } from './inline.ts'
import { languageState, type TextPlace, textPlaces } from './languages.ts'
import { isKnownVariable, mayBeMissing, mayBeNeeded } from './variables.ts'

/** Faults that content has whoever reads it, each at its place. */

export interface ContentFault {
  readonly level: 'error' | 'warning'
  readonly check: string
  readonly detail: string
  readonly block: string | null
  readonly field: string | null
  /** null: in every language. */
  readonly locale: string | null
}

type Place = Pick<ContentFault, 'block' | 'field' | 'locale'>

const fault = (
  level: ContentFault['level'],
  check: string,
  detail: string,
  place: Partial<Place> = {},
): ContentFault => ({ level, check, detail, block: null, field: null, locale: null, ...place })

/** What is known of the playbook. */
interface CheckOptions {
  /** Ids of its values; null: not known. */
  readonly values: readonly string[] | null
  /** Of the email. */
  readonly kind?: MessageKind | undefined
}

function variableFaults(source: string, place: Place, { values }: CheckOptions): ContentFault[] {
  const expression = parseExpression(source)
  if (!expression)
    return [fault('error', 'content-variable', `“{{ ${source.slice(0, 60)} }}” is no variable.`, place)]
  const unknownFilter = expression.filters.find((name) => !(wordFilters as readonly string[]).includes(name))
  return [
    ...(isKnownVariable(expression.name, values)
      ? []
      : [fault('error', 'content-variable', `There is no variable “${expression.name}”.`, place)]),
    ...(unknownFilter === undefined
      ? []
      : [fault('error', 'content-filter', `“${unknownFilter}” cannot be used in words.`, place)]),
  ]
}

const isWebAddress = (target: string): boolean => /^https:\/\/[^\s/?#@]+\.[^\s/?#@]+/.test(target)

function linksOf(nodes: readonly Inline[]): { target: string; isEmpty: boolean }[] {
  return nodes.flatMap((node) => {
    if (!('children' in node)) return []
    const inner = linksOf(node.children)
    return node.type === 'link'
      ? [{ target: node.target, isEmpty: node.children.length === 0 }, ...inner]
      : inner
  })
}

const literalOf = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => (node.type === 'text' ? node.text : 'children' in node ? literalOf(node.children) : ' '))
    .join('')

function linkFaults(text: string, place: Place, isLine: boolean): ContentFault[] {
  const links = parseInline(text).flatMap(linksOf)
  return links.flatMap(({ target, isEmpty }) => {
    const isNamed = (linkTargets as readonly string[]).includes(target)
    const isGood = isNamed || isWebAddress(target) || bracesOf(target).length > 0
    return [
      ...(isGood
        ? []
        : [fault('error', 'content-link', `“${target.slice(0, 60)}” is no https address.`, place)]),
      ...(isEmpty ? [fault('error', 'content-link-words', 'A link has no words.', place)] : []),
      ...(isLine ? [fault('error', 'content-link-here', 'A link cannot be here.', place)] : []),
    ]
  })
}

function markFaults(text: string, place: Place, isLine: boolean): ContentFault[] {
  const paragraphs = parseInline(text)
  const literal = paragraphs.map(literalOf).join('\n')
  return [
    ...(/\{\{|\}\}/.test(literal)
      ? [fault('error', 'content-braces', 'Braces of a variable are not closed.', place)]
      : []),
    ...(/\{%|%\}/.test(literal)
      ? [fault('error', 'content-tag', 'Liquid tags do nothing here: use a condition on the block.', place)]
      : []),
    ...(/\*\*|\[[^\]]*\]\(/.test(literal)
      ? [fault('warning', 'content-mark', 'A mark of Markdown is not closed.', place)]
      : []),
    ...(/<\/?[a-z][^>]*>/i.test(literal)
      ? [fault('warning', 'content-tags', 'HTML is shown as it stands; use an HTML block for it.', place)]
      : []),
    ...(isLine && (paragraphs.length > 1 || text.includes('\n'))
      ? [fault('warning', 'content-line', 'This is one line.', place)]
      : []),
  ]
}

const namesIn = (text: string): readonly string[] =>
  variablesIn(text).flatMap((source) => parseExpression(source)?.name ?? [])
const hasDefault = (text: string): boolean =>
  variablesIn(text).some((source) => parseExpression(source)?.filters.includes('default'))

function elseFaults(words: Words, place: Place, { kind }: CheckOptions): ContentFault[] {
  const needy = [...new Set(namesIn(words.text))].filter((name) => mayBeMissing(name, kind))
  if (needy.length === 0 || hasDefault(words.text)) return []
  if (words.else === undefined) {
    const detail = `People without “${needy[0]}” do not get this email: say something else to them.`
    return [fault('warning', 'content-else', detail, place)]
  }
  // They help where one variable is missing as long as they do without that one.
  const again = new Set(namesIn(words.else))
  return needy.every((name) => again.has(name))
    ? [fault('error', 'content-else-same', `The other words also name “${needy[0]}”.`, place)]
    : []
}

function wordsFaults(
  content: EmailContent,
  { key, block, field }: TextPlace,
  locale: string,
  options: CheckOptions,
): ContentFault[] {
  const words = content.texts[locale]?.[key]
  if (!words || (field.form !== 'inline' && field.form !== 'line')) return []
  const place: Place = { block, field: field.name, locale }
  const isLine = field.form === 'line'
  const texts = [words.text, words.else ?? '']
  return [
    ...texts.flatMap((text) => [
      ...variablesIn(text).flatMap((source) => variableFaults(source, place, options)),
      ...linkFaults(text, place, isLine),
      ...markFaults(text, place, isLine),
    ]),
    ...elseFaults(words, place, options),
    ...translationFaults(content, key, words, place),
  ]
}

/** A translation that names something else mostly lost or mistyped a variable. */
function translationFaults(content: EmailContent, key: string, words: Words, place: Place): ContentFault[] {
  const source = content.texts[content.source]?.[key]
  if (place.locale === content.source || !source) return []
  const [there, here] = [new Set(namesIn(source.text)), new Set(namesIn(words.text))]
  const lost = [...there].find((name) => !here.has(name))
  return lost === undefined
    ? []
    : [
        fault(
          'warning',
          'content-translation',
          `The source names “${lost}”, this translation does not.`,
          place,
        ),
      ]
}

function blockFaults(block: ContentBlock, { values }: CheckOptions): ContentFault[] {
  const place = { block: block.id }
  const unknown = (block.needs ?? []).find((name) => !mayBeNeeded(name, values))
  return [
    ...(unknown === undefined
      ? []
      : [fault('error', 'content-needs', `There is no variable “${unknown}”.`, place)]),
    ...('to' in block && block.to === 'url' && block.url === undefined
      ? [fault('error', 'content-no-address', 'Where it leads is missing.', { ...place, field: 'url' })]
      : []),
    ...(block.type === 'values' && values
      ? (block.only ?? [])
          .filter((id) => !values.includes(id))
          .map((id) => fault('error', 'content-value', `The playbook has no value “${id}”.`, place))
      : []),
  ]
}

function duplicateFaults(blocks: readonly ContentBlock[]): ContentFault[] {
  const seen = new Set<string>()
  return blocks.flatMap(({ id }) => {
    const isTwice = seen.has(id)
    seen.add(id)
    return isTwice ? [fault('error', 'content-id', `Two blocks are called “${id}”.`, { block: id })] : []
  })
}

/** Of the source: it is what everyone falls back to. */
function emptyFaults(content: EmailContent): ContentFault[] {
  const { missing } = languageState(content, content.source)
  const places = new Map(textPlaces(content).map((place) => [place.key, place]))
  return missing.map((key) => {
    const { block = null, field } = places.get(key) ?? {}
    const place = { block, field: field?.name ?? null, locale: content.source }
    return fault('error', 'content-empty', 'Words are missing.', place)
  })
}

function strayFaults(content: EmailContent): ContentFault[] {
  const known = new Set(textPlaces(content).map(({ key }) => key))
  return Object.entries(content.texts).flatMap(([locale, texts]) =>
    Object.keys(texts)
      .filter((key) => !known.has(key))
      .map((key) => fault('warning', 'content-stray', `Words of “${key}” belong to no block.`, { locale })),
  )
}

/** Errors first. */
export function checkContent(content: EmailContent, options: CheckOptions): readonly ContentFault[] {
  const blocks = content.format === 'blocks' ? content.blocks : []
  const places = textPlaces(content)
  const found = [
    ...duplicateFaults(blocks),
    ...emptyFaults(content),
    ...blocks.flatMap((block) => blockFaults(block, options)),
    ...Object.keys(content.texts).flatMap((locale) =>
      places.flatMap((place) => wordsFaults(content, place, locale, options)),
    ),
    ...strayFaults(content),
  ]
  const isError = ({ level }: ContentFault) => level === 'error'
  return [...found.filter(isError), ...found.filter((one) => !isError(one))]
}
