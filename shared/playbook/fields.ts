import * as z from 'zod'
import { brandSchema } from './brand.ts'
import { messageRuleSchema, windowSchema } from './messages.ts'
import { nudgeRuleSchema } from './nudges.ts'
import { capsSchema, comebackSchema, extensionsSchema, holdoutSchema, pausesSchema } from './policy.ts'
import { productSchema, sendersSchema } from './product.ts'
import { trialSchema } from './trial.ts'
import { fitRuleSchema, milestoneSchema, paceSchema, scoringSchema } from './usage.ts'
import { lossesSchema, valuesSchema } from './values.ts'
import { label, name } from './words.ts'

/** Every part of a playbook. What no part can know alone is in check-references.ts. */
export const playbookFields = z.strictObject({
  schema: z.literal(1).default(1),
  product: productSchema,
  senders: sendersSchema,
  trial: trialSchema,
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
  brand: brandSchema.optional().describe('Absent: ours, with the product’s name.'),
  window: windowSchema.prefault({ weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' }),
  caps: capsSchema.prefault({}),
  pauses: pausesSchema.prefault({}),
  holdout: holdoutSchema
    .prefault({})
    .describe('Share of trialists who get no trial email, to measure what the emails bring.'),
  extensions: extensionsSchema.prefault({}),
  comeback: comebackSchema
    .prefault({})
    .describe('How long after the end reaching value earns the upgrade email.'),
  values: valuesSchema
    .default({})
    .describe(
      'Numbers for emails and nudges from own counters, e.g. minutesSaved: `count("Card Completed") * 20`.',
    ),
  losses: lossesSchema
    .default([])
    .describe('The loss list of the email before the end; a line whose value is 0 or missing is left out.'),
  translations: z
    .record(z.string().min(2).max(35), z.record(label, label))
    .default({})
    .describe(
      'The playbook’s own words in other languages, for emails: by locale, a text as it is in this playbook and what it is there. Milestones, hints, labels, losses, survey, story, titles.',
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
    .describe('The paid feature whose attempt the upgrade email mentions.'),
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

/** A playbook as parsed: every default filled in. */
export type Playbook = z.output<typeof playbookFields>
/** A playbook as a person writes it. */
export type PlaybookInput = z.input<typeof playbookFields>
