import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { directionOf } from '../../shared/text-direction.ts'
import { koreanParticles } from './korean-particles.ts'

/** The texts of emails and of the pages behind their links, by locale: `templates/locales/<locale>.json`. */

export type Messages = { readonly [key: string]: string | Messages }
type Params = Readonly<Record<string, unknown>>

const fallbackLocale = 'en'

export interface Catalog {
  readonly locales: readonly string[]
  /** The language to write in, and how to format in it, for a wish such as `vi-VN` (→ vi → en). */
  resolve(wish: string | null | undefined): ResolvedLocale
  /** A language that a team brought: its formats and direction; where we have no words in it, English ones. */
  resolveOwn(tag: string): ResolvedLocale
}

export interface ResolvedLocale {
  /** BCP 47 tag for `lang` and for Intl: the wish itself when we speak its language. */
  readonly tag: string
  readonly dir: 'ltr' | 'rtl'
  has(key: string): boolean
  /**
   * ICU message with its slots filled, as plain text.
   * @throws MissingText when neither the locale nor one it falls back to has the key.
   * @throws EmptySlot when a slot is 0, empty or missing: such a sentence must not be sent.
   */
  text(key: string, params?: Params): string
  /** The same as HTML: `<b>` in the message stays, everything else is escaped. */
  html(key: string, params?: Params): string
  /** Texts of the default playbook in this language, found by their English wording; others stay as they are. */
  own(text: string): string
}

class MissingText extends Error {
  override readonly name = 'MissingText'
}

class EmptySlot extends Error {
  override readonly name = 'EmptySlot'
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** `zh-Hant-TW` → `zh-Hant-TW`, `zh-Hant`, `zh`, `en`. A wish that is no language tag leads straight to English. */
export function localeChain(wish: string | null | undefined): string[] {
  let tag: string | undefined
  try {
    tag = wish ? Intl.getCanonicalLocales(wish.replaceAll('_', '-'))[0] : undefined
  } catch {
    tag = undefined
  }
  const parts = tag ? tag.split('-') : []
  const chain = parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
  return chain.at(-1) === fallbackLocale ? chain : [...chain, fallbackLocale]
}

/** `{a: {b: 'x'}}` → `a.b` = x */
export function flatten(messages: Messages, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') flat.set(prefix + key, value)
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text)
  }
  return flat
}

type Slots = Record<string, string | number | boolean>

function guardSlots(key: string, params: Params): Slots {
  const slots: Slots = {}
  for (const [name, value] of Object.entries(params)) {
    const isPresent =
      typeof value === 'boolean' ||
      (typeof value === 'number' && Number.isFinite(value) && value > 0) ||
      (typeof value === 'string' && value.trim() !== '')
    if (!isPresent) throw new EmptySlot(`${key}: "${name}" is ${JSON.stringify(value) ?? 'missing'}`)
    slots[name] = value
  }
  return slots
}

const otherWay = {
  ltr: /\p{Script=Arabic}|\p{Script=Hebrew}/u,
  rtl: /(?!\p{Script=Arabic}|\p{Script=Hebrew})\p{L}/u,
}

const isIsolated = /^\u200f|[\u2066-\u2068]/

/**
 * Names and labels that run the other way than the sentence are in isolates (UAX #9 §2.4), so that they move
 * neither its punctuation nor the numbers beside them.
 */
export const isolate = (text: string, dir: 'ltr' | 'rtl'): string =>
  otherWay[dir].test(text) && !isIsolated.test(text) ? `\u2068${text}\u2069` : text

const isolated = (slots: Slots, dir: 'ltr' | 'rtl'): Slots =>
  Object.fromEntries(
    Object.entries(slots).map(([name, value]) => [
      name,
      typeof value === 'string' ? isolate(value, dir) : value,
    ]),
  )

function createLocale(
  wish: string | null | undefined,
  catalogs: Map<string, Texts>,
  isOwn = false,
): ResolvedLocale {
  const chain = localeChain(wish).filter((tag) => catalogs.has(tag))
  const own = chain[0] ?? fallbackLocale
  const wished = localeChain(wish)[0] ?? fallbackLocale
  const tag = isOwn || wished.split('-')[0] === own.split('-')[0] ? wished : own

  const find = (key: string): { text: string; locale: string } | null => {
    for (const locale of chain) {
      const text = catalogs.get(locale)?.messages.get(key)
      if (text !== undefined) return { text, locale }
    }
    return null
  }
  const compiled = new Map<string, IntlMessageFormat>()
  const message = (key: string): IntlMessageFormat => {
    const known = compiled.get(key)
    if (known) return known
    const found = find(key)
    if (!found) throw new MissingText(`no text for "${key}"`)
    const fresh = new IntlMessageFormat(found.text, found.locale === own ? tag : found.locale)
    compiled.set(key, fresh)
    return fresh
  }
  const finish = tag.startsWith('ko') ? koreanParticles : (text: string) => text
  const dir = directionOf(tag)
  const fill = (key: string, slots: Slots, bold: (inner: string) => string) =>
    finish(
      String(
        message(key).format<string>({
          ...isolated(slots, dir),
          b: (parts: string[]) => bold(parts.join('')),
        }),
      ),
    )

  return {
    tag,
    dir,
    has: (key) => find(key) !== null,
    text: (key, params = {}) => fill(key, guardSlots(key, params), (inner) => inner),
    html(key, params = {}) {
      const slots = guardSlots(key, params)
      // Private-use characters, which no text of ours holds.
      const marks = { open: '\ue000', close: '\ue001' }
      const text = fill(key, slots, (inner) => `${marks.open}${inner}${marks.close}`)
      return escapeHtml(text).replaceAll(marks.open, '<strong>').replaceAll(marks.close, '</strong>')
    },
    own: (text) => catalogs.get(own)?.own.get(text) ?? text,
  }
}

interface Texts {
  readonly messages: Map<string, string>
  readonly own: Map<string, string>
}

/** @param byLocale the parsed locale files; `own` in each maps English texts of the default playbook. */
export function createCatalog(byLocale: Readonly<Record<string, Messages>>): Catalog {
  const catalogs = new Map<string, Texts>(
    Object.entries(byLocale).map(([locale, { own, ...messages }]) => [
      locale,
      {
        messages: flatten(messages),
        own: new Map(Object.entries((own ?? {}) as Record<string, string>)),
      },
    ]),
  )
  const resolved = new Map<string, ResolvedLocale>()
  const kept = (key: string, make: () => ResolvedLocale): ResolvedLocale => {
    const known = resolved.get(key)
    if (known) return known
    if (resolved.size > 200) resolved.clear()
    const fresh = make()
    resolved.set(key, fresh)
    return fresh
  }
  return {
    locales: [...catalogs.keys()],
    resolve: (wish) => kept(wish ?? '', () => createLocale(wish, catalogs)),
    resolveOwn: (tag) => kept(`own:${tag}`, () => createLocale(tag, catalogs, true)),
  }
}

/** @throws when a file cannot be read or is not JSON. */
export function readLocales(templatesDir: string): Record<string, Messages> {
  const folder = join(templatesDir, 'locales')
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  )
}

export const loadCatalog = (templatesDir: string): Catalog => createCatalog(readLocales(templatesDir))
