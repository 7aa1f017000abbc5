import * as z from 'zod'
import { billingStateSchema } from './billing.ts'
import {
  decisionOutcomes,
  messageKinds,
  paces,
  recipientRoles,
  segments,
  suppressionReasons,
  trialStatuses,
} from './trial.ts'

/** One trialist as the API tells it. Instants are ISO 8601, UTC, with milliseconds. */

const at = z.iso.datetime()
const kind = z.enum(messageKinds)

const recipient = z.string().describe('Of a company: user id of the member it is for.')

export const nextSchema = z
  .object({
    kind,
    ruleId: z.string(),
    at: at.nullable().describe('null: it waits for something that is not time, see why.'),
    why: z.string(),
    to: recipient.optional(),
  })
  .meta({ id: 'NextMessage' })

export const milestoneSchema = z.object({
  name: z.string(),
  event: z.string(),
  count: z.int().describe('Counts on past the threshold.'),
  threshold: z.int(),
  reachedAt: at.nullable(),
})

const messageSchema = z
  .object({
    key: z.string(),
    kind,
    ruleId: z.string(),
    to: recipient.optional(),
    roles: z.array(z.enum(recipientRoles)).optional().describe('As what they got it.'),
    state: z.enum(['due', 'claimed', 'dot', 'sent', 'failed', 'unknown', 'superseded']),
    subject: z.string().nullable(),
    messageId: z.string().nullable(),
    token: z.string().nullable(),
    cycle: z.int(),
    attempts: z.int(),
    answer: z.string().nullable(),
    blocked: z
      .object({ why: z.string(), usefulUntil: at })
      .nullable()
      .describe(
        'It could not be written and would still be of use: it is tried again when its cause is gone.',
      ),
    dueAt: at,
    nextAttemptAt: at.nullable(),
    sentAt: at.nullable(),
    openedAt: at.nullable(),
    clickedAt: at.nullable(),
    repliedAt: at.nullable(),
    bouncedAt: at.nullable(),
  })
  .meta({ id: 'TrialistMessage' })

const extensionSchema = z
  .object({
    id: z.string(),
    at,
    days: z.int(),
    before: at.nullable(),
    after: at,
    by: z.object({ kind: z.enum(['rep', 'trialist', 'api', 'billing', 'system']), name: z.string() }),
    reason: z.string(),
    note: z.string(),
    undoneAt: at.nullable(),
  })
  .meta({ id: 'TrialistExtension' })

export const trialistSchema = z
  .object({
    userId: z.string().nullable(),
    anonymousId: z.string().nullable(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    companyId: z
      .string()
      .optional()
      .describe('Where everyone of a company shares one trial: the company of this person.'),
    plan: z.string().nullable(),
    locale: z.string().nullable(),
    timeZone: z.string().nullable(),
    traits: z.record(z.string(), z.unknown()),
    consent: z.object({ mail: z.boolean().nullable(), tracking: z.boolean().nullable() }),
    segment: z.enum(segments),
    segmentSince: at,
    pace: z.enum(paces),
    score: z.int().min(0).max(100),
    reasons: z.array(z.string()),
    activatedAt: at.nullable(),
    milestones: z.array(milestoneSchema),
    values: z.record(z.string(), z.number()).describe('Numbers of the playbook that are above 0.'),
    trial: z.object({
      startsAt: at,
      endsAt: at.nullable(),
      status: z.enum(trialStatuses),
      cycle: z.int(),
      convertedAt: at.nullable(),
    }),
    billing: billingStateSchema
      .nullable()
      .optional()
      .describe('Its subscription in the billing system; null: none is known.'),
    next: nextSchema.nullable(),
    decisions: z.array(
      z.object({
        at,
        kind,
        ruleId: z.string(),
        outcome: z.enum(decisionOutcomes),
        why: z.string(),
        to: recipient.optional(),
      }),
    ),
    messages: z.array(messageSchema),
    extensions: z.array(extensionSchema),
    suppressed: z.object({ reason: z.enum(suppressionReasons), at }).nullable(),
    repliedAt: at.nullable(),
    repMailedAt: at.nullable(),
    pausedUntil: at.nullable(),
    survey: z.object({ answer: z.string(), at, comment: z.string().nullable() }).nullable(),
    counts: z.record(z.string(), z.int()).describe('How often each event has happened.'),
    firstSeenAt: at.nullable(),
    lastSeenAt: at.nullable(),
    activeDays: z.int(),
    createdAt: at,
    version: z.int(),
  })
  .meta({ id: 'Trialist', description: 'All about one trialist.' })

export type Trialist = z.output<typeof trialistSchema>
