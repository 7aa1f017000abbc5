import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'

/** What HTML says in plain text: everything, and without what email clients mark as the email answered. */
export interface HtmlText {
  readonly all: string
  readonly own: string
}

const htmlMaxChars = 300_000
/** Deeper elements are read as if they stood at this depth: no closing tag ever looks through more. */
const maxDepth = 100

const hidden = new Set(['style', 'script', 'head', 'title', 'template', 'noscript'])
const empty = new Set(['br', 'hr', 'img', 'input', 'meta', 'link', 'col', 'area', 'base', 'wbr', 'source'])
const breaks = new Set(
  'address article blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table td th tr ul'.split(
    ' ',
  ),
)
const spaced = new Set(['p', 'blockquote', 'pre', 'table', 'ul', 'ol', 'h1', 'h2', 'h3', 'h4'])

/** Elements that hold the email answered, by class or id, as the email clients of the day name them. */
const quoteNames = new Set([
  'gmail_attr',
  'moz-cite-prefix',
  'moz-email-headers-table',
  'yahoo_quoted',
  'protonmail_quote',
  'tutanota_quote',
  'zmail_extra',
  'reply-intro',
  'wordsection1-quote',
])
/** Outlook’s marks: what follows in the same email is the email answered. */
const quoteStarts = new Set([
  'divrplyfwdmsg',
  'appendonsend',
  'mail-editor-reference-message-container',
  'ms-outlook-mobile-reference-message',
  'replybody-quote',
  'olk_src_body_section',
  'mailspring-quote-start',
])
const quoteStartStyle = /^border:none;border-top:solid#(?:e1e1e1|b5c4df)1\.0pt/

interface Frame {
  readonly name: string
  readonly isHidden: boolean
  readonly isQuote: boolean
}

type Attributes = ReadonlyMap<string, string>

const namesOf = (attributes: Attributes): string[] =>
  `${attributes.get('class') ?? ''} ${attributes.get('id') ?? ''}`.toLowerCase().slice(0, 500).split(' ')

/** Programs prefix the names when they quote HTML of others (`x_divRplyFwdMsg`, `x_x_gmail_quote`). */
const bareName = (name: string): string => {
  let start = 0
  while (name.startsWith('x_', start)) start += 2
  return name.slice(start)
}

const startsQuote = (attributes: Attributes): boolean =>
  namesOf(attributes).some((name) => quoteStarts.has(bareName(name))) ||
  quoteStartStyle.test((attributes.get('style') ?? '').slice(0, 200).toLowerCase().replaceAll(' ', ''))

const isQuote = (name: string, attributes: Attributes): boolean =>
  name === 'blockquote' || namesOf(attributes).some((text) => quoteNames.has(bareName(text)))

/** Blanks and line breaks of HTML source mean one blank. */
const collapsed = (text: string): string => text.replace(/[ \t\r\n\f]+/g, ' ')

const tidied = (lines: string): string =>
  lines
    .split('\n')
    .map((line) => line.replaceAll('\u00a0', ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Elements open at a point, and whether words there are shown and are the writer’s own. */
class OpenElements {
  readonly #frames: Frame[] = []
  /** Outlook quotes to the end, whatever elements close on the way. */
  #isQuotedToTheEnd = false

  get isHidden(): boolean {
    return this.#frames.at(-1)?.isHidden ?? false
  }
  get isQuoted(): boolean {
    return this.#isQuotedToTheEnd || (this.#frames.at(-1)?.isQuote ?? false)
  }
  open(name: string, attributes: Attributes): void {
    if (startsQuote(attributes)) this.#isQuotedToTheEnd = true
    if (empty.has(name) || this.#frames.length >= maxDepth) return
    this.#frames.push({
      name,
      isHidden: this.isHidden || hidden.has(name),
      isQuote: (this.#frames.at(-1)?.isQuote ?? false) || isQuote(name, attributes),
    })
  }
  close(name: string): void {
    const at = this.#frames.findLastIndex((frame) => frame.name === name)
    if (at >= 0) this.#frames.length = at
  }
}

/** Linear in its input, also for input that is no HTML: the tokenizer looks back at nothing. */
export function htmlText(source: string): HtmlText {
  const html = source.slice(0, htmlMaxChars)
  const elements = new OpenElements()
  const all: string[] = []
  const own: string[] = []
  let tag = ''
  let attribute = ''
  let value: string[] = []
  let attributes = new Map<string, string>()

  const put = (text: string) => {
    if (elements.isHidden) return
    all.push(text)
    if (!elements.isQuoted) own.push(text)
  }
  const breakLine = (name: string) => {
    if (breaks.has(name)) put(spaced.has(name) ? '\n\n' : '\n')
  }
  const open = () => {
    elements.open(tag, attributes)
    breakLine(tag)
  }
  const callbacks: TokenizerCallbacks = {
    onopentagname(start, end) {
      tag = html.slice(start, Math.min(end, start + 50)).toLowerCase()
      attributes = new Map()
    },
    onattribname(start, end) {
      attribute = html.slice(start, Math.min(end, start + 50)).toLowerCase()
      value = []
    },
    onattribdata(start, end) {
      value.push(html.slice(start, Math.min(end, start + 1000)))
    },
    onattribentity() {},
    onattribend() {
      if (attributes.size < 50) attributes.set(attribute, value.join(''))
    },
    onopentagend: open,
    onselfclosingtag: open,
    onclosetag(start, end) {
      const name = html.slice(start, Math.min(end, start + 50)).toLowerCase()
      breakLine(name)
      elements.close(name)
    },
    ontext: (start, end) => put(collapsed(html.slice(start, end))),
    ontextentity: (code) => put(String.fromCodePoint(code)),
    oncdata() {},
    oncomment() {},
    ondeclaration() {},
    onprocessinginstruction() {},
    onend() {},
  }
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, callbacks)
  tokenizer.write(html)
  tokenizer.end()
  return { all: tidied(all.join('')), own: tidied(own.join('')) }
}
