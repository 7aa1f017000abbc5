import * as z from 'zod'
import { durationPattern } from '../clock.ts'

/** The small words every part of the playbook is written in. */

export const name = z.string().trim().min(1).max(200)
export const label = z.string().trim().min(1).max(500)
export const duration = z
  .string()
  .regex(durationPattern, 'a duration such as 90s, 30m, 3h, -3d or 2w')
  .describe('A whole number and a unit: s, m, h, d (24 hours) or w.')
export const positiveDuration = duration.refine((text) => !text.startsWith('-'), 'must not be negative')
export const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time such as 09:00')
  .describe('Local wall-clock time of the recipient.')
export const webAddress = z.url({ protocol: /^https?$/ })
