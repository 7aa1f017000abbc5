import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

const keySchema = z
  .object({
    id: z.string(),
    label: z.string(),
    hint: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SecretKey', description: 'A secret key; the key itself was shown once, when it was made.' })

export const workspaceApi = {
  'GET /api/workspace': {
    answers: {
      200: {
        description: 'The workspace',
        schema: z.object({
          id: z.string(),
          name: z.string(),
          writeKey: z.string(),
          publicUrl: z.string(),
          snippet: z.string(),
        }),
      },
    },
  },
  'GET /api/keys': {
    answers: { 200: { description: 'Keys', schema: z.object({ keys: z.array(keySchema) }) } },
  },
  'POST /api/keys': {
    body: z.strictObject({ label: z.string().trim().min(1).max(100) }),
    answers: { 201: { description: 'The key', schema: keySchema.extend({ key: z.string() }) } },
  },
  'DELETE /api/keys/{id}': {
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    answers: { 204: { description: 'Revoked' } },
  },
  'POST /api/keys/rotate-write-key': {
    answers: { 201: { description: 'The new key', schema: z.object({ writeKey: z.string() }) } },
  },
  'POST /api/keys/rotate-identity-secret': {
    answers: { 201: { description: 'Shown once', schema: z.object({ identitySecret: z.string() }) } },
  },
} satisfies ApiTable
