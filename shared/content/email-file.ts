import type { ContentBlock, EmailContent, Words } from '../playbook/content.ts'
import { headFields } from './blocks.ts'
import { textPlaces } from './languages.ts'

/**
 * The words of one email in one language as a Markdown file: the inbox row as front matter, then each place under a
 * marker that names it. What a line of text cannot hold (a space at an end, a marker in the words) is a JSON string.
 */

interface FileFault {
  /** Counted from 1. */
  readonly line: number
  readonly detail: string
}

export interface ReadFile {
  readonly texts: Record<string, Words>
  /** Where each place begins. */
  readonly lines: Readonly<Record<string, number>>
  readonly faults: readonly FileFault[]
}

const marker =
  /^<!-- @([a-z][a-z0-9_-]{0,39}(?:\.[a-z][a-z0-9_]{0,19})?)( else)?(?: \(([a-z_]+)\))?(?: from ([a-z0-9]{1,20}))?( as JSON)? -->$/
const headLine = /^([a-z][a-z0-9_]{0,39})( else| from)?:(?: (.*))?$/
/** Stands for the type of a block where there is none. */
const unused = 'unused'

const isHead = (content: EmailContent, key: string): boolean =>
  content.format === 'liquid'
    ? key === 'subject' || key === 'preheader'
    : headFields.some(({ name }) => name === key)

/** What becomes of words between two markers: empty lines at their ends go. */
const trimmedLines = (lines: readonly string[]): string => {
  const isSaid = (line: string) => line.trim() !== ''
  const first = lines.findIndex(isSaid)
  return first < 0 ? '' : lines.slice(first, lines.findLastIndex(isSaid) + 1).join('\n')
}

const isPlain = (text: string): boolean =>
  trimmedLines(text.split('\n')) === text && !/\r|\p{Cs}/u.test(text) && !/^<!-- @/m.test(text)

/** As YAML and our reader take it without quotes. */
const isPlainValue = (text: string): boolean =>
  /^\p{L}(?:[\p{L}\p{M}\p{N} ,.!?’()%-]*[\p{L}\p{M}\p{N}.!?])?$/u.test(text)
const headValue = (text: string): string => (isPlainValue(text) ? text : JSON.stringify(text))

function section(key: string, words: Words, type: string): string[] {
  const from = words.from === undefined ? '' : ` from ${words.from}`
  const one = (text: string, isElse: boolean): string => {
    const form = isPlain(text) ? '' : ' as JSON'
    const said = form === '' ? text : JSON.stringify(text)
    const head = `<!-- @${key}${isElse ? ' else' : ` (${type})${from}`}${form} -->`
    return said === '' ? head : `${head}\n${said}`
  }
  return [one(words.text, false), ...(words.else === undefined ? [] : [one(words.else, true)])]
}

function headLines(key: string, words: Words): string[] {
  return [
    `${key}: ${headValue(words.text)}`,
    ...(words.else === undefined ? [] : [`${key} else: ${headValue(words.else)}`]),
    ...(words.from === undefined ? [] : [`${key} from: ${words.from}`]),
  ]
}

const typeOf = (content: EmailContent, id: string): ContentBlock['type'] | undefined =>
  content.format === 'blocks' ? content.blocks.find((block) => block.id === id)?.type : undefined

/** What a marker says in brackets about a place. */
function typeAt(content: EmailContent, key: string): string {
  const place = textPlaces(content).find((one) => one.key === key)
  return place ? ((place.block === null ? place.field.form : typeOf(content, place.block)) ?? unused) : unused
}

export function writeEmailFile(content: EmailContent, locale: string): string {
  const texts = content.texts[locale] ?? {}
  const known = textPlaces(content).map(({ key }) => key)
  const stray = Object.keys(texts)
    .filter((key) => !known.includes(key))
    .toSorted()
  const keys = [...new Set([...known, ...stray])].filter((key) => Object.hasOwn(texts, key))
  const wordsOf = (key: string): Words => texts[key] ?? { text: '' }
  const head = keys.filter((key) => isHead(content, key)).flatMap((key) => headLines(key, wordsOf(key)))
  const sections = keys
    .filter((key) => !isHead(content, key))
    .flatMap((key) => section(key, wordsOf(key), typeAt(content, key)))
  return `${[['---', ...head, '---'].join('\n'), ...sections].join('\n\n')}\n`
}

