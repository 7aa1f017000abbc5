import * as z from 'zod'
import { label, name } from './words.ts'

/** Numbers about one person, and what the emails make of them. */

export const valuesSchema = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  z.strictObject({
    formula: label,
    label: label.describe(
      'What stands behind the number: “cards completed”, “of meetings saved”; or a phrase with {{n}} where the number stands.',
    ),
    round: z.number().positive().default(1),
    unit: z
      .enum(['count', 'minutes', 'money'])
      .default('count')
      .describe(
        'minutes: emails say “12 hours” from two hours on. money: in the smallest unit of the currency, said as “$370”.',
      ),
    limit: z
      .number()
      .positive()
      .optional()
      .describe(
        'What the trial allows of it. From a quarter of that on emails say “37 of 50 cards used”, and by how much it is exceeded. For counts only.',
      ),
  }),
)

export const lossesSchema = z
  .array(
    z.strictObject({
      value: name,
      text: label.describe('What is lost at the end, with {{n}} for the number.'),
      textOne: label.optional().describe('The same for exactly 1.'),
    }),
  )
  .max(10)
