import type { BlockContent, ContentBlock, EmailContent, Words } from '../playbook/content.ts'
import type { BlockType } from './blocks.ts'
import { fingerprint } from './fingerprint.ts'

/**
 * What someone can do to an email. Every operation gives a new document, so a step back is the document before it.
 * The words of a block are kept by its id: what becomes of a block becomes of its words in every language.
 */

type Texts = EmailContent['texts']
type PlaceWords = Readonly<Record<string, Words>>

const mapTexts = (texts: Texts, change: (words: PlaceWords, locale: string) => PlaceWords): Texts =>
  Object.fromEntries(Object.entries(texts).map(([locale, words]) => [locale, change(words, locale)]))

const isOf = (id: string) => (key: string) => key.startsWith(`${id}.`)

/** The words of one block, by their full keys. */
const wordsOfBlock = (words: PlaceWords, id: string): PlaceWords =>
  Object.fromEntries(Object.entries(words).filter(([key]) => isOf(id)(key)))

const withoutBlockWords = (words: PlaceWords, id: string): PlaceWords =>
  Object.fromEntries(Object.entries(words).filter(([key]) => !isOf(id)(key)))

export const emptyEmail = (source: string): BlockContent => ({
  format: 'blocks',
  source,
  layout: 'designed',
  blocks: [],
  texts: { [source]: {} },
})

/** Pictures have a place before they have an address. */
const beginnings: Partial<Record<BlockType, object>> = {
  text: { style: 'normal' },
  button: { to: 'upgrade' },
  milestones: { show: 'reached' },
  values: { quotas: false },
  price: { pay: true },
  image: { src: '', width: 536, height: 240 },
}