type Draft = { -readonly [Key in keyof Words]?: Words[Key] }

class Reader {
  readonly #content: EmailContent
  readonly #lines: readonly string[]
  readonly drafts = new Map<string, Draft>()
  readonly starts: Record<string, number> = Object.create(null)
  readonly faults: FileFault[] = []

  constructor(source: string, content: EmailContent) {
    this.#content = content
    this.#lines = source
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n')
      .split('\n')
  }

  #complain(index: number, detail: string): void {
    this.faults.push({ line: index + 1, detail })
  }

  #put(index: number, key: string, part: keyof Words, value: string): void {
    const draft = this.drafts.get(key) ?? {}
    if (draft[part] !== undefined)
      this.#complain(index, `“${key}${part === 'text' ? '' : ` ${part}`}” is there twice.`)
    draft[part] = value
    this.drafts.set(key, draft)
    this.starts[key] ??= index + 1
  }

  #json(index: number, text: string): string {
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'string') return value
    } catch {
      // Said below.
    }
    this.#complain(index, 'This is no JSON string: it begins and ends with ", and \\n is a new line.')
    return ''
  }

  /** @returns the line after it */
  #head(): number {
    if (this.#lines[0]?.trim() !== '---') {
      this.#complain(0, 'The file begins with a line of three hyphens, then the subject and the preheader.')
      return 0
    }
    for (let index = 1; index < this.#lines.length; index++) {
      const line = this.#lines[index] ?? ''
      if (line.trim() === '---') return index + 1
      if (line.trim() === '') continue
      const [, key = '', part = '', value = ''] = headLine.exec(line) ?? []
      if (key === '') this.#complain(index, 'A line here is like “subject: Words”.')
      else if (!isHead(this.#content, key)) this.#complain(index, `“${key}” cannot be up here.`)
      else {
        const said = value.startsWith('"') && part !== ' from' ? this.#json(index, value) : value
        this.#put(index, key, part === '' ? 'text' : (part.trim() as 'else' | 'from'), said)
      }
    }
    this.#complain(0, 'The line of three hyphens below the subject is missing.')
    return this.#lines.length
  }

  /** @param end the line of the next marker */
  #section(index: number, end: number): void {
    const [, key = '', isElse, type, from, isJson] = marker.exec(this.#lines[index] ?? '') ?? []
    if (key === '') {
      this.#complain(index, 'A marker is like “<!-- @title.text (heading) -->”.')
      return
    }
    const expected = typeAt(this.#content, key)
    if (type !== undefined && type !== expected) {
      const what = expected === unused ? 'There is no place' : `It is of type ${expected}:`
      this.#complain(index, `${what} “${key}”.`)
    } else if (type === undefined && !isElse && expected === unused)
      this.#complain(index, `There is no place “${key}”.`)
    const said = trimmedLines(this.#lines.slice(index + 1, end))
    this.#put(index, key, isElse ? 'else' : 'text', isJson ? this.#json(index + 1, said) : said)
    if (from !== undefined) this.#put(index, key, 'from', from)
  }

  read(): ReadFile {
    const begin = this.#head()
    const markers = this.#lines.flatMap((line, index) =>
      index >= begin && line.startsWith('<!-- @') ? [index] : [],
    )
    const first = markers[0] ?? this.#lines.length
    const loose = this.#lines.findIndex(
      (line, index) => index >= begin && index < first && line.trim() !== '',
    )
    if (loose >= 0) this.#complain(loose, 'These words are below no marker.')
    markers.forEach((index, nth) => {
      this.#section(index, markers[nth + 1] ?? this.#lines.length)
    })
    const texts: Record<string, Words> = {}
    for (const [key, { text, ...rest }] of this.drafts) {
      if (text === undefined)
        this.#complain((this.starts[key] ?? 1) - 1, `“${key}” has other words, but no words.`)
      texts[key] = { text: text ?? '', ...rest }
    }
    return { texts, lines: { ...this.starts }, faults: this.faults }
  }
}

/** @param content its blocks; their words are what the file has. */
export const readEmailFile = (source: string, content: EmailContent): ReadFile =>
  new Reader(source, content).read()
