import * as z from 'zod'

/** Why the identity of an identify call was not believed. */
export const identityFaults = [
  'no_token',
  'too_long',
  'not_a_token',
  'wrong_algorithm',
  'wrong_signature',
  'no_user',
  'no_expiry',
  'lives_too_long',
  'expired',
  'not_yet_valid',
  'other_user',
] as const
export type IdentityFault = (typeof identityFaults)[number]

export const identityCheckSchema = z
  .object({
    at: z.iso.datetime(),
    signed: z.boolean(),
    fault: z.enum(identityFaults).nullable(),
  })
  .meta({ id: 'IdentityCheck', description: 'Whether the last identify call of a browser was signed.' })
export type IdentityCheck = z.output<typeof identityCheckSchema>
