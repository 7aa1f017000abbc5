import type { OutboxMessage, Trial } from '../../server/domain/model.ts'
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
  return {
    id: idOf(rest.workspaceId ?? workspaceId, userId, rest.anonymousId ?? null),
    workspaceId,
    anonymousId: null,
    version: 0,
    createdAt,
    outbox: [],
    decisions: [],
    settled: {},
    survey: null,
    nudges: {},
    absorbed: [],
    mergedInto: null,
    nextAt: null,
    next: null,
    ...rest,
    userId,
    person: {
      email: null,
      name: null,
      locale: null,
      timeZone: null,
      traits: {},
      traitsAt: {},
      company: null,
      plan: null,
      consent: { mail: null, tracking: null },
      ...person,
    },
    clock: {
      status: userId === null ? 'anonymous' : 'trialing',
      startsAt: createdAt,
      endsAt: createdAt + 14 * 24 * 3_600_000,
      cycle: 0,
      quotedEndsAt: null,
      convertedAt: null,
      extensions: [],
      ...clock,
    },
    usage: {
      counters: {},
      otherCount: 0,
      total: 0,
      firstSeenAt: null,
      lastSeenAt: null,
      activeDays: [],
      hours: Array(24).fill(0),
      ...usage,
    },
    standing: {
      segment: 'unaware',
      segmentSince: createdAt,
      pace: 'not_started',
      score: 0,
      reasons: [],
      reachedAt: {},
      activatedAt: null,
      ...standing,
    },
    contact: {
      suppressed: null,
      repliedAt: null,
      repMailedAt: null,
      pausedUntil: null,
      lastTrialMailAt: null,
      softBounces: [],
      ...contact,
    },
  }
}

function idOf(workspace: WorkspaceId, userId: string | null, anonymousId: string | null): TrialId {
  return userId === null
    ? trialIdOfAnonymous(workspace, anonymousId ?? 'visitor-1')
    : trialIdOfUser(workspace, userId)
}

/** A mail that was accepted at {@link someTime}, of rule `rule`. */
export const buildMessage = (patch: Partial<OutboxMessage> = {}): OutboxMessage => ({
  key: 'acme:u:user-1/rule/0' as MessageKey,
  ruleId: 'rule',
  kind: 'upgrade_now',
  cycle: 0,
  state: 'sent',
  dueAt: someTime,
  notAfter: someTime,
  attempts: 1,
  nextAttemptAt: someTime,
  fence: null,
  facts: null,
  token: 'AAAAAAAAAAAAAAAAAAAAAA',
  messageId: null,
  subject: null,
  variant: 0,
  bodyHash: null,
  endsAtQuoted: null,
  dotAt: someTime,
  sentAt: someTime,
  answer: '250 ok',
  openedAt: null,
  clickedAt: null,
  repliedAt: null,
  bouncedAt: null,
  ...patch,
})
