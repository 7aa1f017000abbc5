import * as z from 'zod'
import { parseInstant } from './clock.ts'
import { isPlaceholderId } from './placeholder-id.ts'
import { nudgeFormats, segments, trialStatuses } from './trial.ts'

/**
 * The collect API: Segment’s HTTP tracking API on the way in, verdict per event and the server’s decisions on the
 * way out. The hot path uses a hand-written validator that property tests hold equal to these schemas.
 */

export const collectLimits = {
  eventBytes: 32 * 1024,
  batchBytes: 500 * 1024,
  batchEvents: 500,
  nameChars: 200,
  idChars: 255,
  /** How many objects and arrays may stand inside each other in properties and traits. */
  depth: 20,
} as const

export const eventTypes = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const
export type EventType = (typeof eventTypes)[number]

/** Control characters (C0) break logs and keys, lone surrogates do not survive a database. */
const isPlain = (text: string): boolean =>
  !/\p{Cs}/u.test(text) && [...text].every((character) => character >= ' ')
const plain = (maxChars: number) =>
  z.string().max(maxChars).refine(isPlain, 'no control characters, no lone surrogates')

/** Clients that do not know an id send null or an empty string: both are absent. */
const id = plain(collectLimits.idChars)
  .refine((text) => text === '' || !isPlaceholderId(text), 'no text that stands for a missing id')
  .nullish()
const instant = z
  .string()
  .refine((text) => parseInstant(text) !== null, 'an ISO 8601 instant with a zone')
  .nullish()

/** Neither too deep nor with a NUL in a key, which MongoDB cannot hold. */
function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= collectLimits.depth) return false
  return Object.entries(value).every(([key, inner]) => !key.includes('\0') && isStorable(inner, depth + 1))
}
const bag = z
  .record(z.string(), z.unknown())
  .refine((value) => isStorable(value), `at most ${collectLimits.depth} levels deep, no NUL in a key`)
  .nullish()

/** Why one event of a batch was not taken. The batch as a whole is still answered with 200. */
const rejectionCodes = [
  'not_an_object',
  'invalid_type',
  'invalid_user_id',
  'invalid_anonymous_id',
  'no_identity',
  'invalid_event_name',
  'invalid_name',
  'invalid_group_id',
  'invalid_previous_id',
  'invalid_message_id',
  'invalid_timestamp',
  'invalid_properties',
  'invalid_traits',
  'invalid_context',
  'event_too_large',
  'too_many_events',
  'identity_required',
  'too_many_aliases',
  'bot',
] as const
export type RejectionCode = (typeof rejectionCodes)[number]

/** One event after its size was checked. `type` may be left out on the paths that name it. */
export const incomingEventSchema = z
  .looseObject({
    type: z.enum(eventTypes),
    messageId: id,
    userId: id,
    anonymousId: id,
    event: plain(collectLimits.nameChars).nullish(),
    name: z.string().max(collectLimits.nameChars).nullish(),
    category: z.string().max(collectLimits.nameChars).nullish(),
    groupId: id,
    previousId: id,
    properties: bag,
    traits: bag,
    context: bag,
    timestamp: instant,
    originalTimestamp: instant,
    sentAt: instant,
  })
  .refine((event) => event.type !== 'track' || event.event, {
    path: ['event'],
    message: 'a track call needs the name of its event',
  })
  .refine((event) => event.userId || event.anonymousId, {
    path: ['userId'],
    message: 'userId or anonymousId is needed',
  })
  .meta({ id: 'IncomingEvent' })

export const collectAnswerSchema = z
  .object({
    success: z.literal(true),
    now: z.int().describe('Server clock, epoch milliseconds.'),
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.array(
      z.object({ index: z.int(), messageId: z.string().nullable(), code: z.enum(rejectionCodes) }),
    ),
    ignored: z
      .array(
        z.object({
          index: z.int(),
          messageId: z.string().nullable(),
          fields: z.array(z.string()).describe('Left out of this event because they could not be read.'),
        }),
      )
      .optional()
      .describe('Accepted events of which something was left out.'),
    identity: z
      .literal('unsigned')
      .optional()
      .describe('A user was named without a valid token, so this counted for the visitor only.'),
    help: z.string().optional().describe('What to do about it.'),
    trial: z
      .object({
        status: z.enum(trialStatuses),
        segment: z.enum(segments),
        endsAt: z.iso.datetime().nullable(),
        milestones: z.array(
          z.object({
            name: z.string(),
            count: z.int(),
            threshold: z.int(),
            reached: z.boolean(),
            event: z.string().optional().describe('Lets the browser count on before the next answer.'),
            hint: z.string().optional(),
            url: z.string().optional(),
            label: z.string().optional(),
          }),
        ),
        values: z.record(z.string(), z.number()),
        counts: z
          .record(z.string(), z.int())
          .describe('Counters that local nudge rules of this playbook ask for.'),
      })
      .optional(),
    nudges: z
      .array(
        z.object({
          id: z.string(),
          format: z.enum(nudgeFormats),
          title: z.string(),
          body: z.string(),
          action: z.object({ label: z.string(), url: z.string() }).nullable(),
          dismiss: z.string(),
          question: z.string().nullable(),
          answers: z.array(z.string()),
          anchor: z.string().nullable(),
          meter: z
            .object({
              used: z.number(),
              limit: z.number(),
              unit: z.string(),
              event: z.string().optional().describe('Lets the browser count on before the next answer.'),
            })
            .nullable(),
          priority: z.int(),
          maxShows: z.int(),
          snoozeMs: z.int(),
          locale: z.string(),
          dir: z.enum(['ltr', 'rtl']),
          cause: z
            .string()
            .nullable()
            .describe('messageId of the event that earned it, to measure event → painted.'),
          heldOut: z
            .boolean()
            .optional()
            .describe(
              'Control group: not shown; the browser reports `Nudge Held Out` when it would have been.',
            ),
          theme: z.string().optional().describe('CSS custom properties of the brand.'),
        }),
      )
      .optional(),
    rules: z.unknown().optional().describe('Local nudge rules, only when the etag the browser sent differs.'),
    prefetch: z
      .boolean()
      .optional()
      .describe('A nudge is live for this person: fetch the nudge chunk at idle.'),
  })
  .meta({ id: 'CollectAnswer' })

export type CollectAnswer = z.output<typeof collectAnswerSchema>
export type TrialSnapshot = NonNullable<CollectAnswer['trial']>
export type NudgeInstance = NonNullable<CollectAnswer['nudges']>[number]

/** Local rules as the browser receives them: conditions already resolved to what its facts can answer. */
export interface LocalRules {
  etag: string
  /** Event names a rule or milestone names: the browser sends these at once instead of batching them. */
  urgent: string[]
  rules: {
    nudge: NudgeInstance
    on: 'any' | { event: string } | { page: string }
    when: import('./condition.ts').Condition
    /** Share of people who are not shown it, see `isHeldOut`; their exposure is reported as `Nudge Held Out`. */
    holdoutShare?: number
  }[]
  caps: { perSession: number; perDay: number; perWeek: number; gapMs: number }
}
