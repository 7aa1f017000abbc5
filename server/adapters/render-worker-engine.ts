import { convert } from 'html-to-text'
import { Liquid, type Template } from 'liquidjs'
import { languageFor } from '../../shared/content/languages.ts'
import type { MailView } from '../../shared/mail-view.ts'
import type { Brand } from '../../shared/playbook/brand.ts'
import type { BlockContent, EmailContent, Words } from '../../shared/playbook/content.ts'
import { type Catalog, createCatalog, localeChain, type Messages } from '../locales/catalog.ts'
import { type ReadyFile, readyContent } from '../locales/ready-content.ts'
import type { RenderedMail } from '../ports.ts'
import { type BlocksResult, writeBlocks } from './render-blocks.ts'
import { brandFacts } from './render-brand.ts'
import { linkInHtml } from './render-links.ts'
import { createWriteWords, Written } from './render-words.ts'
import { addFilters, type RenderState } from './render-worker-filters.ts'
import { sanitise } from './sanitise.ts'

export interface RenderRequest {
  /** Folder under `emails/`. */
  readonly template: string
  readonly locale: string
  /** A subject of its own, in Liquid; null: the template’s. */
  readonly subject: string | null
  readonly view: MailView
  /** A template written in the dashboard instead of the folder’s. */
  readonly source?: TemplateSource | undefined
  /** Words of a team’s own instead of ours. */
  readonly content?: EmailContent | undefined
  /** How it is dressed; absent: as ours are. */
  readonly brand?: Brand | undefined
  /** Ids of its blocks that this person does not get; absent: as far as the view tells. */
  readonly leftOut?: readonly string[] | undefined
  /** Which of the content’s subjects. */
  readonly variant?: number | undefined
  readonly explains?: boolean | undefined
}

export interface TemplateSource {
  readonly subject: string
  readonly html: string
  readonly text?: string
}

export interface TemplateFiles {
  /** Path without `.liquid`, relative to the template root. */
  readonly templates: Readonly<Record<string, string>>
  readonly locales: Readonly<Record<string, Messages>>
  /** `emails/<kind>/content.json`, by kind. */
  readonly contents: Readonly<Record<string, ReadyFile>>
}

/** Templates read no file: everything they may include is in `templates`. */
const limits = { parseLimit: 1e5, memoryLimit: 1e6 }
/** Only for templates from a form: on a busy machine a sound one of ours must not be refused for a slow moment. */
const customRenderMs = 200
const subjectMaxChars = 200

type Texts = Readonly<Record<string, Words>>

export type RenderMail = (request: RenderRequest) => RenderedMail

