import type * as z from 'zod'
import type { Fault } from '../../shared/problems.ts'
import { ProblemError } from './problem.ts'

const escapeSegment = (segment: PropertyKey): string =>
  String(segment).replaceAll('~', '~0').replaceAll('/', '~1')

/** RFC 6901. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((segment) => `/${escapeSegment(segment)}`).join('')

/** Each unknown key is a fault of its own, named where it stands. */
export function faultsOf(error: z.ZodError, prefix = ''): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        pointer: `${prefix}${jsonPointer([...issue.path, key])}`,
        detail: `There is no field "${key.slice(0, 100)}" here.`,
      }))
    return [{ pointer: `${prefix}${jsonPointer(issue.path)}`, detail: issue.message }]
  })
}

const maxFaults = 100

/**
 * @param where which part of the request this is; parameters are named, the body is pointed into.
 * @throws ProblemError `invalid-request` that names every fault.
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: 'path' | 'query' | 'body' | 'header',
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = faultsOf(parsed.error, where === 'body' ? '' : where).slice(0, maxFaults)
  throw new ProblemError('invalid-request', { detail: `The ${where} has ${errors.length} fault(s).`, errors })
}

/** Deeper JSON would overflow the stack of anyone who serialises it again; `JSON.parse` itself takes any depth. */
export const maxJsonDepth = 32

export function jsonDepthExceeds(value: unknown, limit = maxJsonDepth): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return false
}
