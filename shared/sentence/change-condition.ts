import type { Condition } from '../condition.ts'
import { atPath, withPath } from './paths.ts'
import type { Path } from './piece.ts'
import type { Question } from './words.ts'

/** Changes of a condition, as a person makes them in its sentence. */

type Asked = Condition[Question]

const onlyMember = (condition: Condition): string | undefined => {
  const names = Object.keys(condition).filter((name) => condition[name as keyof Condition] !== undefined)
  return names.length === 1 ? names[0] : undefined
}

/** It must hold beside what is asked already. @param isDenied it must not hold */
export function withQuestion(
  root: unknown,
  path: Path,
  question: Question,
  asked: Asked,
  isDenied = false,
): unknown {
  const condition = (atPath(root, path) ?? {}) as Condition
  const one = { [question]: asked }
  if (!isDenied && condition[question] === undefined) return withPath(root, [...path, question], asked)
  if (isDenied && condition.not === undefined) return withPath(root, [...path, 'not'], one)
  const all = [...(condition.all ?? []), isDenied ? { not: one } : one]
  return withPath(root, [...path, 'all'], all)
}

/** It may hold instead of all that is asked already. */
export function withAlternative(root: unknown, path: Path, question: Question, asked: Asked): unknown {
  const condition = (atPath(root, path) ?? {}) as Condition
  const one = { [question]: asked }
  if (onlyMember(condition) === 'any')
    return withPath(root, [...path, 'any'], [...(condition.any ?? []), one])
  return withPath(root, path, { any: [condition, one] })
}

/**
 * Without the member at the path. What would be left empty goes too: an empty condition always holds, so an empty
 * `not` would shut everyone out. @param least how much of the path stays in any case: that of the whole condition
 */
export function withoutQuestion(root: unknown, path: Path, least: number): unknown {
  let [changed, at] = [withPath(root, path, undefined), path.slice(0, -1)]
  while (at.length > least && isEmpty(atPath(changed, at))) {
    changed = withPath(changed, at, undefined)
    at = at.slice(0, -1)
  }
  return changed
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
