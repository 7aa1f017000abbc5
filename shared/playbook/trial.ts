import * as z from 'zod'
import { name } from './words.ts'

/** Who has a trial, how long it is, and who decides when it ends. */
export const trialSchema = z.strictObject({
  of: z
    .enum(['person', 'company'])
    .default('person')
    .describe(
      'company: everyone of a company shares one trial, with one end and one set of emails. People without a company have a trial of their own.',
    ),
  lengthDays: z.int().min(1).max(365).nullable().describe('null: a free plan without an end.'),
  endDecidedBy: z
    .enum(['extensions', 'product'])
    .default('extensions')
    .describe(
      'When your server or billing system names an end that would take back an extension: the extension wins, or the product does.',
    ),
  buyer: z
    .strictObject({
      roles: z
        .array(name)
        .max(20)
        .default([])
        .describe('Roles of those who can buy, e.g. owner or billing; upper and lower case are the same.'),
      trait: name.optional().describe('A trait that is true of those who can buy.'),
    })
    .optional()
    .describe('Who of a company can buy, where it has one trial. Absent, or no one fits: the champion.'),
})
