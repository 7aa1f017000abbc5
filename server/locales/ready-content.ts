import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { blockTypes } from '../../shared/content/blocks.ts'
import { fingerprint } from '../../shared/content/fingerprint.ts'
import type { BlockContent, Words } from '../../shared/playbook/content.ts'
import { emailContentSchema } from '../../shared/playbook/content.ts'
import { flatten, type Messages } from './catalog.ts'
import { icuToWords } from './icu-to-words.ts'

/** `templates/emails/<kind>/content.json`: blocks, and by which key their words are in the locale files. */

const wordsOf = z.strictObject({
  /** Key of the words in `templates/locales`, or a variable in braces. */
  words: z.string(),
  /** Key of those for people who lack a variable; empty: then the words are left out. */
  else: z.string().optional(),
  /** Variables by slot, for these words only. */
  slots: z.record(z.string(), z.string()).optional(),
  /** `words` is inside of this, e.g. `[{}](extend)`. */
  around: z.string().optional(),
  /** Words of the same place that follow, in the same form. */
  more: z.array(z.strictObject({ words: z.string(), around: z.string().optional() })).optional(),
  /** What stands between them. */
  between: z.string().optional(),
})

const fileSchema = z.strictObject({
  layout: z.enum(['designed', 'personal']),
  /** Variables by slot, for all words of this email; `^slot` where the words begin with it. */
  slots: z.record(z.string(), z.string()).default({}),
  texts: z.record(z.string(), z.union([z.string(), wordsOf])),
  blocks: z.array(z.looseObject({ id: z.string(), type: z.enum(blockTypes) })),
})

export type ReadyFile = z.input<typeof fileSchema>

/** What a slot of our words means in every email, unless the email says otherwise. */
const usualSlots: Readonly<Record<string, string>> = {
  product: 'product.name',
  name: 'person.callName',
  date: 'trial.endsAt',
  rep: 'sender.name',
  feature: 'paidFeature.name',
  '^feature': 'paidFeature.name | upfirst',
  step: 'milestones.next.step',
}

type Place = z.output<typeof wordsOf>

const source = 'en'

/** @throws when the file names words that a language does not have. */
export function readyContent(file: ReadyFile, locales: Readonly<Record<string, Messages>>): BlockContent {
  const { layout, slots, texts, blocks } = fileSchema.parse(file)

  const said = (messages: ReadonlyMap<string, string>, place: Place): Words => {
    const named = { ...usualSlots, ...slots, ...place.slots }
    const variableOf = (slot: string, isFirst: boolean): string =>
      (isFirst ? named[`^${slot}`] : undefined) ?? named[slot] ?? slot
    const one = (key: string, around = '{}'): string => {
      if (key.startsWith('{{')) return key
      const message = messages.get(key)
      if (message === undefined) throw new Error(`there are no words "${key}"`)
      return around.replace('{}', () => icuToWords(message, variableOf))
    }
    const parts = [place, ...(place.more ?? [])].map((part) => one(part.words, part.around))
    const text = parts.join(place.between ?? ' ')
    return place.else === undefined ? { text } : { text, else: place.else === '' ? '' : one(place.else) }
  }

  const placeOf = (value: string | Place): Place => (typeof value === 'string' ? { words: value } : value)
  const allOf = (locale: string): Record<string, Words> => {
    const messages = flatten(locales[locale] ?? {})
    return Object.fromEntries(
      Object.entries(texts).map(([key, value]) => [key, said(messages, placeOf(value))]),
    )
  }

  const english = allOf(source)
  const translated = (locale: string): Record<string, Words> =>
    Object.fromEntries(
      Object.entries(allOf(locale)).map(([key, words]) => [
        key,
        { ...words, from: fingerprint(english[key] ?? words) },
      ]),
    )
  const content = emailContentSchema.parse({
    format: 'blocks',
    source,
    layout,
    blocks,
    texts: Object.fromEntries(
      Object.keys(locales).map((locale) => [locale, locale === source ? english : translated(locale)]),
    ),
  })
  if (content.format !== 'blocks') throw new Error('an email of ours is made of blocks')
  return content
}

/** Every email that is made of blocks, by its folder. @throws when a file is not JSON. */
export function readReadyFiles(templatesDir: string): Record<string, ReadyFile> {
  const folder = join(templatesDir, 'emails')
  return Object.fromEntries(
    readdirSync(folder)
      .map((kind) => [kind, join(folder, kind, 'content.json')] as const)
      .filter(([, file]) => existsSync(file))
      .map(([kind, file]) => [kind, JSON.parse(readFileSync(file, 'utf8')) as ReadyFile]),
  )
}
