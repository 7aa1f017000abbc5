import * as z from 'zod'
import { logoImageSchema } from '../playbook/brand.ts'
import type { ApiTable } from './endpoint.ts'

/** Pictures of the brand and how everything looks in it. */

/** A logo is a few kilobytes; email clients load it each time. */
export const logoMaxBytes = 200 * 1024

const logoSchema = logoImageSchema
  .extend({ url: z.string().describe('Where it is served from; its bytes never change.') })
  .meta({ id: 'Logo' })

export const sheetParts = ['email', 'survey', 'extend', 'unsubscribe'] as const

export const brandApi = {
  'GET /api/brand/logos': {
    answers: { 200: { description: 'Newest first', schema: z.object({ logos: z.array(logoSchema) }) } },
  },
  'POST /api/brand/logos': {
    body: z.instanceof(Uint8Array).refine((raw) => raw.length > 0, 'must hold a picture'),
    answers: { 201: { description: 'Stored, without what is no picture in it', schema: logoSchema } },
  },
  'GET /api/brand/sheet/{part}': {
    params: z.strictObject({ part: z.enum(sheetParts) }),
    query: z.strictObject({
      brand: z
        .string()
        .max(6000)
        .optional()
        .describe('As in the playbook, as JSON, unsaved; default: that of the published playbook.'),
      locale: z.string().min(2).max(35).optional(),
    }),
    answers: { 200: { description: 'HTML, for a sandboxed frame', mediaType: 'text/html' } },
  },
} satisfies ApiTable
