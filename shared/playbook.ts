import * as z from 'zod'
import { checkReferences } from './playbook/check-references.ts'
import { messageRuleSchema, windowSchema } from './playbook/messages.ts'
import { nudgeRuleSchema } from './playbook/nudges.ts'
import {
  capsSchema,
  comebackSchema,
  extensionsSchema,
  holdoutSchema,
  pausesSchema,
} from './playbook/policy.ts'
import { productSchema, sendersSchema } from './playbook/product.ts'
import { fitRuleSchema, milestoneSchema, paceSchema, scoringSchema } from './playbook/usage.ts'
import { lossesSchema, valuesSchema } from './playbook/values.ts'
import { label, name } from './playbook/words.ts'

const playbookFields = z.strictObject({
  schema: z.literal(1).default(1),
  product: productSchema,
  senders: sendersSchema,
  trial: z.strictObject({
    lengthDays: z.int().min(1).max(365).nullable().describe('null: a free plan without an end.'),
  }),
  milestones: z.array(milestoneSchema).max(50),
  activation: z
    .strictObject({
      atLeast: z.int().min(1).optional().describe('How many of them; all when absent.'),
      of: z.array(name).min(1).optional().describe('Names of milestones; every one when absent.'),
    })
    .prefault({}),
  fit: z.array(fitRuleSchema).max(50).default([]),
  pace: paceSchema,
  scoring: scoringSchema.prefault({}),
  messages: z.array(messageRuleSchema).max(100),
  nudges: z.array(nudgeRuleSchema).max(100).default([]),
  window: windowSchema.prefault({ weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' }),
  caps: capsSchema.prefault({}),
  pauses: pausesSchema.prefault({}),
  holdout: holdoutSchema
    .prefault({})
    .describe('Share of trialists who get no trial mail, to measure what the mails bring.'),
  extensions: extensionsSchema.prefault({}),
  comeback: comebackSchema
    .prefault({})
    .describe('How long after the end reaching value earns the upgrade mail.'),
  values: valuesSchema
    .default({})
    .describe(
      'Numbers for mails and nudges from own counters, e.g. minutesSaved: `count("Card Completed") * 20`.',
    ),
  losses: lossesSchema
    .default([])
    .describe('The loss list of the mail before the end; a line whose value is 0 or missing is left out.'),
  translations: z
    .record(z.string().min(2).max(35), z.record(label, label))
    .default({})
    .describe(
      'The playbook’s own words in other languages, for mails: by locale, a text as it stands in this playbook and what it is there. Milestones, hints, labels, losses, survey, story, titles.',
    ),
  survey: z.strictObject({
    question: label,
    answers: z
      .array(z.strictObject({ id: z.string().regex(/^[a-z0-9_-]{1,40}$/), text: label }))
      .min(2)
      .max(8),
  }),
  paidFeature: z
    .strictObject({ event: name, name: label })
    .optional()
    .describe('The paid feature whose attempt the upgrade mail mentions.'),
  costs: z
    .array(
      z.strictObject({
        category: z.enum(['staff', 'tooling', 'sending', 'list']),
        amountMinor: z.int(),
        per: z.enum(['month', 'message']),
      }),
    )
    .default([]),
  benchmarks: z.record(z.string(), z.number()).default({}),
})

/**
 * The playbook: everything a product team may decide, in one declarative, versioned document. The server applies
 * it to each trialist at each event; nothing in it is a schedule, so a changed end date moves all that depends on it.
 */
export const playbookSchema = playbookFields
  .superRefine((playbook, context) =>
    checkReferences(playbook, (path, message) =>
      context.addIssue({ code: 'custom', path: [...path], message }),
    ),
  )
  .meta({ id: 'Playbook', title: 'Trialpace playbook' })

/** A playbook as parsed: every default filled in. */
export type Playbook = z.output<typeof playbookFields>
/** A playbook as a person writes it. */
export type PlaybookInput = z.input<typeof playbookFields>
export type MessageRule = Playbook['messages'][number]
export type NudgeRule = Playbook['nudges'][number]
export type Milestone = Playbook['milestones'][number]
export type SendWindow = Playbook['window']
