import { LRUCache } from 'lru-cache'
import { secondMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { knownAs, knownAsKey } from '../../domain/trial/known-as.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Unmatched, UnmatchedSubscription } from './unmatched.ts'

/** Whom we have looked for already, and under which address; one that was forgotten costs two needless reads. */
const maxRemembered = 20_000
const hasAnyMs = 10 * secondMs

/** Subscriptions of no one that a person who has just appeared, or has just given an address, owns. */
export function createNewcomers({
  unmatched,
  onFound,
}: {
  unmatched: Unmatched
  onFound: (
    subscription: Pick<UnmatchedSubscription, 'connectionId' | 'ref'>,
    workspaceId: WorkspaceId,
  ) => Promise<void>
}) {
  const known = new LRUCache<TrialId, string>({ max: maxRemembered })
  const anyWaits = new LRUCache<WorkspaceId, Promise<boolean>>({ max: 1000, ttl: hasAnyMs })

  function hasAny(workspaceId: WorkspaceId): Promise<boolean> {
    const cached = anyWaits.get(workspaceId)
    if (cached) return cached
    const asked = unmatched.hasAny(workspaceId)
    anyWaits.set(workspaceId, asked)
    return asked
  }

  return {
    /** Asked at every save, so it must cost next to nothing. @returns whether this person has to be looked for. */
    isNews(trial: Trial): boolean {
      const key = knownAsKey(trial)
      if (key === null || known.get(trial.id) === key) return false
      known.set(trial.id, key)
      return true
    },
    async welcome(trial: Trial): Promise<void> {
      const { workspaceId } = trial
      if (!(await hasAny(workspaceId))) return
      for (const who of knownAs(trial))
        for (const found of await unmatched.waitingFor(workspaceId, who)) await onFound(found, workspaceId)
    },
    /** One waits from now on. */
    noteWaiting(workspaceId: WorkspaceId): void {
      anyWaits.set(workspaceId, Promise.resolve(true))
    },
  }
}
