import type { EmailContent, Words } from '../playbook/content.ts'
import { parseExpression } from './expression.ts'
import { fingerprint } from './fingerprint.ts'
import { type Inline, parseInline, variablesIn } from './inline.ts'
import { languageState, textPlaces } from './languages.ts'

/** The words of all emails as rows for translators, and back. */

export interface TranslationRow {
  /** Id of the rule. */
  readonly email: string
  /** `title.text`; its other words are `title.text else`. */
  readonly place: string
  readonly source: string
  /** Empty: not translated yet. */
  readonly target: string
  readonly state: 'missing' | 'outdated' | 'translated'
}

interface Rule {
  readonly id: string
  readonly content?: EmailContent | undefined
}

/** In the order in which they are read. */
export function translationRows(rules: readonly Rule[], language: string): readonly TranslationRow[] {
  return rules.flatMap(({ id: email, content }) => {
    if (!content || language === content.source) return []
    const { outdated } = languageState(content, language)
    const [from, to] = [content.texts[content.source] ?? {}, content.texts[language] ?? {}]
    return textPlaces(content).flatMap(({ key }) => {
      const [source, target] = [from[key], to[key]]
      if (!source || source.text === '') return []
      const row = (place: string, said: string, translated = ''): TranslationRow => {
        const state = translated === '' ? 'missing' : outdated.includes(key) ? 'outdated' : 'translated'
        return { email, place, source: said, target: translated, state }
      }
      const other = source.else ? [row(`${key} else`, source.else, target?.else)] : []
      return [row(key, source.text, target?.text), ...other]
    })
  })
}

/** What came back from a translator. */
export interface ReturnedRow {
  readonly email: string
  readonly place: string
  readonly source: string
  readonly target: string
}

export interface RowOutcome {
  readonly email: string
  readonly place: string
  readonly outcome: 'taken' | 'unchanged' | 'empty' | 'refused'
  /** Of a refusal, in words. */
  readonly why: string | null
}

const targetsIn = (nodes: readonly Inline[]): string[] =>
  nodes.flatMap((node) =>
    'children' in node ? [...(node.type === 'link' ? [node.target] : []), ...targetsIn(node.children)] : [],
  )

/** What a translation must have as its source has it: variables, links, and the tags of Liquid. */
function fixedParts(text: string): readonly string[] {
  const names = variablesIn(text).map((source) => `{{ ${parseExpression(source)?.name ?? source} }}`)
  const tags = text
    .split('{%')
    .slice(1)
    .map((rest) => `{%${rest.split('%}', 1)[0]}%}`)
  return [
    ...new Set([
      ...names,
      ...parseInline(text)
        .flatMap(targetsIn)
        .map((target) => `(${target})`),
      ...tags,
    ]),
  ]
}

function refusalOf({ source, target }: ReturnedRow, said: string): string | null {
  if (source !== said) return 'The source was changed since this was exported. Export it again.'
  const [asked, has] = [fixedParts(source), fixedParts(target)]
  const lost = asked.find((part) => !has.includes(part))
  if (lost !== undefined) return `${lost} is missing.`
  const added = has.find((part) => !asked.includes(part))
  return added === undefined ? null : `${added} is not in the source.`
}

const ofElse = / else$/

/** Rows of one email, the words before their other words. */
function applyTo(
  content: EmailContent,
  language: string,
  rows: readonly ReturnedRow[],
): { readonly texts: Record<string, Words>; readonly outcomes: readonly RowOutcome[] } {
  const from = content.texts[content.source] ?? {}
  const texts: Record<string, Words> = { ...content.texts[language] }
  const outcomes = rows.map((row): RowOutcome => {
    const { email, place } = row
    const key = place.replace(ofElse, '')
    const isElse = key !== place
    const source = Object.hasOwn(from, key) ? from[key] : undefined
    const said = isElse ? source?.else : source?.text
    const refused = (why: string): RowOutcome => ({ email, place, outcome: 'refused', why })
    const done = (outcome: RowOutcome['outcome']): RowOutcome => ({ email, place, outcome, why: null })
    if (!source || said === undefined) return refused(`The email has no “${place}”.`)
    if (row.target.trim() === '') return done('empty')
    const why = refusalOf(row, said)
    if (why !== null) return refused(why)
    const before = texts[key]
    if (isElse && !before) return refused('Its words are not translated yet.')
    const changed: Words = {
      ...(source.else === '' && { else: '' }),
      ...before,
      ...(isElse ? { else: row.target } : { text: row.target }),
      text: isElse ? (before?.text ?? '') : row.target,
      from: fingerprint(source),
    }
    texts[key] = changed
    return done(JSON.stringify(before) === JSON.stringify(changed) ? 'unchanged' : 'taken')
  })
  return { texts, outcomes }
}

/** Takes every row that fits and says of each what became of it, in the order of the emails. */
export function applyTranslations<R extends Rule>(
  rules: readonly R[],
  language: string,
  rows: readonly ReturnedRow[],
): { readonly rules: readonly R[]; readonly outcomes: readonly RowOutcome[] } {
  const known = new Set(
    rules.flatMap(({ id, content }) => (content && content.source !== language ? [id] : [])),
  )
  const strays = rows
    .filter(({ email }) => !known.has(email))
    .map(({ email, place }): RowOutcome => {
      const why = `No email “${email.slice(0, 60)}” can be translated into this language.`
      return { email, place, outcome: 'refused', why }
    })
  const outcomes: RowOutcome[] = []
  const changed = rules.map((rule) => {
    const own = rows.filter(({ email }) => email === rule.id)
    if (!rule.content || !known.has(rule.id) || own.length === 0) return rule
    const sorted = own.toSorted((a, b) => Number(ofElse.test(a.place)) - Number(ofElse.test(b.place)))
    const applied = applyTo(rule.content, language, sorted)
    outcomes.push(...applied.outcomes)
    const isChanged = applied.outcomes.some(({ outcome }) => outcome === 'taken')
    return isChanged
      ? { ...rule, content: { ...rule.content, texts: { ...rule.content.texts, [language]: applied.texts } } }
      : rule
  })
  return { rules: changed, outcomes: [...outcomes, ...strays] }
}