export function createRenderMail(files: TemplateFiles): RenderMail {
  const catalog: Catalog = createCatalog(files.locales)
  let state: RenderState | null = null
  const current = (): RenderState => {
    if (!state) throw new Error('no render is going on')
    return state
  }
  const contents = new Map(
    Object.entries(files.contents).map(([kind, file]) => [kind, readyContent(file, files.locales)]),
  )
  const engine = (escapes: boolean, isTrusted: boolean): Liquid => {
    const liquid = new Liquid({
      templates: { ...files.templates },
      strictVariables: true,
      strictFilters: true,
      lenientIf: true,
      ownPropertyOnly: true,
      cache: isTrusted,
      ...limits,
      ...(isTrusted ? {} : { renderLimit: customRenderMs }),
      ...(escapes ? { outputEscape: 'escape' as const } : {}),
    })
    addFilters(liquid, current, escapes ? 'html' : 'text')
    if (!isTrusted) forbidTrustedParts(liquid)
    return liquid
  }
  const html = { ours: engine(true, true), custom: engine(true, false) }
  const plain = { ours: engine(false, true), custom: engine(false, false) }
  const parsed = new Map<string, Template[]>()

  /** Our own templates, parsed once. null: there is no such file. */
  const ours = (liquid: Liquid, path: string): Template[] | null => {
    const known = parsed.get(path)
    if (known) return known
    const source = files.templates[path]
    if (source === undefined) return null
    const fresh = liquid.parse(source, path)
    parsed.set(path, fresh)
    return fresh
  }

  const writeWords = createWriteWords(plain.custom)
  const fill = (type: string, form: 'html' | 'text', globals: object): string => {
    const liquid = form === 'html' ? html.ours : plain.ours
    const template = ours(liquid, `blocks/${type}/${form}`)
    if (!template) throw new Error(`there is no template of the block "${type}"`)
    return liquid.renderSync(template, {}, { globals })
  }

  /** The shell around a finished body, with the footer the law asks for. */
  const inShell = (layout: EmailContent['layout'] | 'text', globals: object): string => {
    const liquid = layout === 'text' ? plain.ours : html.ours
    const path = layout === 'designed' ? 'base' : layout
    const template = ours(liquid, `layouts/${path}`)
    if (!template) throw new Error(`there is no layout "${path}"`)
    return tidy(liquid.renderSync(template, {}, { globals }))
  }

  const inPlain = (source: string, globals: object): string =>
    plain.custom.renderSync(plain.custom.parse(source), {}, { globals })

  const rawWriter =
    (facts: object) =>
    (source: string, form: 'html' | 'plain'): Written => {
      if (form === 'plain') return new Written('', inPlain(source, facts).trim())
      const written = html.custom.renderSync(html.custom.parse(source), {}, { globals: facts })
      return new Written(
        sanitise(written, (address) => linkInHtml(address, current())),
        '',
      )
    }

  const fromLiquid = (request: RenderRequest, content: EmailContent, language: string, facts: object) => {
    const textOf = (key: string): string => content.texts[language]?.[key]?.text ?? ''
    const write = rawWriter(facts)
    const subject = oneLine(inPlain(request.subject ?? textOf('subject'), facts))
    const preheader = oneLine(inPlain(textOf('preheader'), facts))
    const globals = { ...facts, subject, preheader }
    const plainBody = textOf('text')
    const body = write(textOf('html'), 'html').html
    const text = plainBody === '' ? convert(body, { wordwrap: false }) : write(plainBody, 'plain').text
    return {
      subject,
      preheader,
      html: inShell(content.layout, { ...globals, body }),
      text: inShell('text', { ...globals, body: text }),
      links: current().links,
      ...(request.explains && { report: { locale: language, notSent: null, blocks: [], missing: [] } }),
    }
  }

  const fromBlocks = (
    request: RenderRequest,
    content: BlockContent,
    language: string,
    facts: object,
  ): RenderedMail => {
    const { links, view } = current()
    const result = writeBlocks(
      {
        content,
        words: (request.content ? cleaned(content.texts[language]) : content.texts[language]) as Texts,
        leftOut: request.leftOut ?? null,
        variant: request.variant ?? 0,
      },
      { write: writeWords, writeRaw: rawWriter(facts), liquid: plain.custom, fill },
      { state: current(), view, facts },
    )
    const notSent = lackOf(result)
    if (notSent !== null && !request.explains) throw new Error(notSent)
    const subject = oneLine(request.subject ? inPlain(request.subject, facts) : result.subject)
    const preheader = oneLine(result.preheader)
    const shown = result.blocks.filter(({ state: shownAs }) => shownAs === 'shown')
    const globals = { ...facts, subject, preheader }
    const { blocks, missing } = result
    const bodyOf = (form: 'html' | 'text', between: string): string =>
      shown
        .map((block) => block[form])
        .filter((part) => part !== '')
        .join(between)
    return {
      subject,
      preheader,
      html: notSent === null ? inShell(content.layout, { ...globals, body: bodyOf('html', '\n') }) : '',
      text: notSent === null ? inShell('text', { ...globals, body: bodyOf('text', '\n\n') }) : '',
      links,
      ...(request.explains && { report: { locale: language, notSent, blocks, missing } }),
    }
  }

  const templatesOf = ({ template, subject, source }: RenderRequest) => {
    const folder = `emails/${template}`
    const own = {
      subject: source ? plain.custom.parse(source.subject) : ours(plain.ours, `${folder}/subject`),
      html: source ? html.custom.parse(source.html) : ours(html.ours, `${folder}/html`),
      text: source
        ? source.text === undefined
          ? null
          : plain.custom.parse(source.text)
        : ours(plain.ours, `${folder}/text`),
    }
    if (!own.html || !own.subject) throw new Error(`there is no template "${template}"`)
    return { ...own, html: own.html, subject: own.subject, variant: subject && plain.custom.parse(subject) }
  }

  return (request) => {
    const view = cleaned(request.view) as MailView
    const content = request.content ?? (request.source ? undefined : contents.get(request.template))
    const language = content && languageFor(content, localeChain(request.locale))
    const locale = localeIn(catalog, request.locale, language)
    const links: string[] = []
    const brand = brandFacts(request.brand, view.links)
    state = {
      locale,
      links,
      view,
      writing: { locale: locale.tag, timeZone: view.timeZone, now: view.now },
      linkColour: brand.dress.light.link,
    }
    const text = request.source ? plain.custom : plain.ours
    const markup = request.source ? html.custom : html.ours
    // As globals, because partials see nothing else.
    const facts = { ...view, ...brand, lang: locale.tag, dir: locale.dir, ...sides(locale.dir) }
    try {
      if (content && language !== undefined) {
        const write = content.format === 'blocks' ? fromBlocks : fromLiquid
        return sound(write(request, content as BlockContent, language, facts))
      }
      const templates = templatesOf(request)
      const [own = '', preheader = ''] = lines(text.renderSync(templates.subject, {}, { globals: facts }))
      const subject = templates.variant
        ? oneLine(plain.custom.renderSync(templates.variant, {}, { globals: facts }))
        : own
      const globals = { ...facts, subject, preheader }
      const body = tidy(markup.renderSync(templates.html, {}, { globals }))
      return sound({
        subject,
        preheader,
        html: body,
        text: templates.text
          ? tidy(text.renderSync(templates.text, {}, { globals }))
          : convert(body, { wordwrap: false }),
        links,
      })
    } finally {
      state = null
    }
  }
}

