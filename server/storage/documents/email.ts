import * as z from 'zod'
import { dayMs } from '../../../shared/clock.ts'
import {
  type MessageKind,
  type SuppressionReason,
  suppressionReasons,
  type TrialId,
  type WorkspaceId,
} from '../../../shared/trial.ts'
import { forgetMail, forgetSignal, isForgotten, type KeptMail } from '../../domain/metrics/forgetting.ts'
import type { Tracking } from '../../domain/metrics/measure-message.ts'
import type { RowId } from '../../domain/metrics/measure-trial.ts'
import { actTypes, feedbackTypes, hitTypes, type Signal } from '../../domain/metrics/signal.ts'
import { attachedToTrial, define, throughAttached, workspaceOwned } from './definition.ts'
import { address, counters, instant, messageKey, messageKind, texts, trialId, workspaceId } from './parts.ts'

/** What people did, in their words and with their devices: 13 months, so that a year can be compared with the last. */
export const rawDataMs = 396 * dayMs

/** The emails of one day, rule, variant and language whose links are the same, by a token that all of them share. */
export interface AggregateMail {
  readonly workspaceId: WorkspaceId
  readonly row: RowId
  readonly kind: MessageKind
  readonly links: readonly string[]
  /** When it was first written; absent in those of earlier versions, whose row begins with their day. */
  readonly at?: number
}

/** An address that gets no email in this workspace, anyone who it belongs to. It outlives the erasure of its person. */
export interface Suppression {
  readonly reason: SuppressionReason
  readonly at: number
  /** Who had it then, as far as known; taken out when they are erased. */
  readonly trialIds?: readonly TrialId[]
}

const mode = z.enum(['off', 'aggregate', 'individual'])
const tracking: z.ZodType<Tracking> = z.strictObject({
  opens: mode,
  clicks: mode,
  viewing: z.enum(['off', 'individual']).exactOptional(),
})

const empty = z.strictObject({})

const mailFacts = z.strictObject({
  trialId,
  key: messageKey,
  kind: messageKind,
  at: instant,
  tracking: tracking.exactOptional(),
  to: address.exactOptional(),
})
const mailBody: z.ZodType<KeptMail> = z.union([
  mailFacts.extend({ subject: z.string(), html: z.string(), text: z.string(), links: texts }),
  mailFacts.extend({ isForgotten: z.literal(true) }),
])

const verdict = z.strictObject({
  actor: z.enum(['human', 'machine', 'unknown']),
  confidence: z.enum(['sure', 'high', 'medium', 'low']),
  reasons: texts,
  collapsed: z.boolean(),
  client: z.string(),
  device: z.enum(['desktop', 'phone', 'tablet', 'unknown']),
})
const about = { at: instant, trialId, key: messageKey }
const loadedMs = z.number().nullable().exactOptional()
const signalBody: z.ZodType<Signal> = z.union([
  z.strictObject({
    ...about,
    type: z.enum(hitTypes),
    method: z.string(),
    userAgent: z.string(),
    network: z.string(),
    link: z.int().nullable(),
    page: z.string().exactOptional(),
    verdict,
    verifiedAt: instant.nullable(),
    otherMails: z.int().exactOptional(),
    loadedMs,
  }),
  z.strictObject({ ...about, type: z.enum(actTypes), detail: z.string() }),
  z.strictObject({
    ...about,
    type: z.enum(feedbackTypes),
    detail: z.string(),
    text: z.string().nullable(),
    sentiment: z.string().nullable(),
  }),
  z.strictObject({
    ...about,
    type: z.enum([...hitTypes, ...actTypes, ...feedbackTypes]),
    verdict: verdict.exactOptional(),
    verifiedAt: instant.nullable().exactOptional(),
    sentiment: z.string().nullable().exactOptional(),
    loadedMs,
    isForgotten: z.literal(true),
  }),
])

