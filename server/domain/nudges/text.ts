import { LRUCache } from 'lru-cache'
import type { NudgeInstance } from '../../../shared/collect.ts'
import type { NudgeRule } from '../../../shared/playbook.ts'
import { directionOf } from '../../../shared/text-direction.ts'

const plainName = (locale: string): string => locale.toLowerCase().replaceAll('_', '-')

/** `de-AT` → its own texts, else those of `de`, else none. Teams write `de_AT` and `DE` too. */
function translationFor(
  { translations }: NudgeRule,
  locale: string,
): Readonly<Record<string, string>> | null {
  const names = Object.keys(translations)
  if (names.length === 0) return null
  const wanted = plainName(locale)
  for (const name of [wanted, wanted.split('-')[0]]) {
    const found = names.find((it) => plainName(it) === name)
    if (found !== undefined) return translations[found] ?? null
  }
  return null
}

/** How a language writes. Asking Intl costs more than all else of a nudge. */
interface Language {
  readonly numbers: Intl.NumberFormat
  readonly dir: 'ltr' | 'rtl'
}
const languages = new LRUCache<string, Language>({ max: 200 })

function languageOf(locale: string): Language {
  const known = languages.get(locale)
  if (known) return known
  const language = { numbers: new Intl.NumberFormat(locale), dir: directionOf(locale) }
  languages.set(locale, language)
  return language
}

const slot = /\{\{\s*([A-Za-z0-9_.]+)\s*\}\}/g

/** Every name that stands in a slot of its texts, in any language. */
export function slotsOf({ content, translations }: NudgeRule): string[] {
  const { title, body, dismiss, question, answers, action } = content
  const texts = [
    ...[title, body, dismiss, question, action?.label, action?.url, ...answers],
    ...Object.values(translations).flatMap((texts) => Object.values(texts)),
  ]
  const names = texts.flatMap((text) => [...(text ?? '').matchAll(slot)].map(([, name]) => name as string))
  return [...new Set(names)]
}

/** @returns null when a slot has nothing to say. */
function fillSlots(text: string, wordOf: (name: string) => string | null): string | null {
  if (!text.includes('{{')) return text
  let missing = false
  const filled = text.replace(slot, (_, name: string) => {
    const value = wordOf(name)
    if (value === null) missing = true
    return value ?? ''
  })
  return missing ? null : filled
}

export interface NudgeTextInputs {
  /** A number of the person; null when it cannot be said. */
  readonly numberOf: (name: string) => number | null
  /** Words beside the numbers: product name, addresses. */
  readonly words: ReadonlyMap<string, string>
  readonly locale: string
  readonly defaultLocale: string
}

type Texts = Pick<
  NudgeInstance,
  'title' | 'body' | 'action' | 'dismiss' | 'question' | 'answers' | 'locale' | 'dir'
>

/** The texts in the person’s language with all slots filled; null when one of them cannot be filled honestly. */
export function nudgeTexts(
  rule: NudgeRule,
  { numberOf, words, locale, defaultLocale }: NudgeTextInputs,
): Texts | null {
  const translation = translationFor(rule, locale)
  const used = translation ? locale : defaultLocale
  const { content } = rule
  const { numbers, dir } = languageOf(used)
  const inSlot = (name: string): string | null => {
    const value = numberOf(name)
    return value === null ? (words.get(name) ?? null) : numbers.format(value)
  }
  const text = (key: string, original: string) => fillSlots(translation?.[key] ?? original, inSlot)
  const title = text('title', content.title)
  const body = text('body', content.body)
  const dismiss = text('dismiss', content.dismiss)
  const question = content.question === undefined ? null : text('question', content.question)
  const answers = content.answers.map((answer, index) => text(`answer.${index}`, answer))
  const label = content.action ? text('action', content.action.label) : null
  const url = content.action ? fillSlots(content.action.url, inSlot) : null
  if (title === null || body === null || dismiss === null || answers.includes(null)) return null
  if ((content.question !== undefined && question === null) || (content.action && (!label || !url)))
    return null
  return {
    title,
    body,
    dismiss,
    question,
    answers: answers as string[],
    action: label && url ? { label, url } : null,
    locale: used,
    dir,
  }
}
