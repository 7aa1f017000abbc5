import * as z from 'zod'
import { brandSchema } from '../playbook/brand.ts'
import { emailContentSchema } from '../playbook/content.ts'
import { messageKinds, segments } from '../trial.ts'
import type { ApiTable } from './endpoint.ts'
import { findingSchema, fixtureNames } from './lint.ts'

const locale = z.string().min(2).max(35)
const ruleId = z.string().min(1).max(60)

/** A kind, or the id of an email of the gallery. */
const readyId = z.string().regex(/^[a-z0-9_-]{1,60}$/)

const readyHead = z.object({
  id: readyId,
  kind: z
    .enum(messageKinds)
    .nullable()
    .describe(
      'The kind whose words these are; null: an email of the gallery, to begin one of your own with.',
    ),
  name: z.string(),
  purpose: z.string().describe('What it is for, in one sentence.'),
})

const readySchema = readyHead
  .extend({ content: emailContentSchema })
  .meta({ id: 'ReadyEmail', description: 'An email we bring, with its words in all our languages.' })

const personSchema = z
  .union([
    z.strictObject({ userId: z.string().min(1).max(255) }),
    z.strictObject({
      segment: z.enum(segments).describe('An invented person of this segment.'),
      fixture: z.enum(fixtureNames).optional().describe('In this situation; default: normal.'),
    }),
  ])
  .describe('Who reads it.')

/** What of a rule an email depends on; a rule that is not saved yet is one as well. */
const ruleSchema = z.strictObject({
  id: ruleId.optional().describe('A rule of the published playbook: what is not given is taken from it.'),
  kind: z.enum(messageKinds).optional().describe('Default: that of the rule, else upgrade_now.'),
  sender: z.enum(['product', 'rep']).optional(),
  milestone: z.string().max(200).optional(),
})

export const contentPreviewBody = z
  .strictObject({
    content: emailContentSchema,
    rule: ruleSchema.default({}),
    brand: brandSchema.optional().describe('Unsaved as well; default: that of the published playbook.'),
    person: personSchema.default({ segment: 'activated' }),
    locale: locale.optional().describe('Default: the person’s own, else the playbook’s.'),
    variant: z.int().min(0).max(2).default(0).describe('Which subject, counted from 0.'),
  })
  .meta({ id: 'ContentPreviewRequest' })

const contentFinding = findingSchema
  .extend({
    block: z.string().nullable().describe('Id of the block it concerns; null: the email as a whole.'),
    field: z.string().nullable().describe('Field of the block, or subject and preheader; null: all of it.'),
    locale: locale.nullable().describe('Only in this language; null: in all.'),
  })
  .meta({ id: 'ContentFinding', description: 'A fault of an email, at its place.' })

const missingSchema = z.object({
  variable: z.string(),
  block: z.string().nullable(),
  field: z.string().nullable(),
  effect: z
    .enum(['else', 'left_out', 'not_sent'])
    .describe(
      'else: its other words are said. left_out: the block is. not_sent: the whole email is held back.',
    ),
})

const previewSchema = z
  .object({
    locale: locale.describe('The language it is written in.'),
    wished: locale.describe('The language that was asked for; another one when its words are incomplete.'),
    subject: z.string(),
    preheader: z.string(),
    html: z.string().describe('Links lead nowhere and count nothing. Put it into a sandboxed frame.'),
    text: z.string(),
    notSent: z
      .string()
      .nullable()
      .describe('Why this person would not get the email; html and text are empty then.'),
    missing: z.array(missingSchema).describe('What is not known about this person, and what follows.'),
    blocks: z
      .array(z.object({ id: z.string(), shown: z.enum(['shown', 'condition', 'missing', 'nothing_to_say']) }))
      .describe('Which blocks this person gets, and why not.'),
    findings: z.array(contentFinding).describe('Errors first.'),
  })
  .meta({ id: 'ContentPreview' })

const variableSchema = z
  .object({
    name: z.string().describe('What stands between the braces.'),
    group: z.enum(['person', 'product', 'trial', 'progress', 'numbers', 'links', 'traits']),
    label: z.string(),
    value: z.string().nullable().describe('As this person would read it; null: missing.'),
    missingFor: z
      .object({ people: z.int(), of: z.int() })
      .nullable()
      .describe(
        'Of the trialists for whom the rule’s condition holds now, at most 2,000; null: never missing.',
      ),
  })
  .meta({ id: 'ContentVariable' })

const languageSchema = z.object({
  locale,
  isSource: z.boolean(),
  missing: z.array(z.string()).describe('Places without words, e.g. `go.label`.'),
  outdated: z.array(z.string()).describe('Places whose source has changed since.'),
  isUsed: z.boolean().describe('false: people of this language get the source language instead.'),
})

const emailLanguages = z.object({
  rule: z.string(),
  kind: z.enum(messageKinds),
  own: z.boolean().describe('false: the words are ours.'),
  source: locale,
  languages: z.array(languageSchema),
})

const languageParams = z.strictObject({
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as de or pt-BR'),
})

const translatedSchema = z
  .object({
    playbook: z.unknown().describe('With the words that were taken; nothing is saved.'),
    taken: z.int(),
    rows: z.array(
      z.object({
        email: z.string(),
        place: z.string(),
        outcome: z
          .enum(['taken', 'unchanged', 'empty', 'refused'])
          .describe('empty: not translated, so what was there stays.'),
        why: z.string().nullable().describe('Why it was refused, e.g. a variable that is missing.'),
      }),
    ),
  })
  .meta({ id: 'ReadTranslations', description: 'What became of each row of a translation.' })

export const contentApi = {
  'GET /api/content/ready': {
    answers: {
      200: { description: 'Ours and the gallery', schema: z.object({ emails: z.array(readyHead) }) },
    },
  },
  'GET /api/content/ready/{id}': {
    params: z.strictObject({ id: readyId }),
    answers: { 200: { description: 'The email, to be edited', schema: readySchema } },
  },
  'POST /api/content/preview': {
    body: contentPreviewBody,
    answers: { 200: { description: 'The email, and what is wrong with it', schema: previewSchema } },
  },
  'POST /api/content/test-send': {
    body: contentPreviewBody.extend({ to: z.email().max(254) }),
    answers: {
      200: {
        description: 'What the mail server said',
        schema: z.object({ state: z.string(), answer: z.string().nullable() }),
      },
    },
  },
  'POST /api/content/variables': {
    body: z.strictObject({
      rule: ruleSchema.default({}),
      person: personSchema.default({ segment: 'activated' }),
      locale: locale.optional(),
    }),
    answers: {
      200: { description: 'What words may name', schema: z.object({ variables: z.array(variableSchema) }) },
    },
  },
  'GET /api/content/translations/{language}': {
    params: languageParams,
    answers: { 200: { description: 'CSV: email, place, source, target, state', mediaType: 'text/csv' } },
  },
  'POST /api/content/translations/{language}': {
    params: languageParams,
    body: z.instanceof(Uint8Array).refine((raw) => raw.length > 0, 'must hold at least one row'),
    answers: {
      200: { description: 'The playbook with these words, and each row', schema: translatedSchema },
    },
  },
  'GET /api/content/languages': {
    answers: {
      200: {
        description: 'Each email of the published playbook',
        schema: z.object({ emails: z.array(emailLanguages) }),
      },
    },
  },
} satisfies ApiTable
