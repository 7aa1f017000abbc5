import { convert } from 'html-to-text'
import { Liquid, type Template } from 'liquidjs'
import type { MailView } from '../../shared/mail-view.ts'
import { type Catalog, createCatalog, type Messages } from '../locales/catalog.ts'
import type { RenderedMail } from '../ports.ts'
import { addFilters, type RenderState } from './render-worker-filters.ts'

export interface RenderRequest {
  /** Folder under `emails/`. */
  readonly template: string
  readonly locale: string
  /** A subject of its own, in Liquid; null: the template’s. */
  readonly subject: string | null
  readonly view: MailView
  /** A template written in the dashboard instead of the folder’s. */
  readonly source?: TemplateSource | undefined
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
}

/** Templates read no file: everything they may include is in `templates`. */
const limits = { parseLimit: 1e5, memoryLimit: 1e6 }
/** Only for templates from a form: on a busy machine a sound one of ours must not be refused for a slow moment. */
const customRenderMs = 200
const subjectMaxChars = 200

export type RenderMail = (request: RenderRequest) => RenderedMail

export function createRenderMail(files: TemplateFiles): RenderMail {
  const catalog: Catalog = createCatalog(files.locales)
  let state: RenderState | null = null
  const current = (): RenderState => {
    if (!state) throw new Error('no render is going on')
    return state
  }
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
    addFilters(liquid, current)
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
    const locale = catalog.resolve(request.locale)
    const links: string[] = []
    state = { locale, links, view, writing: { locale: locale.tag, timeZone: view.timeZone, now: view.now } }
    const text = request.source ? plain.custom : plain.ours
    const markup = request.source ? html.custom : html.ours
    // As globals, because partials see nothing else.
    const facts = { ...view, lang: locale.tag, dir: locale.dir, ...sides(locale.dir) }
    try {
      const templates = templatesOf(request)
      const [own = '', preheader = ''] = lines(text.renderSync(templates.subject, {}, { globals: facts }))
      const subject = templates.variant
        ? oneLine(plain.custom.renderSync(templates.variant, {}, { globals: facts }))
        : own
      const globals = { ...facts, subject, preheader }
      const body = tidy(markup.renderSync(templates.html, {}, { globals }))
      const mail: RenderedMail = {
        subject,
        preheader,
        html: body,
        text: templates.text
          ? tidy(text.renderSync(templates.text, {}, { globals }))
          : convert(body, { wordwrap: false }),
        links,
      }
      refuseLeaks(mail)
      return mail
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

function refuseLeaks({ subject, preheader, text }: RenderedMail): void {
  if (subject === '') throw new Error('the subject is empty')
  const leak = leaks.exec(`${subject}\n${preheader}\n${text}`)
  if (leak) throw new Error(`"${leak[0]}" would appear in the email`)
}
