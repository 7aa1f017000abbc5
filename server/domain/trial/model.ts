import type {
  DecisionOutcome,
  EmailAddress,
  MessageKey,
  MessageKind,
  Pace,
  RecipientRole,
  Segment,
  SuppressionReason,
  TrialId,
  TrialStatus,
  WorkspaceId,
} from '../../../shared/trial.ts'
import type { Company, Membership, Recipient } from './company.ts'

/**
 * The trial is the unit of consistency: one document holds all that decides what happens next to one person.
 * All of it is plain JSON; instants are epoch milliseconds. It changes only through {@link reduce}.
 */
export interface Trial {
  readonly id: TrialId
  readonly workspaceId: WorkspaceId
  /** null until the person is known. */
  readonly userId: string | null
  readonly anonymousId: string | null
  /** Raised by one at each save; the storage compares it before it sets. 0 = never saved. */
  readonly version: number
  readonly createdAt: number
  readonly person: Person
  readonly clock: TrialClock
  readonly usage: Usage
  /** Usage of a named person that unsigned events speak of, see {@link withClaims}; absent: none. */
  readonly claimed?: Usage
  readonly standing: Standing
  readonly contact: Contact
  readonly outbox: readonly OutboxMessage[]
  /** Of emails that were written, never went and are no longer in the outbox: an erasure finds their texts by them. */
  readonly formerTokens?: readonly string[]
  /** Newest last, at most {@link decisionLimit}. */
  readonly decisions: readonly Decision[]
  /**
   * Rules decided against (skipped, superseded, held out), by `<ruleId>/<cycle>`, with the due time that decision
   * was about: a later due time opens the matter again.
   */
  readonly settled: Readonly<Record<string, number>>
  readonly survey: { readonly answer: string; readonly at: number; readonly comment: string | null } | null
  readonly nudges: Readonly<Record<string, NudgeState>>
  /** What unsigned events reported of nudges: counted for their lift, held against no one. */
  readonly claimedNudges?: Readonly<Record<string, NudgeState>>
  /** Anonymous visitors whose usage was taken over; each only once, at most {@link absorbedLimit}. */
  readonly absorbed: readonly string[]
  /** Former user ids of this person, whose trials were taken over; each only once, at most {@link adoptedLimit}. */
  readonly adopted?: readonly string[]
  /** The trial of the person that this visitor, or this former user id, turned out to be; or of a user’s company. */
  readonly mergedInto: TrialId | null
  /** Of a company: one clock and one outbox for all its people. `person` then says what is known of the company. */
  readonly company?: Company
  /** On a user’s own document: what was said last of their company. */
  readonly membership?: Membership
  /** Whose eyes a company’s trial is seen through, see `asRecipient`; never stored. */
  readonly recipient?: Recipient
  /** On a former user id: messages that came after it was taken over, and are counted there by themselves. */
  readonly late?: readonly string[]
  /** No one has proven that; the first who does has the visitor. */
  readonly mergedByClaim?: true
  /** Earliest moment anything about this trial can change by itself; the due loop reads only this. */
  readonly nextAt: number | null
  /** The email that comes next as things stand now, and why (or why none). */
  readonly next: NextMessage | null
  /** Version of the playbook that `next` and `nextAt` last came from; absent: of any. */
  readonly plannedBy?: number
}

export const decisionLimit = 100
/** No one has so many devices; strangers can make up as many as they like. */
export const absorbedLimit = 1000
/** Ids that one person may have had; so many at most become one another in a row. */
export const adoptedLimit = 100

export interface Person {
  /** Only from a secret key or a signed identity; null means no email can go out. */
  readonly email: EmailAddress | null
  readonly name: string | null
  readonly locale: string | null
  /** IANA name, checked. */
  readonly timeZone: string | null
  readonly traits: Readonly<Record<string, unknown>>
  /** When each was said, by trait (fields with a leading `@`): the latest word holds, in whatever order it arrives. */
  readonly traitsAt: Readonly<Record<string, number>>
  readonly company: string | null
  readonly plan: string | null
  readonly consent: { readonly mail: boolean | null; readonly tracking: boolean | null }
}

export interface TrialClock {
  readonly status: TrialStatus
  readonly startsAt: number
  /** null: no end (free plan). */
  readonly endsAt: number | null
  /** The calendar day (`YYYY-MM-DD`) whose local end is `endsAt`, when the end was given as a day. */
  readonly endsOn?: string | null
  /** The end that each source named last: saying it again is no news. */
  readonly said?: Readonly<Partial<Record<Actor['kind'], SaidEnd>>>
  /** Which end date is being told: rises when the end moves later by ≥ 24 h after an email quoted the old one. */
  readonly cycle: number
  /** The end that the last email with a date in it named, and in which cycle. */
  readonly quotedEndsAt: number | null
  readonly convertedAt: number | null
  /** Begun by unsigned events alone: the first trusted word begins it again. */
  readonly provisional?: true
  /** When it became known, of a trial that had long begun by then: no email speaks of what lies before. */
  readonly historyUntil?: number
  readonly extensions: readonly Extension[]
}

/** An end as a source named it: an instant, a calendar day, or none. */
export interface SaidEnd {
  readonly end: number | string | null
  readonly at: number
  /** What this source had said before that instant. */
  readonly was?: number | string | null
}

