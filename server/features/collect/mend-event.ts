import { createHash } from 'node:crypto'
import { isoInstant } from '../../../shared/clock.ts'
import { isPlaceholderId } from '../../../shared/placeholder-id.ts'
import { readableInstant } from '../../domain/time/readable-instant.ts'
import { jsonDepthExceeds } from '../../http/parse-request.ts'
import { isBag, isId, isInstant, isName } from './validate-event.ts'

/**
 * What a caller wrote in another way than we read it: for an event that {@link validateEvent} has refused, before it
 * is asked again. Whatever is no part of who did what is left out rather than cost the event: a bag, a moment, a
 * name. Changes the event in place.
 * @returns the fields that were left out, to be named in the answer; what was merely rewritten is not among them.
 */
export function mendEvent(event: Record<string, unknown>): string[] {
  const ignored: string[] = []
  const leaveOut = (field: string) => {
    delete event[field]
    ignored.push(field)
  }
  if (typeof event.type === 'string' && event.type.length <= 20) event.type = event.type.toLowerCase()
  for (const field of ids) if (typeof event[field] === 'number') event[field] = idOfNumber(event[field])
  mendMessageId(event, leaveOut)
  for (const field of ['groupId', 'previousId']) if (!isId(event[field], false)) leaveOut(field)
  if (isPresentId(event.userId) && !isId(event.anonymousId, false)) leaveOut('anonymousId')
  for (const field of names) if (!isName(event[field])) leaveOut(field)
  for (const field of instants) mendInstant(event, field, leaveOut)
  for (const field of bags) mendBag(event, field, leaveOut)
  return ignored
}

/** Members we do not read are only measured, and that must not overflow the stack. */
export function dropDeepMembers(event: Record<string, unknown>): string[] {
  const deep = Object.keys(event).filter((name) => !known.has(name) && jsonDepthExceeds(event[name]))
  for (const name of deep) delete event[name]
  return deep.map((name) => name.slice(0, 100))
}

const ids = ['userId', 'anonymousId', 'messageId', 'groupId', 'previousId'] as const
const names = ['name', 'category'] as const
const instants = ['timestamp', 'originalTimestamp', 'sentAt'] as const
const bags = ['properties', 'traits', 'context'] as const

/** Their depth has been checked. */
const known: ReadonlySet<string> = new Set(bags)

const isPresentId = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isId(value, false)

/** Beyond 2^53 neighbours are read as the same number: two people would become one. */
const idOfNumber = (id: number): string | number => (Number.isSafeInteger(id) ? String(id) : id)

/** One that is too long or holds control characters still tells a repeated event from a new one. */
function mendMessageId(event: Record<string, unknown>, leaveOut: (field: string) => void): void {
  const { messageId } = event
  if (isId(messageId, false)) return
  if (typeof messageId === 'string' && !isPlaceholderId(messageId))
    event.messageId = createHash('sha256').update(messageId).digest('base64url')
  else leaveOut('messageId')
}

function mendInstant(event: Record<string, unknown>, field: string, leaveOut: (field: string) => void): void {
  const value = event[field]
  if (isInstant(value)) return
  const at = readableInstant(value)
  if (at !== null) event[field] = isoInstant(at)
  else if (value === '') delete event[field]
  else leaveOut(field)
}

/** PHP writes an empty object as an empty list; some clients encode the object twice. */
function mendBag(event: Record<string, unknown>, field: string, leaveOut: (field: string) => void): void {
  const value = event[field]
  if (isBag(value, false)) return
  if (value === '' || (Array.isArray(value) && value.length === 0)) {
    delete event[field]
    return
  }
  const decoded = typeof value === 'string' && value.startsWith('{') ? decodedBag(value) : null
  if (decoded) event[field] = decoded
  else leaveOut(field)
}

function decodedBag(text: string): object | null {
  try {
    const bag: unknown = JSON.parse(text)
    return isBag(bag, false) ? (bag as object) : null
  } catch {
    return null
  }
}
