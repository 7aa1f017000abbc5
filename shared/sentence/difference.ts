import { contentLines } from '../content/lines.ts'
import type { EmailContent } from '../playbook/content.ts'
import { type PlaybookPart, playbookParts } from './parts.ts'
import { atPath, sameValue } from './paths.ts'
import { plainText } from './piece.ts'
import { writeSentences } from './sentence.ts'
import type { Words } from './words.ts'

/** One rule, or one part, that two playbooks say differently. */
export interface Difference {
  /** Member of the playbook, e.g. `messages`. */
  readonly part: string
  /** Which rule of a list; null: the part has no rules. */
  readonly rule: string | null
  readonly change: 'added' | 'removed' | 'changed'
  /** Sentences that only one of them says. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** What changes from one playbook to another, in sentences; what no sentence says, as JSON. */
export function differences(before: object, after: object, words: Words): Difference[] {
  const said = new Set(playbookParts.map(({ path }) => String(path[0])))
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !said.has(name),
  )
  return [
    ...playbookParts.flatMap((part) => partDifferences(part, before, after, words)),
    ...others.flatMap((name) =>
      changeOf(name, null, atPath(before, [name]), atPath(after, [name]), (value) => [JSON.stringify(value)]),
    ),
  ]
}

function partDifferences(part: PlaybookPart, before: object, after: object, words: Words): Difference[] {
  const [old, now] = [atPath(before, part.path), atPath(after, part.path)]
  const say = (value: unknown) => sentencesOf(value, part, words)
  if (part.listBy === undefined) return changeOf(part.id, null, old, now, say)
  const [oldRules, rules] = [byName(old, part), byName(now, part)]
  const names = [...new Set([...oldRules.keys(), ...rules.keys()])]
  const changed = names.flatMap((name) => changeOf(part.id, name, oldRules.get(name), rules.get(name), say))
  const isMoved = changed.length === 0 && !sameValue(old, now)
  if (!isMoved) return changed
  const order = (of: ReadonlyMap<string, unknown>) => [[...of.keys()].join(', ')]
  return [{ part: part.id, rule: null, change: 'changed', before: order(oldRules), after: order(rules) }]
}

/** Rules by what they are called; a name that stands twice gets its place beside it. */
function byName(list: unknown, { listBy }: PlaybookPart): Map<string, unknown> {
  const rules = new Map<string, unknown>()
  if (!Array.isArray(list)) return rules
  list.forEach((rule, index) => {
    const name = listBy ? String(atPath(rule, [listBy])) : String(index + 1)
    rules.set(rules.has(name) ? `${name} (${index + 1})` : name, rule)
  })
  return rules
}

function changeOf(
  part: string,
  rule: string | null,
  before: unknown,
  after: unknown,
  say: (value: unknown) => readonly string[],
): Difference[] {
  if (sameValue(before, after)) return []
  const [old, now] = [before === undefined ? [] : say(before), after === undefined ? [] : say(after)]
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  const onlyIn = (texts: readonly string[], others: readonly string[]) =>
    texts.filter((text) => !others.includes(text))
  return [{ part, rule, change, before: onlyIn(old, now), after: onlyIn(now, old) }]
}

/** Of a part that its grammar cannot read, the JSON. The words of an email are said place by place. */
function sentencesOf(value: unknown, { id, grammar }: PlaybookPart, words: Words): string[] {
  try {
    const { content, ...rule } = value as { content?: EmailContent }
    const isEmail = id === 'messages' && content !== undefined
    const said = writeSentences(isEmail ? rule : value, grammar, words).map(({ pieces }) => plainText(pieces))
    return isEmail ? [...said, ...contentLines(content)] : said
  } catch {
    return [JSON.stringify(value)]
  }
}
