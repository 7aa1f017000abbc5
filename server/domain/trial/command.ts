import type { EmailAddress, MessageKey, SuppressionReason, TrialId } from '../../../shared/trial.ts'
import type { BounceClass } from './bounce.ts'
import type { Member } from './company.ts'
import type { Actor, Extension, OutboxMessage, TrackedEvent, Trial, Usage } from './model.ts'

/** What can be asked of a trial, and what it came to: the one way a trial changes is {@link reduce}. */

/** What a trusted caller says about a person: absent keeps, null clears. */
export interface PersonPatch {
  readonly email?: EmailAddress | null
  readonly name?: string | null
  readonly locale?: string | null
  readonly timeZone?: string | null
  readonly traits?: Readonly<Record<string, unknown>>
  readonly company?: string | null
  readonly plan?: string | null
  readonly consent?: { readonly mail?: boolean | null; readonly tracking?: boolean | null }
  readonly trial?: {
    readonly startsAt?: number
    readonly endsAt?: number | null
    /** `YYYY-MM-DD`: the end of that day where the person lives. Instead of `endsAt`. */
    readonly endsOn?: string
  }
}

export interface Claim {
  readonly key: MessageKey
  readonly fence: number
}

/** Of a company: whom a command is about. Absent: the company as a whole, or whose email it is about. */
interface Acting {
  readonly userId?: string
}

export type Command = (PersonCommand & Acting) | MemberCommand

/** How users come to companies and leave them. */
type MemberCommand =
  /** On a user’s own document: from now on they belong to that company. An earlier word does not outweigh a later one. */
  | { readonly type: 'enlist'; readonly into: TrialId; readonly at: number }
  /** On a user’s own document: the company has taken over what they had. */
  | { readonly type: 'enlisted'; readonly at: number }
  /** On a user’s own document: they have a trial of their own again, with what they did at the company. */
  | { readonly type: 'delist'; readonly from: Trial }
  /** On a user’s own document: a device of theirs whose usage the company has counted. */
  | { readonly type: 'noteVisitor'; readonly anonymousId: string }
  | {
      readonly type: 'join'
      readonly userId: string
      readonly at: number
      /** Their own trial, ended by `enlist`: taken over once. */
      readonly from?: Trial
      /** As the company knew them that they come from. */
      readonly moved?: Member
    }
  | { readonly type: 'leave'; readonly userId: string; readonly at: number }
  /** @param erased nothing of them stays but what they did. Else: another company has them now. */
  | { readonly type: 'forgetMember'; readonly userId: string; readonly erased?: true }