export interface Extension {
  readonly id: string
  readonly at: number
  readonly days: number
  readonly before: number | null
  readonly after: number
  readonly by: Actor
  readonly reason: string
  readonly note: string
  readonly undoneAt: number | null
  /** What undoing it puts back beside the end. */
  readonly cycleBefore: number
  readonly quotedBefore: number | null
}

export interface Actor {
  readonly kind: 'rep' | 'trialist' | 'api' | 'billing' | 'system'
  readonly name: string
}

/** What was used, in a form in which neither order nor grouping of events matters. */
export interface Usage {
  readonly counters: Readonly<Record<string, Counter>>
  /** Events whose names found no room among the counters. */
  readonly otherCount: number
  readonly total: number
  readonly firstSeenAt: number | null
  readonly lastSeenAt: number | null
  /** Distinct UTC days with any event, as days since 1970, ascending, the latest 400. */
  readonly activeDays: readonly number[]
  /** Events by UTC hour of day, 24 numbers: when this person works. */
  readonly hours: readonly number[]
}

export interface Counter {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** The earliest instants, ascending, as many as the milestone's threshold asks for (none when no milestone does). */
  readonly earliest: readonly number[]
}

/** Derived from usage, traits and playbook; stored only so that lists can be read without recomputing. */
export interface Standing {
  readonly segment: Segment
  readonly segmentSince: number
  readonly pace: Pace
  /** 0 to 100. */
  readonly score: number
  readonly reasons: readonly string[]
  /** By milestone name: when its threshold was reached. */
  readonly reachedAt: Readonly<Record<string, number>>
  readonly activatedAt: number | null
  /** Activated, but a fit rule still forbids pitches. */
  readonly noPitch?: boolean
}

export interface Contact {
  readonly suppressed: { readonly reason: SuppressionReason; readonly at: number } | null
  readonly repliedAt: number | null
  readonly repMailedAt: number | null
  /** Automation rests until then by a rep's wish. */
  readonly pausedUntil: number | null
  readonly lastTrialMailAt: number | null
  /** Imported without messages: nothing goes out until a pause is ended. */
  readonly silencedAt?: number | null
  readonly softBounces: readonly number[]
}

export type { SuppressionReason }

/**
 * due → claimed → dot → sent | failed | unknown, or due again after a transient refusal.
 * `superseded`: a more relevant email went, or the facts changed before the dot.
 */
type MessageState = 'due' | 'claimed' | 'dot' | 'sent' | 'failed' | 'unknown' | 'superseded'

export interface OutboxMessage {
  readonly key: MessageKey
  readonly ruleId: string
  readonly kind: MessageKind
  readonly cycle: number
  /** Of a company’s email: the member it goes to, and as what. */
  readonly to?: string
  readonly roles?: readonly RecipientRole[]
  readonly state: MessageState
  /** When the rule made it due, after the send window was applied. */
  readonly dueAt: number
  /** Not later than this: afterwards it is of no use. */
  readonly notAfter: number
  /** How many were answered or broken off, with the one under way; the delay to the next grows with them. */
  readonly attempts: number
  readonly nextAttemptAt: number
  /** The lease under which it is being sent; a writer with an older one is too late. */
  readonly fence: number | null
  /** What the decision rested on, see factsOf(); the gate refuses when it differs. */
  readonly facts: string | null
  /** Opaque token of links, VERP and replies. */
  readonly token: string | null
  readonly messageId: string | null
  readonly subject: string | null
  readonly variant: number | null
  readonly bodyHash: string | null
  readonly endsAtQuoted: number | null
  readonly dotAt: number | null
  readonly sentAt: number | null
  /** Last answer of the mail server or our own reason, in words. */
  readonly answer: string | null
  /** Why it could not be written; it can be tried again once the cause is gone. */
  readonly blockedWhy?: string | null
  readonly blockedAt?: number | null
  /** Due while its workspace sends nothing: why, and when to look again; it does not wait longer once that is over. */
  readonly held?: { readonly why: string; readonly until: number }
  readonly openedAt: number | null
  readonly clickedAt: number | null
  readonly repliedAt: number | null
  readonly bouncedAt: number | null
}

/** One line of "why did, or did not, this person get it". */
export interface Decision {
  readonly at: number
  readonly ruleId: string
  readonly kind: MessageKind
  readonly outcome: DecisionOutcome
  readonly why: string
  /** Of a company: the member it was about. */
  readonly to?: string
}

export interface NextMessage {
  readonly kind: MessageKind
  readonly ruleId: string
  /** null: it waits for something that is not time, e.g. an address. */
  readonly at: number | null
  readonly why: string
  /** Of a company: the member it goes to. */
  readonly to?: string
}

export interface NudgeState {
  readonly shownAt: readonly number[]
  readonly dismissals: number
  readonly snoozedUntil: number | null
  readonly clickedAt: number | null
  readonly heldOut: boolean
}

/** One event after validation, identity resolution and clock correction. */
export interface TrackedEvent {
  readonly messageId: string
  readonly type: 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias'
  /** Event name of a track call; `Viewed <name> Page` style names are not invented: pages count as `page`. */
  readonly name: string
  /** When it happened, skew corrected, never after its receipt. */
  readonly at: number
  readonly receivedAt: number
  /** From a secret key or with a valid signed identity. */
  readonly verified: boolean
  /** Names a person and proves nothing (trusting workspaces), see {@link withClaims}. */
  readonly claimed?: true
  /** In the trial of a company: the user who did it. */
  readonly actor?: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly traits: Readonly<Record<string, unknown>>
}
