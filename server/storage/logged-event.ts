import type { TrialId, WorkspaceId } from '../../shared/trial.ts'
import type { TrackedEvent } from '../domain/trial/model.ts'
import type { LoggedEvent } from './port.ts'

/**
 * `workspace:subject|messageId`: the unique key of a logged event, so a re-sent one cannot be stored twice. A `|` in
 * the subject is escaped; without that `a|b` + `c` and `a` + `b|c` would be one event.
 */
export const eventKey = (logged: LoggedEvent): string =>
  eventKeyPrefix(logged.workspaceId, logged.subject) + logged.event.messageId

/** All events of one subject, and no others, start with this. */
export const eventKeyPrefix = (workspaceId: WorkspaceId, subject: string): string =>
  `${workspaceId}:${escapeSubject(subject)}|`

/** @returns the workspace and subject of which {@link eventKey} made the key. */
export function subjectOfEventKey(key: string): { workspaceId: WorkspaceId; subject: string } {
  const colon = key.indexOf(':')
  const escaped = key.slice(colon + 1, key.indexOf('|'))
  return {
    workspaceId: key.slice(0, colon) as WorkspaceId,
    subject: escaped.replaceAll('%7C', '|').replaceAll('%25', '%'),
  }
}

const escapeSubject = (subject: string): string =>
  subject.includes('|') || subject.includes('%')
    ? subject.replaceAll('%', '%25').replaceAll('|', '%7C')
    : subject

/** Sorts after every string that starts with the prefix, in UTF-8 and in UTF-16 order. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10FFFF}`

/** How an event is in a database: the log is written at every request, so it says nothing twice. */
export interface EventRow {
  readonly key: string
  /** null: as the subject says, which is the rule. */
  readonly trialId: TrialId | null
  readonly at: number
  readonly receivedAt: number
  /** The rest of the event as JSON text, so that no database interprets a key of it. */
  readonly body: string
}

type EventRest = Omit<TrackedEvent, 'messageId' | 'at' | 'receivedAt'>

export function toEventRow(logged: LoggedEvent): EventRow {
  const { event } = logged
  // Stringify leaves out what is undefined.
  const rest = {
    type: event.type,
    name: event.name,
    verified: event.verified,
    claimed: event.claimed,
    properties: isEmpty(event.properties) ? undefined : event.properties,
    traits: isEmpty(event.traits) ? undefined : event.traits,
  }
  return {
    key: eventKey(logged),
    trialId: logged.trialId === trialIdOfSubject(logged.workspaceId, logged.subject) ? null : logged.trialId,
    at: event.at,
    receivedAt: event.receivedAt,
    body: JSON.stringify(rest),
  }
}

export function fromEventRow(row: EventRow, workspaceId: WorkspaceId, subject: string): LoggedEvent {
  const rest = JSON.parse(row.body) as Omit<EventRest, 'properties' | 'traits'> & Partial<EventRest>
  return {
    workspaceId,
    subject,
    trialId: row.trialId ?? trialIdOfSubject(workspaceId, subject),
    event: {
      messageId: row.key.slice(eventKeyPrefix(workspaceId, subject).length),
      type: rest.type,
      name: rest.name,
      at: row.at,
      receivedAt: row.receivedAt,
      verified: rest.verified,
      ...(rest.claimed && { claimed: rest.claimed }),
      properties: rest.properties ?? {},
      traits: rest.traits ?? {},
    },
  }
}

export const trialIdOfSubject = (workspaceId: WorkspaceId, subject: string): TrialId =>
  `${workspaceId}:${subject}` as TrialId

export function isEmpty(bag: Readonly<Record<string, unknown>>): boolean {
  for (const _ in bag) return false
  return true
}
