import type { WorkspaceId } from '../../shared/trial.ts'
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

const escapeSubject = (subject: string): string =>
  subject.includes('|') || subject.includes('%')
    ? subject.replaceAll('%', '%25').replaceAll('|', '%7C')
    : subject

/** Sorts after every string that starts with the prefix, in UTF-8 and in UTF-16 order. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10FFFF}`
