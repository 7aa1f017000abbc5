import type { Playbook } from '../../../shared/playbook.ts'
import { playbookSchema } from '../../../shared/playbook.ts'

/** Each round takes out what the one before brought up; a playbook with more faults is no playbook. */
const maxRounds = 20

/** Without the member at this path; null where there is none, or where it is an element of a list. */
function without(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (typeof value !== 'object' || value === null || key === undefined) return null
  if (!Object.hasOwn(value, key)) return null
  const members = value as Record<PropertyKey, unknown>
  if (rest.length === 0) {
    if (Array.isArray(value)) return null
    const { [key]: _, ...left } = members
    return left
  }
  const inner = without(members[key], rest)
  if (inner === null) return null
  return Array.isArray(value) ? value.with(key as number, inner) : { ...members, [key]: inner }
}

/**
 * A playbook as an older release stored it. That may break a rule which was added since: such a value gives way to
 * its default, because a workspace that cannot be read at all would stop the whole server. New ones are refused.
 * @returns the playbook, and in `mended` what was left out.
 * @throws ZodError when what is wrong has no default.
 */
export function readStoredPlaybook(stored: unknown): { playbook: Playbook; mended: readonly string[] } {
  const mended: string[] = []
  let value = stored
  for (let round = 0; round < maxRounds; round++) {
    const parsed = playbookSchema.safeParse(value)
    if (parsed.success) return { playbook: parsed.data, mended }
    const [issue] = parsed.error.issues
    if (!issue) break
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : issue.path
    const left = without(value, path)
    if (left === null) break
    mended.push(`${path.join('.')}: ${issue.message}`)
    value = left
  }
  return { playbook: playbookSchema.parse(stored), mended }
}