const sides = (dir: 'ltr' | 'rtl') =>
  dir === 'rtl' ? { start: 'right', end: 'left' } : { start: 'left', end: 'right' }

/** Custom templates come from a form: they may neither print unescaped nor share variables with our partials. */
function forbidTrustedParts(liquid: Liquid): void {
  const refuse = (what: string) => (): never => {
    throw new Error(`${what} is not allowed in a custom template`)
  }
  liquid.registerFilter('raw', { raw: true, handler: refuse('the filter "raw"') })
  liquid.registerTag('include', { parse: refuse('the tag "include"'), render: refuse('the tag "include"') })
}

/** First line: the subject; second: the preview text an email client shows after it. */
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '')

/** Line breaks would be header injection, bidirectional overrides disguise what stands there. */
function oneLine(text: string): string {
  const line = text
    .replace(/[\u202a-\u202e\u2066-\u2069\ufeff\u200b]/g, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return Array.from(line).slice(0, subjectMaxChars).join('')
}

/** The same for all that people wrote about themselves; line breaks stay. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/[\u202a-\u202e\u2066-\u2069\ufeff]|(?!\n)\p{Cc}/gu, '').normalize('NFC')
  if (Array.isArray(value)) return value.map(cleaned)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleaned(inner)]))
  return value
}

/** Liquid leaves empty lines where its tags stood. */
const tidy = (text: string): string =>
  `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`

const leaks = /\bundefined\b|\bNaN\b|Invalid Date|\[object /

/** The language of the email, in the person’s own variety of it. */
function localeIn(catalog: Catalog, wish: string, language: string | undefined) {
  const wished = catalog.resolve(wish)
  if (language === undefined || wished.tag.split('-')[0] === language.split('-')[0]) return wished
  return catalog.resolveOwn(language)
}

/** What this person lacks and the email has no other words for; null: nothing. */
function lackOf({ missing }: BlocksResult): string | null {
  const [first] = missing.filter(({ effect }) => effect === 'not_sent')
  if (!first) return null
  const place = [first.block, first.field].filter((part) => part !== null).join('.')
  return `${place}: "${first.variable}" is missing, and there are no other words for that`
}

/** @throws when it says what no email may say. */
function sound(mail: RenderedMail): RenderedMail {
  const { subject, preheader, text } = mail
  if (subject === '' && !mail.report?.notSent) throw new Error('the subject is empty')
  const leak = leaks.exec(`${subject}\n${preheader}\n${text}`)
  if (leak) throw new Error(`"${leak[0]}" would appear in the email`)
  return mail
}
