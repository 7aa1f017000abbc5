import * as z from 'zod'
import { isTimeZone } from '../time-zone.ts'
import { label, name, webAddress } from './words.ts'

/** What is sold, and who writes about it. */

const oneLine = /^.*$/

const storySchema = z
  .strictObject({
    quote: z
      .string()
      .trim()
      .min(20)
      .max(300)
      .regex(oneLine, 'one line')
      .describe('What the customer said, in their words, without quotation marks.'),
    person: z
      .string()
      .trim()
      .min(1)
      .max(80)
      .regex(oneLine, 'one line')
      .describe('Name, and role if you like.'),
    company: z.string().trim().min(1).max(80).regex(oneLine, 'one line'),
    result: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .regex(oneLine, 'one line')
      .optional()
      .describe('What changed, with one number: “From 6 status meetings a week to 1”.'),
    url: z
      .url({ protocol: /^https$/, normalize: true })
      .max(500)
      .optional()
      .describe('The whole story.'),
  })
  .meta({ id: 'CustomerStory' })

export const productSchema = z.strictObject({
  name,
  url: webAddress,
  upgradeUrl: webAddress,
  locale: z.string().min(2).max(35).default('en'),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .refine(isTimeZone, 'must be an IANA zone such as Europe/Berlin')
    .default('UTC')
    .describe('IANA zone used when a trialist’s own is unknown.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
  price: z
    .strictObject({
      amountMinor: z.int().min(0).describe('In the smallest unit of the currency.'),
      per: z.enum(['month', 'year']),
      seat: z.boolean().default(false),
    })
    .optional(),
  paymentMethods: z.array(label).max(10).default([]),
  postalAddress: label.describe('Named in each email’s footer, as the law asks.'),
  story: storySchema
    .optional()
    .describe(
      'A customer’s story for the email before the end. A true one, told with their consent; without one the email has none.',
    ),
})

export const sendersSchema = z.strictObject({
  product: z.strictObject({ name, address: z.email().optional().describe('MAIL_FROM when absent.') }),
  rep: z.strictObject({ name, address: z.email().optional(), title: z.string().max(100).default('') }),
})
