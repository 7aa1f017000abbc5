import * as z from 'zod'
import { parseDay, parseInstant } from './clock.ts'

/** The only schemas for dates that come from outside: each is bounded, so nothing that counts days can run away. */

/** A calendar day as it was written. */
export const daySchema = z.iso
  .date()
  .refine((text) => parseDay(text) !== null, 'must be a day such as 2026-03-01, 2000 to 2099')

/** An instant as it was written. */
export const instantTextSchema = z
  .string()
  .refine(
    (text) => parseInstant(text) !== null,
    'must be an instant such as 2026-03-01T12:00:00Z, 2000 to 2099',
  )

/** An instant in epoch milliseconds. */
export const instantSchema = instantTextSchema.transform((text) => parseInstant(text) as number)
