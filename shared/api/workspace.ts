import * as z from 'zod'

import { identityCheckSchema } from '../identity-check.ts'
import { identityModes, keyScopes } from '../trust.ts'
import type { ApiTable } from './endpoint.ts'

const mode = z.enum(identityModes)

const keySchema = z
  .object({
    id: z.string(),
    label: z.string(),
    hint: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    scope: z
      .enum(keyScopes)
      .describe(
        'full: all an admin may; events: send events; read: GET what a rep sees; inbound: hand over email.',
      ),
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
  'PUT /api/workspace/identity': {
    body: z.strictObject({ identity: mode }),
    answers: { 200: { description: 'As it is now', schema: z.object({ identity: mode }) } },
  },
  'GET /api/workspace/identity': {
    answers: {
      200: {
        description: 'The setting; `last` is null before the first call',
        schema: z.object({ identity: mode, last: identityCheckSchema.nullable() }),
      },
    },
  },
  'GET /api/keys': {
    answers: { 200: { description: 'Keys', schema: z.object({ keys: z.array(keySchema) }) } },
  },
  'POST /api/keys': {
    body: z.strictObject({
      label: z.string().trim().min(1).max(100),
      scope: z.enum(keyScopes).default('full'),
    }),
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
