import * as z from 'zod'
import { billingStateSchema } from '../billing.ts'
import { daySchema, instantTextSchema } from '../dates.ts'
import { messageKinds, paces, segments, trialStatuses } from '../trial.ts'

/** What the Gmail companion and the server say to each other: one schema for both sides. */

export const wellKnownSchema = z
  .object({
    product: z.literal('trialpace'),
    version: z.string(),
    protocol: z.int(),
    minProtocol: z.int(),
    authorizationEndpoint: z.url(),
    tokenEndpoint: z.url(),
    revocationEndpoint: z.url(),
  })
  .meta({ id: 'WellKnown' })

const instant = z.iso.datetime()
const address = z.string().min(3).max(254)

export const lookupRequestSchema = z
  .strictObject({ emails: z.array(address).min(1).max(100) })
  .meta({ id: 'LookupRequest' })

const teamSchema = z.object({
  companyId: z.string(),
  members: z.array(
    z.object({
      userId: z.string(),
      email: z.string().nullable(),
      name: z.string().nullable(),
      role: z.string().nullable(),
      isChampion: z.boolean(),
      canBuy: z.boolean(),
    }),
  ),
  more: z.int().describe('People who are not in the list.'),
})

export const cardSchema = z
  .object({
    userId: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    plan: z.string().nullable(),
    segment: z.enum(segments),
    pace: z.enum(paces),
    score: z.number(),
    reasons: z.array(z.string()),
    status: z.enum(trialStatuses),
    startsAt: instant,
    endsAt: instant.nullable(),
    timeZone: z.string(),
    lastSeenAt: instant.nullable(),
    potentialMrr: z.object({ amountMinor: z.int(), currency: z.string() }).nullable(),
    /** What the billing system knows; null or absent: nothing. */
    billing: billingStateSchema.nullable().optional(),
    milestones: z.array(
      z.object({ name: z.string(), count: z.int(), threshold: z.int(), reachedAt: instant.nullable() }),
    ),
    next: z
      .object({
        kind: z.enum(messageKinds),
        ruleId: z.string(),
        at: instant.nullable(),
        why: z.string(),
        to: z.string().optional().describe('Of a company: user id of the member it is for.'),
      })
      .nullable(),
    /** Where a company has one trial: everyone who shares it, the champion first. */
    team: teamSchema.optional(),
    pausedUntil: instant.nullable(),
    extensions: z.array(
      z.object({
        id: z.string(),
        at: instant,
        days: z.number(),
        before: instant.nullable(),
        after: instant,
        by: z.string(),
        reason: z.string(),
        undoable: z.boolean(),
      }),
    ),
    /** What the policy still allows; `why` when nothing. */
    extend: z.object({
      options: z.array(z.int()),
      maxDays: z.int(),
      left: z.int(),
      why: z.string().nullable(),
      /** For each option: the new end and which emails move with it. */
      previews: z.array(
        z.object({
          days: z.int(),
          endsAt: instant,
          moves: z.array(
            z.object({ kind: z.enum(messageKinds), from: instant.nullable(), to: instant.nullable() }),
          ),
        }),
      ),
    }),
    recent: z.array(
      z.object({ at: instant, kind: z.enum(messageKinds), outcome: z.string(), why: z.string() }),
    ),
    /** An email that is being handed over right now and may still quote the old date. */
    mailInFlight: z.boolean(),
    repliedAt: instant.nullable(),
    replyLabel: z.enum(['positive', 'negative', 'automatic']).nullable(),
    owner: z.string().nullable(),
    notes: z.array(z.object({ id: z.string(), at: instant, by: z.string(), text: z.string() })),
    version: z.int(),
    now: instant,
  })
  .meta({ id: 'Card' })
export type Card = z.output<typeof cardSchema>

const offerSchema = z.object({ email: z.string(), name: z.string().nullable() })
export type Offer = z.output<typeof offerSchema>

/** One entry per address asked for, lower case; null: not a trialist. */
export const lookupAnswerSchema = z
  .object({
    cards: z.record(z.string(), cardSchema.nullable()),
    /** For addresses of no trialist: trialists whose address differs by a `+tag` only. */
    offers: z.record(z.string(), z.array(offerSchema)).optional(),
    /** Domains of the team, without those at which anyone can have an address. */
    ownDomains: z.array(z.string()),
    team: z.array(z.string()).optional().describe('Names of the accounts, for owners.'),
  })
  .meta({ id: 'LookupAnswer' })
export type LookupAnswer = z.output<typeof lookupAnswerSchema>

const colleagueSchema = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  segment: z.enum(segments),
  status: z.enum(trialStatuses),
})

/** Trialists of the same company, newest trial first. */
export const colleaguesAnswerSchema = z
  .object({
    colleagues: z.array(colleagueSchema),
    more: z.boolean().describe('There are more than these.'),
  })
  .meta({ id: 'ColleaguesAnswer' })
export type ColleaguesAnswer = z.output<typeof colleaguesAnswerSchema>

export const extendRequestSchema = z
  .strictObject({
    days: z.int().min(1).max(730).optional(),
    /** A day counts to its end where the trialist lives. */
    until: z.union([instantTextSchema, daySchema]).optional(),
    reason: z.string().min(1).max(200),
    note: z.string().max(2000).default(''),
    expectedEnd: instantTextSchema.nullable(),
    source: z.strictObject({ app: z.literal('gmail'), threadId: z.string().max(200).nullable() }),
  })
  .refine((body) => (body.days === undefined) !== (body.until === undefined), 'give either days or until')
  .meta({ id: 'ExtendRequest' })
export type ExtendRequest = z.input<typeof extendRequestSchema>

export const snippets = ['extension_offer', 'next_step', 'value_so_far'] as const
export type Snippet = (typeof snippets)[number]
export const snippetAnswerSchema = z.object({ text: z.string() }).meta({ id: 'SnippetAnswer' })