type PersonCommand =
  | { readonly type: 'track'; readonly events: readonly TrackedEvent[] }
  | {
      readonly type: 'describe'
      readonly patch: PersonPatch
      readonly by: Actor
      /** When it was said, for what arrives out of order: an earlier word does not outweigh a later one. Default: now. */
      readonly at?: number
      /** The end the caller saw; another one is refused as a conflict. undefined: not compared. */
      readonly expectedEnd?: number | null
      /** When the dates would take back an extension: refuse all of it (default), or keep the end and take the rest. */
      readonly onShorten?: 'refuse' | 'keep'
      /** When someone new began of whom no dates are said. */
      readonly startIfNew?: number
    }
  | {
      readonly type: 'absorb'
      readonly anonymousId: string
      readonly usage: Usage
      /** `anonymousId` names one late message of a former user id, no visitor. */
      readonly ofUser?: true
      /** By an unsigned event. */
      readonly claimed?: true
    }
  | { readonly type: 'merge'; readonly into: TrialId; readonly claimed?: true }
  /** This user id is a former one of someone whom another id names from now on. */
  | {
      readonly type: 'retire'
      readonly into: TrialId
      /** Which ids the one that stays has had; absent: none. */
      readonly formerIds?: readonly string[]
    }
  | { readonly type: 'adopt'; readonly from: Trial }
  | {
      readonly type: 'extend'
      readonly id: string
      /** Exactly one of both. */
      readonly days?: number
      readonly until?: number
      readonly reason: string
      readonly note: string
      readonly by: Actor
      /** The end the caller saw; another one is refused as a conflict. undefined: not compared. */
      readonly expectedEnd?: number | null
    }
  | { readonly type: 'undoExtension'; readonly id: string; readonly by: Actor }
  | { readonly type: 'convert'; readonly plan: string | null; readonly at: number; readonly by: Actor }
  /** The payment that was expected did not come. */
  | { readonly type: 'takeBackConversion'; readonly by: Actor }
  /** @param address of a company: all its members who have it */
  | { readonly type: 'suppress'; readonly reason: SuppressionReason; readonly address?: EmailAddress }
  | { readonly type: 'unsuppress'; readonly address?: EmailAddress }
  | { readonly type: 'replied'; readonly key: MessageKey | null; readonly at: number }
  | { readonly type: 'repMailed'; readonly at: number }
  /** Ending it (null) also ends a silence. */
  | { readonly type: 'pause'; readonly until: number | null }
  /** Known, and not to be emailed until someone says so. */
  | { readonly type: 'silence' }
  | { readonly type: 'skipNext'; readonly ruleId: string; readonly by: Actor }
  | { readonly type: 'answerSurvey'; readonly answer: string; readonly comment: string | null }
  /** `address`: where the email went, which may no longer be the person’s. Absent: theirs. */
  | {
      readonly type: 'softBounce' | 'hardBounce'
      readonly key: MessageKey | null
      readonly at: number
      readonly address?: EmailAddress | undefined
    }
  | {
      readonly type: 'evidence'
      readonly key: MessageKey
      readonly what: 'open' | 'click'
      readonly at: number
    }
  /** Earlier evidence turned out to be a machine’s. @param at of the first that still counts; null: none does */
  | {
      readonly type: 'retractEvidence'
      readonly key: MessageKey
      readonly what: 'open' | 'click'
      readonly at: number | null
    }
  | {
      readonly type: 'nudge'
      readonly nudgeId: string
      readonly what: 'shown' | 'dismissed' | 'snoozed' | 'clicked' | 'held_out'
      readonly at: number
      readonly claimed?: true
    }
  /** Time has passed: decide what is due, put it into the outbox, drop what came too late. */
  | { readonly type: 'advance' }
  /** A worker holding the storage lease `fence` takes the due message; an older claim of it is over. */
  | {
      readonly type: 'claim'
      readonly fence: number
      /** All but service emails rest, and look again then. */
      readonly paused?: { readonly until: number; readonly why: string } | null
      /** The workspace sends nothing: every email stays due, and is looked at again then. */
      readonly hold?: { readonly until: number; readonly why: string } | null
    }
  /** The workspace sends again: what was held is looked at now. */
  | { readonly type: 'unhold' }
  | {
      readonly type: 'prepared'
      readonly claim: Claim
      readonly token: string
      readonly messageId: string
      readonly subject: string
      readonly variant: number
      readonly bodyHash: string
    }
  /** The template cannot be filled honestly: the email does not go, and says why. */
  | { readonly type: 'block'; readonly claim: Claim; readonly why: string }
  /** @param key of one of them; absent: all that would still be of use */
  | { readonly type: 'retryBlocked'; readonly key?: MessageKey }
  /** Another trial with the same address goes first. @param until null: this email does not go at all */
  | {
      readonly type: 'standAside'
      readonly claim: Claim
      readonly why: string
      readonly until: number | null
    }
  /** The last check before the final dot; refused when anything the email rests on has changed. */
  | { readonly type: 'gate'; readonly claim: Claim }
  | { readonly type: 'sent'; readonly claim: Claim; readonly answer: string }
  | {
      readonly type: 'deferred'
      readonly claim: Claim
      readonly answer: string
      readonly jitter: number
      /** Known when there is use in trying again; without it the usual steps. */
      readonly notBefore?: number
    }
  | {
      readonly type: 'failed'
      readonly claim: Claim
      readonly answer: string
      readonly class: BounceClass
    }
  | { readonly type: 'unknown'; readonly claim: Claim; readonly answer: string }

/** What a command came to. Expected refusals are returned, broken promises are thrown. */
export type Outcome =
  | { readonly ok: true; readonly extension?: Extension; readonly message?: OutboxMessage }
  | { readonly ok: false; readonly reason: Refusal; readonly detail: string }

export type Refusal =
  | 'conflict'
  | 'policy'
  | 'not_found'
  | 'changed'
  | 'stale_fence'
  | 'nothing_due'
  | 'invalid'

export interface Reduced {
  readonly trial: Trial
  readonly outcome: Outcome
}

/** One command by its name. */
export type Of<T extends Command['type']> = Extract<Command, { type: T }>

export const done = (trial: Trial): Reduced => ({ trial, outcome: { ok: true } })

export const refused = (trial: Trial, reason: Refusal, detail: string): Reduced => ({
  trial,
  outcome: { ok: false, reason, detail },
})
