import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { TrackedEvent } from '../../domain/model.ts'
import { trialIdOfSubject } from '../logged-event.ts'
import type { LoggedEvent } from '../port.ts'

/**
 * Events that were committed together lie in one row, as JSON grouped by subject: a row for each would cost more
 * than all else that happens to it. The log is written at every request, so it says nothing twice.
 */
export interface EventRecord {
  /** Earliest receipt in it, epoch milliseconds. */
  readonly receivedAt: number
  readonly body: string
}

/** Instants by their distance: from the receipt of the event, and of that from the record’s. */
type PackedEvent = readonly [
  messageId: string,
  type: TrackedEvent['type'],
  name: string,
  age: number,
  receivedLater: number,
  verified: 0 | 1,
  properties: TrackedEvent['properties'],
  traits: TrackedEvent['traits'],
  /** Absent: as the subject says, which is the rule. */
  trialId?: TrialId,
]

type PackedSubject = [workspaceId: WorkspaceId, subject: string, ...events: PackedEvent[]]

/** @param events at least one */
export function packEvents(events: readonly LoggedEvent[]): EventRecord {
  let receivedAt = Number.POSITIVE_INFINITY
  for (const { event } of events) if (event.receivedAt < receivedAt) receivedAt = event.receivedAt
  const subjects: PackedSubject[] = []
  let current: PackedSubject | null = null
  let ownTrial: TrialId | null = null
  for (const { workspaceId, subject, trialId, event } of events) {
    if (current?.[1] !== subject || current[0] !== workspaceId) {
      current = [workspaceId, subject]
      ownTrial = trialIdOfSubject(workspaceId, subject)
      subjects.push(current)
    }
    current.push(packEvent(event, receivedAt, trialId === ownTrial ? null : trialId))
  }
  return { receivedAt, body: JSON.stringify(subjects) }
}

function packEvent(event: TrackedEvent, receivedAt: number, trialId: TrialId | null): PackedEvent {
  const { messageId, type, name, properties, traits } = event
  const age = event.receivedAt - event.at
  const later = event.receivedAt - receivedAt
  const verified = event.verified ? 1 : 0
  return trialId === null
    ? [messageId, type, name, age, later, verified, properties, traits]
    : [messageId, type, name, age, later, verified, properties, traits, trialId]
}

/** The events of a record, of one subject alone when asked. */
export function unpackEvents(record: EventRecord, of?: Pick<LoggedEvent, 'workspaceId' | 'subject'>) {
  const events: LoggedEvent[] = []
  for (const [workspaceId, subject, ...packed] of JSON.parse(record.body) as PackedSubject[]) {
    if (of && (of.subject !== subject || of.workspaceId !== workspaceId)) continue
    for (const one of packed) events.push(unpackEvent(one, record.receivedAt, workspaceId, subject))
  }
  return events
}

function unpackEvent(
  packed: PackedEvent,
  recordedAt: number,
  workspaceId: WorkspaceId,
  subject: string,
): LoggedEvent {
  const [messageId, type, name, age, later, verified, properties, traits, trialId] = packed
  const receivedAt = recordedAt + later
  return {
    workspaceId,
    subject,
    trialId: trialId ?? trialIdOfSubject(workspaceId, subject),
    event: {
      messageId,
      type,
      name,
      at: receivedAt - age,
      receivedAt,
      verified: verified === 1,
      properties,
      traits,
    },
  }
}
