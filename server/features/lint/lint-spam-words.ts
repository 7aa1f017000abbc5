import type { MailView } from '../../../shared/mail-view.ts'
import { type Finding, warning } from './finding.ts'
import { spamWords } from './spam-words.ts'

const plain = (text: string): string =>
  text.normalize('NFC').toLowerCase().replaceAll('’', "'").replace(/\s+/gu, ' ')

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Whole words where the script puts spaces between words; Korean appends its particles. */
function patternOf(phrase: string, language: string): RegExp {
  const words = literally(plain(phrase)).replaceAll(' ', '\\s?')
  return language === 'ko'
    ? new RegExp(words, 'u')
    : new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, 'u')
}

const patterns = new Map(
  Object.entries(spamWords).map(([language, phrases]) => [
    language,
    phrases.map((phrase) => ({
      phrase,
      // Looked for first: the pattern costs a hundred times as much.
      firstWord: plain(phrase).split(' ')[0] ?? '',
      pattern: patternOf(phrase, language),
    })),
  ]),
)

/** Words that smell of advertising, in the language of the email. Names of people and products are theirs to choose. */
export function lintSpamWords(
  { subject, words }: { readonly subject: string; readonly words: string },
  lang: string,
  { person, product }: Pick<MailView, 'person' | 'product'>,
): Finding[] {
  const known = patterns.get(lang.split('-')[0] ?? '') ?? []
  const names = [person.name, person.firstName, person.company, product.name, product.postalAddress]
  const text = names.reduce<string>(
    (all, name) => (name ? all.replaceAll(plain(name), ' ') : all),
    plain(`${subject}\n${words}`),
  )
  const found = known
    .filter(({ firstWord, pattern }) => text.includes(firstWord) && pattern.test(text))
    .map(({ phrase }) => phrase)
  const signs = /[$€£]{3}/.exec(text)?.[0]
  return [...found, ...(signs ? [signs] : [])].map((phrase) =>
    warning('spam-words', `“${phrase}” sounds like advertising.`),
  )
}
