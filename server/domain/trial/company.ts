import type { RecipientRole, TrialId } from '../../../shared/trial.ts'
import type { Contact, Person, Trial } from './model.ts'

/**
 * A company with one trial for all its people. What the company did is the sum of what its members did, of those who
 * have left too: {@link Trial.usage} is kept in step with the parts here, in the same save.
 */
export interface Company {
  /** As the product names it. */
  readonly id: string
  /** By user id, at most {@link memberLimit}; those who left stay as long as there is room. */
  readonly members: Readonly<Record<string, Member>>
  /** Done by people who are not among the members: erased ones, and those for whom there was no room. */
  readonly others: MemberUsage
  /** How many people found no room. */
  readonly beyond: number
}

/** Of more people only the number is known, and what they do counts for the company. */
export const memberLimit = 200

export interface Member {
  readonly person: Person
  /** Absent: nothing has happened yet. */
  readonly contact?: Contact
  readonly usage: MemberUsage
  /** The first that is known of them here; as late as can be while no more than their leaving is. */
  readonly joinedAt: number
  /** When it was said that they belong here, or no longer do: the latest word holds. */
  readonly saidAt: number
  /** Belongs here no more, or no one has said so yet; what they did stays. */
  readonly left?: true
  readonly survey?: Trial['survey']
  readonly nudges?: Trial['nudges']
  /** Former user ids of this person. */
  readonly adopted?: readonly string[]
}

/** What one person did, without the counters that no milestone asks for. */
export interface MemberUsage {
  readonly total: number
  /** Of the events of milestones, and `upgradeAsked`. */
  readonly counters: Readonly<Record<string, MemberCounter>>
  readonly firstSeenAt: number | null
  readonly lastSeenAt: number | null
  /** As in `Usage`, the latest {@link memberDayLimit}. */
  readonly activeDays: readonly number[]
  /** Events by UTC hour of day, 24 numbers; none before the first event. */
  readonly hours: readonly number[]
}

export const memberDayLimit = 60

export interface MemberCounter {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** To which company a user belongs, on their own document, which is a signpost from then on. */
export interface Membership {
  readonly at: number
  /** Being carried out: from their own trial (null) or from that company. */
  readonly pending?: { readonly from: TrialId | null }
}

/** The member for whom a company’s trial is looked at, and which of its emails are theirs. */
export interface Recipient {
  readonly userId: string
  /** By rule id; a rule that is not in it is not for them. */
  readonly roles: Readonly<Record<string, readonly RecipientRole[]>>
}

export const noMemberUsage: MemberUsage = {
  total: 0,
  counters: {},
  firstSeenAt: null,
  lastSeenAt: null,
  activeDays: [],
  hours: [],
}

export const newCompany = (id: string): Company => ({ id, members: {}, others: noMemberUsage, beyond: 0 })
