import type { truths } from '../../../shared/api/billing-connections.ts'
import { minuteMs } from '../../../shared/clock.ts'
import type { Trial } from '../trial/model.ts'

/** What a trial and its subscription last agreed on, and what we still want from it. */

/** What both sides last agreed on: who moved since is seen by comparing with it. */
export interface Agreement {
  /** null: never compared so far. */
  readonly endsAt: number | null
  /** An end of ours that the provider will not take, or that contradicts what it says. */
  readonly refused: {
    readonly endsAt: number
    readonly why: string
    /** Refused because the subscription ends before it: sent again once that is taken back. */
    readonly cancelsAt?: number
  } | null
  readonly version: number | null
  /** We converted the trial on its word alone, before any money was seen. */
  readonly isProvisional?: boolean
  /** The plan last synchronised. */
  readonly planId?: string | null
}

export const noAgreement: Agreement = { endsAt: null, refused: null, version: null }

/**
 * Whose word about the end holds. `later`: who moved last, of two moves the later end, and a granted extension is
 * never taken back. `billing`: the billing system’s, always. `trialpace`: ours, always.
 */
export type Truth = (typeof truths)[number]

/** Ends this close are the same: providers keep whole seconds, some round to the minute. */
export const driftMs = minuteMs

export const isSameEnd = (a: number | null, b: number | null): boolean =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= driftMs)

/**
 * The end that people here gave the trial, or null when the present end is not theirs. Read from the trial itself,
 * so that nothing is lost when the process dies between saving the trial and telling the provider.
 */
export function wantedEnd({ clock }: Pick<Trial, 'clock'>): number | null {
  const { endsAt, extensions, status } = clock
  if (status === 'converted') return null
  const isOurs = extensions.some(
    ({ by, after, before, undoneAt }) =>
      by.kind !== 'billing' && (undoneAt === null ? after : before) === endsAt,
  )
  return isOurs ? endsAt : null
}

/** The end of a living extension that people here granted: the one that may have been promised to someone. */
export function grantedEnd({ clock }: Pick<Trial, 'clock'>): number | null {
  const isGranted = clock.extensions.some(
    ({ by, after, undoneAt }) => by.kind !== 'billing' && undoneAt === null && after === clock.endsAt,
  )
  return isGranted && clock.status !== 'converted' ? clock.endsAt : null
}

/** The end that the provider has yet to hear of, or null. */
export function openRequest(
  trial: Pick<Trial, 'clock'>,
  { endsAt, refused }: Agreement,
  truth: Truth = 'later',
): number | null {
  const ours = trial.clock.status === 'converted' ? null : trial.clock.endsAt
  const wanted = truth === 'trialpace' ? ours : wantedEnd(trial)
  if (wanted === null || isSameEnd(wanted, endsAt)) return null
  return refused && isSameEnd(wanted, refused.endsAt) ? null : wanted
}