/** Emails, what comes back from them, and who gets none. */
export const emailDocuments = {
  /** An email that could not be written, while it would be of use; attached to the trial, then a hash of its key. */
  'blocked-email': define({
    body: z.strictObject({ trialId, key: messageKey, kind: messageKind, at: instant, until: instant }),
    owner: { of: 'trialist', places: attachedToTrial, exportAs: null },
    keep: { forMs: 0, since: ({ until }) => until },
  }),

  /** Id: its token. The bare facts stay for good: revenue is credited to an email for as long as its customer pays. */
  mail: define<KeptMail>({
    body: mailBody,
    owner: {
      of: 'trialist',
      places: async ({ tokens }) => tokens.map((id) => ({ id })),
      exportAs: 'mails',
    },
    keep: {
      forMs: rawDataMs,
      since: (mail) => (isForgotten(mail) ? null : mail.at),
      rest: forgetMail,
    },
  }),
  /** Id `<token>/<its own id>`. */
  signal: define<Signal>({
    body: signalBody,
    owner: {
      of: 'trialist',
      places: async ({ tokens }) => tokens.map((token) => ({ prefix: `${token}/` })),
      exportAs: 'signals',
    },
    keep: {
      forMs: rawDataMs,
      since: (signal) => (isForgotten(signal) ? null : signal.at),
      rest: forgetSignal,
    },
  }),
  /** Id: a token that all of them share. */
  'aggregate-mail': define<AggregateMail>({
    body: z.strictObject({
      workspaceId,
      row: z.string(),
      kind: messageKind,
      links: texts,
      at: instant.exactOptional(),
    }),
    owner: workspaceOwned,
    // Links of a person’s own emails end at the same age.
    keep: { forMs: rawDataMs, since: ({ at, row }) => at ?? Date.parse(row.slice(0, 10)) },
  }),
  /** Sums of hits that say nothing about a person, id `<workspace>/<row>`. They are the raw data: there is no other. */
  aggregate: define({ body: counters, owner: workspaceOwned, keep: 'forever' }),
  /** Whose email passes for an address; id `<workspace>/<hash of the address>`, deleted when it has passed. */
  'address-turn': define({
    /** `until`: a process that died in its turn is waited for no longer. */
    body: z.strictObject({ holder: z.string(), until: instant }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: dayMs, since: ({ until }) => until },
  }),
  /** Workspaces that feedback has reached over HTTP, by their id. */
  'inbound-seen': define({
    body: z.strictObject({ at: instant }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id `<workspace>:<hash of the address>`: holds no address, so that the list survives an erasure. */
  suppression: define<Suppression>({
    body: z.strictObject({
      reason: z.enum(suppressionReasons),
      at: instant,
      trialIds: z.array(trialId).readonly().exactOptional(),
    }),
    owner: {
      of: 'trialist',
      places: throughAttached('suppression-name', (_, hash, who) => [{ id: `${who.workspaceId}:${hash}` }]),
      withoutPerson({ trialIds = [], ...entry }, who) {
        const others = trialIds.filter((id) => !who.trialIds.includes(id))
        return others.length > 0 ? { ...entry, trialIds: others } : entry
      },
      exportAs: 'suppressions',
    },
    keep: 'forever',
  }),
  /** Says which entries of the suppression list name a trial: id is attached to the trial, then the entry’s hash. */
  'suppression-name': define({
    body: z.strictObject({ workspaceId }),
    owner: { of: 'trialist', places: attachedToTrial, last: 'pointer', exportAs: null },
    keep: 'forever',
  }),
  /**
   * The list by time, id `<workspace>:<reason>:<time>:<hash>`. It says no more than the entry does without its
   * person, and stays as long.
   */
  'suppression-order': define({ body: empty, owner: workspaceOwned, keep: 'forever' }),
  /** Workspaces whose list is in that order, by their id. */
  'suppression-order-complete': define({ body: empty, owner: workspaceOwned, keep: 'forever' }),
}
