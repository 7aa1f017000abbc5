import type { EmailContent, Words } from '../playbook/content.ts'
import { blockFields, headFields, liquidFields, type TextField } from './blocks.ts'
import { fingerprint } from './fingerprint.ts'

/** Which languages an email speaks, and how well. */

export interface TextPlace {
  /** In `texts`: `subject`, `go.label`. */
  readonly key: string
  /** null: the inbox row, or the whole email when it is in Liquid. */
  readonly block: string | null
  readonly field: TextField
}

/** Every place for words, in the order in which they are read. */
export function textPlaces(content: EmailContent): readonly TextPlace[] {
  if (content.format === 'liquid')
    return liquidFields.map((field) => ({ key: field.name, block: null, field }))
  return [
    ...headFields.map((field) => ({ key: field.name, block: null, field })),
    ...content.blocks.flatMap(({ id, type }) =>
      blockFields[type].map((field) => ({ key: `${id}.${field.name}`, block: id, field })),
    ),
  ]
}

export interface LanguageState {
  readonly locale: string
  readonly isSource: boolean
  /** Places that have no words in this language and must have some. */
  readonly missing: readonly string[]
  /** Places whose source has changed since they were translated. */
  readonly outdated: readonly string[]
  /** Whether people of this language are written to in it; else in the source language. */
  readonly isUsed: boolean
}

const wordsAt = (content: EmailContent, locale: string, key: string): Words | undefined =>
  Object.hasOwn(content.texts, locale) && Object.hasOwn(content.texts[locale] ?? {}, key)
    ? content.texts[locale]?.[key]
    : undefined

const isSaid = (words: Words | undefined): words is Words => words !== undefined && words.text.trim() !== ''

/** A place is asked for where it must have words, or where the source has some (a second subject, a third point). */
function isAsked(content: EmailContent, { key, field }: TextPlace): boolean {
  return field.required || isSaid(wordsAt(content, content.source, key))
}

export function languageState(content: EmailContent, locale: string): LanguageState {
  const isSource = locale === content.source
  const asked = textPlaces(content).filter((place) => isAsked(content, place))
  const missing = asked.filter(({ key }) => !isSaid(wordsAt(content, locale, key))).map(({ key }) => key)
  const outdated = isSource
    ? []
    : asked
        .map(({ key }) => key)
        .filter((key) => {
          const [source, here] = [wordsAt(content, content.source, key), wordsAt(content, locale, key)]
          return (
            isSaid(source) && isSaid(here) && here.from !== undefined && here.from !== fingerprint(source)
          )
        })
  return { locale, isSource, missing, outdated, isUsed: missing.length === 0 }
}

/** The source first, the others by their tag. */
export const languageStates = (content: EmailContent): readonly LanguageState[] =>
  [...new Set([content.source, ...Object.keys(content.texts).toSorted()])].map((locale) =>
    languageState(content, locale),
  )

/**
 * The language a person is written to in. An email is in one language: where one word is missing, all of it is in the
 * source language.
 * @param wishes the person’s, the best first: `['pt-BR', 'pt']`.
 */
export const languageFor = (content: EmailContent, wishes: readonly string[]): string =>
  wishes.find(
    (locale) => Object.hasOwn(content.texts, locale) && languageState(content, locale).missing.length === 0,
  ) ?? content.source
