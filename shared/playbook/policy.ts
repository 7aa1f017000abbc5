import * as z from 'zod'
import { positiveDuration } from './words.ts'

/** How much is too much, who is left alone, and how far a trial may be stretched. */

export const capsSchema = z.strictObject({
  trialMailEvery: positiveDuration
    .default('1d')
    .describe('Least time between two trial emails to one person.'),
  nudgesPerSession: z.int().min(0).default(3),
  nudgesPerDay: z.int().min(0).default(3),
  nudgesPerWeek: z.int().min(0).default(8),
  nudgeGap: positiveDuration.default('1m'),
  nudgeAfterMail: positiveDuration.default('4h').describe('No upgrade nudge this soon after a trial email.'),
})

export const pausesSchema = z.strictObject({
  afterReply: positiveDuration.default('1d'),
  afterRepMail: positiveDuration.default('1d'),
})

export const holdoutSchema = z.strictObject({
  share: z.number().min(0).max(0.5).default(0),
  salt: z.string().max(100).default('holdout'),
})

export const extensionsSchema = z.strictObject({
  options: z
    .array(z.int().min(1).max(365))
    .min(1)
    .default([3, 7, 14])
    .describe('Days a rep may pick with one click.'),
  maxPerTrial: z.int().min(0).max(50).default(3),
  maxTotalDays: z.int().min(0).max(730).default(45),
  selfServe: z
    .strictObject({
      days: z.int().min(1).max(90).default(7),
      maxPerTrial: z.int().min(0).max(10).default(1),
    })
    .prefault({})
    .describe('What a trialist may take by the link in an email.'),
  reopenWithin: positiveDuration
    .default('180d')
    .describe('How long after its end a trial may be extended again.'),
})

export const comebackSchema = z.strictObject({ within: positiveDuration.default('180d') })
