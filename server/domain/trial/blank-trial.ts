import { newCompany } from './company.ts'
import type { Trial } from './model.ts'
import { emptyUsage } from './usage.ts'

/** Someone, or a company, of whom nothing is known: never saved, no address, no end, nothing done. */
export const blankTrial = (
  who: Pick<Trial, 'id' | 'workspaceId' | 'userId' | 'anonymousId'>,
  now: number,
  companyId?: string,
): Trial => ({
  // One by one: a spread here would make every trial a hash table.
  id: who.id,
  workspaceId: who.workspaceId,
  userId: who.userId,
  anonymousId: who.anonymousId,
  version: 0,
  createdAt: now,
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
  },
  clock: {
    status: who.userId === null && companyId === undefined ? 'anonymous' : 'trialing',
    startsAt: now,
    endsAt: null,
    cycle: 0,
    quotedEndsAt: null,
    convertedAt: null,
    extensions: [],
  },
  usage: emptyUsage,
  standing: {
    segment: 'unaware',
    segmentSince: now,
    pace: 'not_started',
    score: 0,
    reasons: [],
    reachedAt: {},
    activatedAt: null,
  },
  contact: {
    suppressed: null,
    repliedAt: null,
    repMailedAt: null,
    pausedUntil: null,
    lastTrialMailAt: null,
    softBounces: [],
  },
  outbox: [],
  decisions: [],
  settled: {},
  survey: null,
  nudges: {},
  absorbed: [],
  mergedInto: null,
  nextAt: null,
  next: null,
  ...(companyId !== undefined && { company: newCompany(companyId) }),
})
