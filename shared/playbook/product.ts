import * as z from 'zod'
import { label, name, webAddress } from './words.ts'

/** What is sold, and who writes about it. */

export const productSchema = z.strictObject({
  name,
  url: webAddress,
  upgradeUrl: webAddress,
  locale: z.string().min(2).max(35).default('en'),
  timeZone: z
    .string()
    .min(1)
    .max(64)
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
  postalAddress: label.describe('Named in each mail’s footer, as the law asks.'),
})

export const sendersSchema = z.strictObject({
  product: z.strictObject({ name, address: z.email().optional().describe('MAIL_FROM when absent.') }),
  rep: z.strictObject({ name, address: z.email().optional(), title: z.string().max(100).default('') }),
})
