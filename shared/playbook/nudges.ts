import * as z from 'zod'
import { conditionSchema } from '../condition-schema.ts'
import { nudgeFormats } from '../trial.ts'
import { label, name, positiveDuration } from './words.ts'

export const nudgeRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9_-]{1,60}$/),
    format: z.enum(nudgeFormats),
    on: z
      .union([
        z.literal('any'),
        z.strictObject({ event: name }),
        z.strictObject({ page: z.string().max(500) }),
      ])
      .default('any')
      .describe('What must just have happened; a page is a path with * as wildcard.'),
    when: conditionSchema.prefault({}),
    decide: z
      .enum(['local', 'server'])
      .default('server')
      .describe('local: the browser decides at once from the facts of the last answer.'),
    content: z.strictObject({
      title: label,
      body: z
        .string()
        .max(2000)
        .default('')
        .describe('Text with {{value}} slots; **bold** and [links](https://…) only.'),
      action: z
        .strictObject({ label: z.string().min(1).max(40), url: z.string().min(1).max(2000) })
        .optional(),
      dismiss: z.string().max(40).default('Not now'),
      question: label.optional(),
      answers: z.array(z.string().min(1).max(80)).max(8).default([]),
    }),
    translations: z
      .record(z.string(), z.record(z.string(), z.string().max(2000)))
      .default({})
      .describe('By locale: title, body, action, dismiss, question, answer.0 …'),
    anchor: z
      .string()
      .max(500)
      .optional()
      .describe('CSS selector of the element a tooltip or inline nudge belongs to.'),
    meter: z.strictObject({ event: name, limit: z.number().positive(), unit: z.string().max(40) }).optional(),
    priority: z.int().min(0).max(100).default(50),
    maxShows: z.int().min(1).max(100).default(3),
    snooze: positiveDuration.default('1d'),
    holdoutShare: z.number().min(0).max(0.5).default(0),
  })
  .meta({ id: 'NudgeRule' })
