/**
 * The words of a block: inline Markdown (`**bold**`, `*italic*`, `[words](target)`, `\` before a mark to write it)
 * with variables in double braces. Linear in the length of the text; what is not closed is written as it stands.
 */

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'break' }
  /** `source`: all between the braces, filters included. */
  | { readonly type: 'variable'; readonly source: string }
  | { readonly type: 'bold' | 'italic'; readonly children: readonly Inline[] }
  /** `target`: a web address or one of `linkTargets`, or a variable in braces. */
  | { readonly type: 'link'; readonly target: string; readonly children: readonly Inline[] }

interface Frame {
  readonly type: 'root' | 'bold' | 'italic' | 'link'
  readonly target: string
  readonly children: Inline[]
}

const marks = { root: '', bold: '**', italic: '*', link: '[' } as const
const escapable = /[\\*[\](){}]/

/** Where `needle` is found next; asks the text again only once that place has been passed. */
function finder(text: string, needle: string) {
  let known = -2
  return (from: number): number => {
    if (known !== -1 && known < from) known = text.indexOf(needle, from)
    return known
  }
}

class Reader {
  readonly #text: string
  readonly #braces: (from: number) => number
  readonly #linkMiddle: (from: number) => number
  readonly #stack: Frame[] = [{ type: 'root', target: '', children: [] }]
  #at = 0
  #plain = ''

  constructor(text: string) {
    this.#text = text
    this.#braces = finder(text, '}}')
    this.#linkMiddle = finder(text, '](')
  }

  get #top(): Frame {
    return this.#stack[this.#stack.length - 1] as Frame
  }

  #isOpen(type: Frame['type']): boolean {
    return this.#stack.some((frame) => frame.type === type)
  }

  #add(node: Inline): void {
    this.#flush()
    this.#top.children.push(node)
  }

  #flush(): void {
    if (this.#plain !== '') this.#top.children.push({ type: 'text', text: this.#plain })
    this.#plain = ''
  }

  #open(type: Frame['type'], target = ''): void {
    this.#flush()
    this.#stack.push({ type, target, children: [] })
  }

  /** Frames above it were never closed: their mark was meant as it stands. */
  #closeDownTo(type: Frame['type']): void {
    this.#flush()
    while (this.#top.type !== type) {
      const { type: inner, children } = this.#stack.pop() as Frame
      this.#top.children.push({ type: 'text', text: marks[inner] }, ...children)
    }
  }

  #close(type: 'bold' | 'italic' | 'link'): void {
    this.#closeDownTo(type)
    const { target, children } = this.#stack.pop() as Frame
    this.#top.children.push(type === 'link' ? { type, target, children } : { type, children })
  }

  #emphasis(type: 'bold' | 'italic'): void {
    const mark = marks[type]
    const before = this.#text[this.#at - 1] ?? ' '
    const after = this.#text[this.#at + mark.length] ?? ' '
    if (this.#isOpen(type) && !/\s/.test(before)) this.#close(type)
    else if (!this.#isOpen(type) && !/\s/.test(after)) this.#open(type)
    else this.#plain += mark
    this.#at += mark.length
  }

  /** Three stars and more close the inner mark first: `***both***`, and italic words right before bold ones. */
  #starsMean(next: string): 'bold' | 'italic' {
    const isInner = this.#top.type === 'italic' && this.#text[this.#at + 2] === '*'
    return next === '*' && !isInner ? 'bold' : 'italic'
  }

  #variable(): boolean {
    const end = this.#braces(this.#at + 2)
    if (end < 0) return false
    this.#add({ type: 'variable', source: this.#text.slice(this.#at + 2, end).trim() })
    this.#at = end + 2
    return true
  }

  /** The target of the link whose words end here; null when they do not. */
  #targetHere(): { readonly target: string; readonly end: number } | null {
    if (this.#linkMiddle(this.#at) !== this.#at) return null
    const rest = this.#text.slice(this.#at + 2, this.#at + 2 + 2100)
    const end = rest.search(/[)\s]/)
    return end > 0 && rest[end] === ')' ? { target: rest.slice(0, end), end: this.#at + 3 + end } : null
  }

  #endOfLink(): boolean {
    const found = this.#isOpen('link') ? this.#targetHere() : null
    if (!found) return false
    this.#closeDownTo('link')
    const { children } = this.#stack.pop() as Frame
    this.#top.children.push({ type: 'link', target: found.target, children })
    this.#at = found.end
    return true
  }

  #step(): void {
    const char = this.#text[this.#at] ?? ''
    const next = this.#text[this.#at + 1] ?? ''
    if (char === '\\' && escapable.test(next)) {
      this.#plain += next
      this.#at += 2
    } else if (char === '{' && next === '{' && this.#variable()) {
      // Taken.
    } else if (char === '*') this.#emphasis(this.#starsMean(next))
    else if (char === '[' && !this.#isOpen('link') && this.#linkMiddle(this.#at) > 0) {
      this.#open('link')
      this.#at++
    } else if (char === ']' && this.#endOfLink()) {
      // Taken.
    } else if (char === '\n') {
      this.#add({ type: 'break' })
      this.#at++
    } else {
      this.#plain += char
      this.#at++
    }
  }

  read(): readonly Inline[] {
    while (this.#at < this.#text.length) this.#step()
    this.#closeDownTo('root')
    return this.#top.children
  }
}

/** Paragraphs, which an empty line parts. */
export const parseInline = (text: string): readonly (readonly Inline[])[] =>
  text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => new Reader(paragraph).read())

/** Text that is to be read as it stands. */
export const escapeInline = (text: string): string => text.replace(/[\\*[\]]|\{(?=\{)/g, '\\$&')

/** All variables in words, in the order in which they stand. */
export function variablesIn(text: string): readonly string[] {
  const found: string[] = []
  const look = (nodes: readonly Inline[]): void => {
    for (const node of nodes) {
      if (node.type === 'variable') found.push(node.source)
      else if ('children' in node) {
        if (node.type === 'link') found.push(...bracesOf(node.target))
        look(node.children)
      }
    }
  }
  parseInline(text).forEach(look)
  return found
}

/** A target that is a variable. */
export const bracesOf = (target: string): readonly string[] =>
  /^\{\{.{1,200}\}\}$/.test(target) ? [target.slice(2, -2).trim()] : []
