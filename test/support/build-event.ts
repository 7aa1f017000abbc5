import type { TrackedEvent, Trial } from '../../server/domain/trial/model.ts'
import type { Fold, LoggedEvent } from '../../server/storage/port.ts'
import { trialIdOfUser } from '../../shared/trial.ts'
import { buildTrial, someTime, workspaceId } from './build-trial.ts'

/** A `Board Created` of `user-1`, as it is in the event log. */
export function buildLogged(
  event: Partial<TrackedEvent> & { messageId: string },
  of: Partial<Omit<LoggedEvent, 'event'>> & { userId?: string } = {},
): LoggedEvent {
  const { userId = 'user-1', ...rest } = of
  const workspace = rest.workspaceId ?? workspaceId
  return {
    workspaceId: workspace,
    subject: `u:${userId}`,
    trialId: trialIdOfUser(workspace, userId),
    ...rest,
    event: {
      type: 'track',
      name: 'Board Created',
      at: someTime,
      receivedAt: someTime,
      verified: false,
      properties: {},
      traits: {},
      ...event,
    },
  }
}

/**
 * The least a fold can do, for tests of the storage alone: counts, and remembers every message id it was given in
 * `absorbed`, so that a test sees a lost or doubled event.
 */
export const foldByCounting: Fold = (trialId, current, events): Trial => {
  const first = events[0]!
  const trial =
    current ??
    buildTrial({
      id: trialId,
      workspaceId: first.workspaceId,
      userId: trialId.slice(trialId.indexOf(':u:') + 3),
    })
  const times = events.map(({ event }) => event.at)
  return {
    ...trial,
    absorbed: [...trial.absorbed, ...events.map(({ event }) => event.messageId)],
    usage: {
      ...trial.usage,
      total: trial.usage.total + events.length,
      firstSeenAt: Math.min(trial.usage.firstSeenAt ?? Number.POSITIVE_INFINITY, ...times),
      lastSeenAt: Math.max(trial.usage.lastSeenAt ?? 0, ...times),
    },
  }
}
