import { freshMessage } from '../../server/domain/messages/fresh-message.ts'
import { blankTrial } from '../../server/domain/trial/blank-trial.ts'
import type { OutboxMessage, Trial } from '../../server/domain/trial/model.ts'
import { dayMs } from '../../shared/clock.ts'
import {
  type MessageKey,
  type TrialId,
  trialIdOfAnonymous,
  trialIdOfUser,
  type WorkspaceId,
} from '../../shared/trial.ts'

export const workspaceId = 'acme' as WorkspaceId

/** 1 September 2026, 12:00 UTC: a moment for tests that need one. */
export const someTime = Date.UTC(2026, 8, 1, 12)

type TrialPatch = Partial<Omit<Trial, 'person' | 'clock' | 'usage' | 'standing' | 'contact'>> & {
  readonly person?: Partial<Trial['person']>
  readonly clock?: Partial<Trial['clock']>
  readonly usage?: Partial<Trial['usage']>
  readonly standing?: Partial<Trial['standing']>
  readonly contact?: Partial<Trial['contact']>
}

/** A trial of user `user-1` that has just begun and never been saved; the patch goes one level deep. */
export function buildTrial(patch: TrialPatch = {}): Trial {
  const { person, clock, usage, standing, contact, ...rest } = patch
  const userId = rest.userId === undefined ? 'user-1' : rest.userId
  const createdAt = rest.createdAt ?? someTime
  const id = idOf(rest.workspaceId ?? workspaceId, userId, rest.anonymousId ?? null)
  const blank = blankTrial({ id, workspaceId, userId, anonymousId: null }, createdAt)
  return {
    ...blank,
    ...rest,
    userId,
    person: { ...blank.person, ...person },
    clock: { ...blank.clock, endsAt: createdAt + 14 * dayMs, ...clock },
    usage: { ...blank.usage, ...usage },
    standing: { ...blank.standing, ...standing },
    contact: { ...blank.contact, ...contact },
  }
}

function idOf(workspace: WorkspaceId, userId: string | null, anonymousId: string | null): TrialId {
  return userId === null
    ? trialIdOfAnonymous(workspace, anonymousId ?? 'visitor-1')
    : trialIdOfUser(workspace, userId)
}

/** An email that was accepted at {@link someTime}, of rule `rule`. */
export const buildMessage = (patch: Partial<OutboxMessage> = {}): OutboxMessage => ({
  ...freshMessage(
    {
      key: 'acme:u:user-1/rule/0' as MessageKey,
      ruleId: 'rule',
      kind: 'upgrade_now',
      cycle: 0,
      dueAt: someTime,
      notAfter: someTime,
    },
    someTime,
  ),
  state: 'sent',
  attempts: 1,
  token: 'AAAAAAAAAAAAAAAAAAAAAA',
  variant: 0,
  dotAt: someTime,
  sentAt: someTime,
  answer: '250 ok',
  ...patch,
})
