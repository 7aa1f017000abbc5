import type { Names } from './slot-editor.tsx'
import type { Playbook } from './use-draft.ts'

type Found = Record<string, Set<string>>

const memberSets: Readonly<Record<string, string>> = {
  event: 'event',
  reached: 'milestone',
  milestone: 'milestone',
  path: 'trait',
}

/** Every name the playbook uses, by what it names: what a person most likely means. */
export function namesOf(playbook: Playbook): Names {
  const found: Found = {
    event: new Set(),
    milestone: new Set(),
    trait: new Set(),
    value: new Set(),
    answer: new Set(),
  }
  collect(playbook, found)
  for (const milestone of listOf(playbook.milestones)) add(found, 'milestone', milestone.name)
  for (const answer of listOf((playbook.survey as Playbook | undefined)?.answers))
    add(found, 'answer', answer.id)
  for (const value of Object.keys((playbook.values ?? {}) as object)) add(found, 'value', value)
  return Object.fromEntries(Object.entries(found).map(([of, names]) => [of, [...names].sort()]))
}

const listOf = (value: unknown): Playbook[] => (Array.isArray(value) ? (value as Playbook[]) : [])

function add(found: Found, of: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') found[of]?.add(name)
}

function collect(value: unknown, found: Found): void {
  if (typeof value !== 'object' || value === null) return
  for (const [member, inner] of Object.entries(value)) {
    const of = memberSets[member]
    if (of) add(found, of, typeof inner === 'object' ? (inner as Playbook | null)?.name : inner)
    collect(inner, found)
  }
}
