import type { Liquid } from 'liquidjs'
import type { MailView } from '../../shared/mail-view.ts'
import { callName } from '../locales/call-name.ts'
import type { ResolvedLocale } from '../locales/catalog.ts'
import { columnsOf } from '../locales/columns.ts'
import {
  calendarDaysBetween,
  isDurationRounded,
  pluralForm,
  type Writing,
  writeDate,
  writeDaysUntil,
  writeDuration,
  writeList,
  writeMoney,
  writeNumber,
} from '../locales/write.ts'
import { quotasOf, worthTelling } from './render-scope.ts'
import { Written } from './render-words.ts'

/** What the filters of one render share. Rendering is synchronous, so one at a time is enough. */
export interface RenderState {
  readonly locale: ResolvedLocale
  readonly writing: Writing & { readonly now: number }
  readonly view: MailView
  /** Targets of tracked links; their position is the index in `/c/:token/:link`. */
  readonly links: string[]
  /** Of links in words, in light mode. */
  readonly linkColour: string
}

/** Liquid hands `name: value` arguments over as pairs. */
const named = (args: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(args.filter((arg): arg is [string, unknown] => Array.isArray(arg) && arg.length === 2))

/** @throws TypeError unless it is an absolute web address. */
export function safeUrl(input: unknown): string {
  let url: URL
  try {
    url = new URL(String(input))
  } catch {
    throw new TypeError(`"${String(input)}" is no web address`)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError(`"${url.protocol}" links are not allowed in emails`)
  return url.href
}

export function trackedLink(input: unknown, { view, links }: RenderState): string {
  const target = safeUrl(input)
  if (view.links.click === null) return target
  const known = links.indexOf(target)
  const index = known < 0 ? links.push(target) - 1 : known
  return `${view.links.click}/${index}`
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const graphemes = (text: string): string[] =>
  Array.from(segmenter.segment(text.normalize('NFC')), ({ segment }) => segment)

function shorten(input: unknown, most: unknown): string {
  const all = graphemes(String(input))
  const limit = Number(most)
  return all.length <= limit
    ? all.join('')
    : `${all
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`
}

const numberSlot = /\{\{\s*n\s*\}\}/g

type Values = MailView['values']
const valuesOf = (values: unknown): Values => (Array.isArray(values) ? (values as Values) : [])

/** Those a block names, in its order; else all. */
const chosen = (values: unknown, only: unknown): Values | null =>
  Array.isArray(only)
    ? only.flatMap((id) => valuesOf(values).filter((value) => value.id === id && value.n > 0))
    : null

/** “37”, “about 12 hours”, “$370”. */
export function quantity(input: unknown, { locale, writing, view }: RenderState): string {
  const { n, unit, about } = input as Values[number]
  if (unit === 'money') {
    const currency = view.product.currency ?? view.product.price?.currency
    return aboutIf(about, writeMoney({ amountMinor: n, currency }, writing.locale), locale)
  }
  return unit === 'minutes'
    ? aboutIf(about || isDurationRounded(n), writeDuration(n, writing.locale), locale)
    : aboutIf(about, writeNumber(n, writing.locale), locale)
}

/** “37 cards completed”; a label may say with {{n}} where its number stands. */
function phrase(input: unknown, state: RenderState): string {
  const n = quantity(input, state)
  const label = ownText((input as Values[number]).label, state)
  const filled = label.replace(numberSlot, n)
  return filled === label ? `${n} ${label}` : filled
}

const aboutIf = (isAbout: boolean | undefined, n: string, locale: ResolvedLocale): string =>
  isAbout ? locale.text('common.about', { n }) : n

/** A text of the playbook in the person’s language: by its own translations, else by those we bring. */
export const ownText = (text: unknown, { locale, view: { texts } }: RenderState): string => {
  const wording = String(text)
  return texts && Object.hasOwn(texts, wording) ? (texts[wording] ?? wording) : locale.own(wording)
}

const upperFirst = (text: string, locale: string): string => {
  const [first = '', ...rest] = graphemes(text)
  return first.toLocaleUpperCase(locale) + rest.join('')
}

function writtenAs(input: unknown, form: 'html' | 'text'): string {
  const paragraphs = Array.isArray(input) ? input : [input]
  return paragraphs
    .map((paragraph) => {
      if (!(paragraph instanceof Written)) throw new TypeError('only words are written')
      return paragraph[form]
    })
    .join(form === 'html' ? '<br>\n' : '\n')
}

/** Registers our filters; `state` is asked again at each call. */
export function addFilters(engine: Liquid, state: () => RenderState, form: 'html' | 'text'): void {
  const filters: Record<string, (input: unknown, ...args: unknown[]) => unknown> = {
    t: (key, ...args) => state().locale.text(String(key), named(args)),
    has_text: (key) => state().locale.has(String(key)),
    own: (text) => ownText(text, state()),
    date_long: (at) => writeDate(at, 'long', state().writing),
    date_short: (at) => writeDate(at, 'short', state().writing),
    date_time: (at) => writeDate(at, 'time', state().writing),
    weekday: (at) => writeDate(at, 'weekday', state().writing),
    days_left: (at) => calendarDaysBetween(state().view.now, Number(at), state().view.timeZone),
    days_until: (at) => writeDaysUntil(at, state().writing),
    number: (n) => writeNumber(n, state().writing.locale),
    money: (price) => writeMoney(price, state().writing.locale),
    plural: (n, ...args) => {
      const forms = named(args)
      if (typeof n !== 'number') throw new TypeError('plural needs a number')
      const form = String(forms[pluralForm(n, state().writing.locale)] ?? forms.other ?? '')
      return form.replaceAll('#', writeNumber(n, state().writing.locale))
    },
    fill: (text, ...args) => {
      const { n } = named(args)
      return String(text).replace(numberSlot, writeNumber(n, state().writing.locale))
    },
    list: (items, ...args) =>
      writeList(
        Array.isArray(items) ? items.map((item) => ownText(item, state())) : [],
        state().writing.locale,
        named(args).kind === 'or' ? 'or' : 'and',
      ),
    quantity: (value) => quantity(value, state()),
    phrase: (value) => phrase(value, state()),
    around: (text) => String(text).split(numberSlot),
    worth_telling: (values, only) =>
      chosen(values, only)?.filter(({ limit }) => limit === undefined) ?? worthTelling(valuesOf(values)),
    quotas: (values, only) =>
      chosen(values, only)?.filter(({ limit }) => limit !== undefined) ?? quotasOf(valuesOf(values)),
    upfirst: (text) => upperFirst(String(text), state().writing.locale),
    call_name: () => callName(state().view.person, state().locale.tag),
    columns: (text) => columnsOf(String(text)),
    shorten,
    safe_url: safeUrl,
    link: (url) => trackedLink(url, state()),
    path: (part) => encodeURIComponent(String(part)),
  }
  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter)
  // What only `render-words.ts` makes: escaped there.
  engine.registerFilter('written', {
    raw: true,
    handler: (input: unknown) => writtenAs(input, form),
  })
  // In an attribute: without marks, and escaped like any other text.
  engine.registerFilter('as_text', (input: unknown) => writtenAs(input, 'text'))
  engine.registerFilter('t_html', {
    raw: true,
    handler: (key: unknown, ...args: unknown[]) => state().locale.html(String(key), named(args)),
  })
}
