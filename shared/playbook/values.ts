import * as z from 'zod'
import { label, name } from './words.ts'

/** Numbers about one person, and what the mails make of them. */

export const valuesSchema = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  z.strictObject({ formula: label, label, round: z.number().positive().default(1) }),
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
