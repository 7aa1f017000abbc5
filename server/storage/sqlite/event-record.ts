import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { TrackedEvent } from '../../domain/trial/model.ts'
import { isEmpty, trialIdOfSubject } from '../logged-event.ts'
import type { LoggedEvent } from '../port.ts'

/**
 * Events that were committed together are in one row, as JSON grouped by subject: a row for each would cost more
 * than all else that happens to it. The log is written at every request, so it says nothing twice.
 */
export interface EventRecord {
  /** Earliest receipt in it, epoch milliseconds. */
  readonly receivedAt: number
  readonly body: string
}

export interface RecordRow extends EventRecord {
  readonly id: number
}

/** The instant by its distance from the receipt. What is as usual is left out. */
type PackedEvent = readonly [
  messageId: string,
  name: string,
  age: number,
  properties: TrackedEvent['properties'],
  unusual?: Unusual,
]

interface Unusual {
  /** Absent: track. */
  readonly type?: TrackedEvent['type'] | undefined
  /** Received so many milliseconds after the earliest of the record. */
  readonly later?: number | undefined
  readonly verified?: true | undefined
  readonly claimed?: true | undefined
  readonly traits?: TrackedEvent['traits'] | undefined
  /** Absent: as the subject says. */
  readonly trialId?: TrialId | undefined
}

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

function packEvent(event: TrackedEvent, recordedAt: number, trialId: TrialId | null): PackedEvent {
  const { messageId, name, type, receivedAt, verified, claimed, properties, traits } = event
  const age = receivedAt - event.at
  const hasTraits = !isEmpty(traits)
  if (
    type === 'track' &&
    receivedAt === recordedAt &&
    !verified &&
    !claimed &&
    !hasTraits &&
    trialId === null
  )
    return [messageId, name, age, properties]
  // Stringify leaves out what is undefined.
  const unusual: Unusual = {
    type: type === 'track' ? undefined : type,
    later: receivedAt === recordedAt ? undefined : receivedAt - recordedAt,
    verified: verified || undefined,
    claimed,
    traits: hasTraits ? traits : undefined,
    trialId: trialId ?? undefined,
  }
  return [messageId, name, age, properties, unusual]
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
  const [messageId, name, age, properties, unusual] = packed
  const receivedAt = recordedAt + (unusual?.later ?? 0)
  return {
    workspaceId,
    subject,
    trialId: unusual?.trialId ?? trialIdOfSubject(workspaceId, subject),
    event: {
      messageId,
      type: unusual?.type ?? 'track',
      name,
      at: receivedAt - age,
      receivedAt,
      verified: unusual?.verified ?? false,
      ...(unusual?.claimed && { claimed: unusual.claimed }),
      properties,
      traits: unusual?.traits ?? {},
    },
  }
}
