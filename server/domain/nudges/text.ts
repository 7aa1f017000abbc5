import type { NudgeInstance } from '../../../shared/collect.ts'
import type { NudgeRule } from '../../../shared/playbook.ts'
import { directionOf } from '../../../shared/text-direction.ts'

/** `de-AT` → its own texts, else those of `de`, else none. Teams write `de_AT` and `DE` too. */
function translationFor(
  { translations }: NudgeRule,
  locale: string,
): Readonly<Record<string, string>> | null {
  const plain = (name: string) => name.toLowerCase().replaceAll('_', '-')
  for (const wanted of [plain(locale), plain(locale).split('-')[0]]) {
    const name = Object.keys(translations).find((it) => plain(it) === wanted)
    if (name !== undefined) return translations[name] ?? null
  }
  return null
}

/** @returns null when a slot has nothing to say. */
function fillSlots(text: string, values: ReadonlyMap<string, string>): string | null {
  let missing = false
  const filled = text.replace(/\{\{\s*([A-Za-z0-9_.]+)\s*\}\}/g, (_, name: string) => {
    const value = values.get(name)
    if (value === undefined) missing = true
    return value ?? ''
  })
  return missing ? null : filled
}

export interface NudgeTextInputs {
  readonly values: ReadonlyMap<string, number>
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
  { values, words, locale, defaultLocale }: NudgeTextInputs,
): Texts | null {
  const translation = translationFor(rule, locale)
  const used = translation ? locale : defaultLocale
  const { content } = rule
  const numbers = new Intl.NumberFormat(used)
  const slots = new Map([...words, ...[...values].map(([name, n]) => [name, numbers.format(n)] as const)])
  const text = (key: string, original: string) => fillSlots(translation?.[key] ?? original, slots)
  const title = text('title', content.title)
  const body = text('body', content.body)
  const dismiss = text('dismiss', content.dismiss)
  const question = content.question === undefined ? null : text('question', content.question)
  const answers = content.answers.map((answer, index) => text(`answer.${index}`, answer))
  const label = content.action ? text('action', content.action.label) : null
  const url = content.action ? fillSlots(content.action.url, slots) : null
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
    dir: directionOf(used),
  }
}
