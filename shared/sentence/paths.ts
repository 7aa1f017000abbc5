import type { Path } from './piece.ts'

/** @returns what lies at the path; undefined when there is nothing. */
export function atPath(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/** A copy with another value at the path; undefined takes the member away. What lies on the way is made. */
export function withPath(root: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const holder = root ?? (typeof step === 'number' ? [] : {})
  const before = (holder as Record<string | number, unknown>)[step]
  const after = withPath(Object.hasOwn(holder as object, step) ? before : undefined, rest, value)
  if (Array.isArray(holder)) return withEntry(holder, Number(step), after)
  const { [step]: _, ...others } = holder as Record<string, unknown>
  return after === undefined ? others : { ...(holder as object), [step]: after }
}

const withEntry = (list: readonly unknown[], index: number, value: unknown): unknown[] =>
  value === undefined
    ? list.filter((_, at) => at !== index)
    : index >= list.length
      ? [...list, value]
      : list.map((entry, at) => (at === index ? value : entry))

/** Whether two JSON values are the same; members that are undefined count as absent. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every((name) => sameValue(atPath(left, [name]), atPath(right, [name])))
}