/** `text`, `text_2`, …: an id that no block of this email has. */
export function freshBlockId({ blocks }: Pick<BlockContent, 'blocks'>, base: string): string {
  const taken = new Set(blocks.map(({ id }) => id))
  const stem = base.replace(/_\d+$/, '').slice(0, 34)
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}_${n}`
    if (!taken.has(id)) return id
  }
}

/** A block without words yet. */
export const blankBlock = (content: BlockContent, type: BlockType): ContentBlock =>
  ({ id: freshBlockId(content, type), type, ...beginnings[type] }) as ContentBlock

/** @param words of the block, by language and full key. */
export function addBlock(
  content: BlockContent,
  block: ContentBlock,
  at: number,
  words: Texts = {},
): BlockContent {
  const blocks = [...content.blocks.slice(0, at), block, ...content.blocks.slice(at)]
  const texts = mapTexts(content.texts, (here, locale) => ({
    ...here,
    ...wordsOfBlock(words[locale] ?? {}, block.id),
  }))
  return { ...content, blocks, texts }
}

export const removeBlock = (content: BlockContent, id: string): BlockContent => ({
  ...content,
  blocks: content.blocks.filter((block) => block.id !== id),
  texts: mapTexts(content.texts, (words) => withoutBlockWords(words, id)),
})

/** The same block once more, below it. */
export function duplicateBlock(
  content: BlockContent,
  id: string,
): { readonly content: BlockContent; readonly id: string } {
  const at = content.blocks.findIndex((block) => block.id === id)
  const block = content.blocks[at]
  if (!block) return { content, id }
  const copy = freshBlockId(content, id)
  const words = mapTexts(content.texts, (here) => renamed(wordsOfBlock(here, id), id, copy))
  return { content: addBlock(content, { ...block, id: copy }, at + 1, words), id: copy }
}

const renamed = (words: PlaceWords, from: string, to: string): PlaceWords =>
  Object.fromEntries(Object.entries(words).map(([key, value]) => [`${to}${key.slice(from.length)}`, value]))

/** @param to its place afterwards, counted from 0; the nearest there is. */
export function moveBlock(content: BlockContent, id: string, to: number): BlockContent {
  const from = content.blocks.findIndex((block) => block.id === id)
  const moved = content.blocks[from]
  const at = Math.max(0, Math.min(content.blocks.length - 1, to))
  if (!moved || at === from) return content
  const others = content.blocks.filter((block) => block.id !== id)
  return { ...content, blocks: [...others.slice(0, at), moved, ...others.slice(at)] }
}

/** @param members what changes; undefined takes a member away. */
export const changeBlock = (
  content: BlockContent,
  id: string,
  members: Readonly<Record<string, unknown>>,
): BlockContent => ({
  ...content,
  blocks: content.blocks.map((block) => (block.id === id ? withMembers(block, members) : block)),
})

const withMembers = (block: ContentBlock, members: Readonly<Record<string, unknown>>): ContentBlock =>
  Object.fromEntries(
    Object.entries({ ...block, ...members }).filter(([, value]) => value !== undefined),
  ) as ContentBlock

/**
 * Words at a place in one language. A translation remembers the source it was made from; one that did not yet
 * remembers, when the source changes, what the source was.
 * @param said null: none any more.
 */
export function setWords<Content extends EmailContent>(
  content: Content,
  locale: string,
  key: string,
  said: Pick<Words, 'text' | 'else'> | null,
): Content {
  const source = content.texts[content.source]?.[key]
  const isSource = locale === content.source
  const texts = mapTexts({ [locale]: {}, ...content.texts }, (words, at) => {
    if (at === locale) return withWords(words, key, said && translated(said, isSource ? undefined : source))
    const here = words[key]
    const isUndated = isSource && source && here && here.from === undefined
    return isUndated ? { ...words, [key]: { ...here, from: fingerprint(source) } } : words
  })
  return { ...content, texts }
}

const translated = ({ text, else: otherwise }: Pick<Words, 'text' | 'else'>, source?: Words): Words => ({
  text,
  ...(otherwise !== undefined && { else: otherwise }),
  ...(source && { from: fingerprint(source) }),
})

function withWords(words: PlaceWords, key: string, said: Words | null): PlaceWords {
  const { [key]: _, ...others } = words
  return said ? { ...words, [key]: said } : others
}

/** The translation is still right although its source has changed. */
export const keepTranslation = <Content extends EmailContent>(
  content: Content,
  locale: string,
  key: string,
): Content => {
  const here = content.texts[locale]?.[key]
  return here ? setWords(content, locale, key, here) : content
}

/** A language to translate into; its words are empty, so no one is written to in it yet. */
export const addLanguage = <Content extends EmailContent>(content: Content, locale: string): Content =>
  Object.hasOwn(content.texts, locale) ? content : { ...content, texts: { ...content.texts, [locale]: {} } }

export function removeLanguage<Content extends EmailContent>(content: Content, locale: string): Content {
  if (locale === content.source) return content
  const { [locale]: _, ...texts } = content.texts
  return { ...content, texts }
}

/**
 * One block, and its words in the languages of this email, as another email has it. One that is not here is put
 * behind the block it follows there.
 */
export function resetBlock(content: BlockContent, ours: BlockContent, id: string): BlockContent {
  const place = ours.blocks.findIndex((block) => block.id === id)
  const block = ours.blocks[place]
  if (!block) return content
  const at = content.blocks.findIndex((one) => one.id === id)
  const texts = mapTexts(content.texts, (words, locale) => ({
    ...withoutBlockWords(words, id),
    ...wordsOfBlock(ours.texts[locale] ?? {}, id),
  }))
  if (at >= 0)
    return { ...content, texts, blocks: content.blocks.map((one, index) => (index === at ? block : one)) }
  const before = ours.blocks.slice(0, place).map((one) => one.id)
  const behind = content.blocks.findLastIndex((one) => before.includes(one.id)) + 1
  return addBlock({ ...content, texts }, block, behind, ours.texts)
}

/** Whether a block says and does the same in both, in the languages of the first. */
export function isSameBlock(content: BlockContent, ours: BlockContent, id: string): boolean {
  const [here, there] = [content, ours].map(({ blocks }) => blocks.find((block) => block.id === id))
  const said = (of: EmailContent, locale: string) =>
    Object.entries(wordsOfBlock(of.texts[locale] ?? {}, id))
      .toSorted(([left], [right]) => left.localeCompare(right))
      .map(([key, { text, else: otherwise }]) => [key, text, otherwise])
  return (
    JSON.stringify(here) === JSON.stringify(there) &&
    Object.keys(content.texts).every(
      (locale) => JSON.stringify(said(content, locale)) === JSON.stringify(said(ours, locale)),
    )
  )
}
