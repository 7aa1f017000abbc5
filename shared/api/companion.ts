import * as z from 'zod'
import {
  cardSchema,
  colleaguesAnswerSchema,
  extendRequestSchema,
  lookupAnswerSchema,
  lookupRequestSchema,
  snippetAnswerSchema,
  snippets,
  wellKnownSchema,
} from './card.ts'
import type { ApiTable } from './endpoint.ts'
import { pausePostSchema, skipPostSchema, userIdParams } from './trialists.ts'

const cardAnswer = z.object({ card: cardSchema })

export const companionApi = {
  'GET /.well-known/trialpace': {
    answers: { 200: { description: 'Addresses and versions', schema: wellKnownSchema } },
  },
  'POST /api/ext/v1/lookup': {
    body: lookupRequestSchema,
    answers: { 200: { description: 'A card or null for each', schema: lookupAnswerSchema } },
  },
  'GET /api/ext/v1/trials/{userId}/colleagues': {
    params: userIdParams,
    answers: { 200: { description: 'At most ten people', schema: colleaguesAnswerSchema } },
  },
  'POST /api/ext/v1/trials/{userId}/extensions': {
    params: userIdParams,
    body: extendRequestSchema,
    answers: { 201: { description: 'Extended', schema: cardAnswer.extend({ extensionId: z.string() }) } },
  },
  'DELETE /api/ext/v1/trials/{userId}/extensions/{id}': {
    params: userIdParams.extend({ id: z.string().min(1).max(200) }),
    answers: { 200: { description: 'Undone', schema: cardAnswer } },
  },
  'POST /api/ext/v1/trials/{userId}/pause': {
    params: userIdParams,
    body: pausePostSchema,
    answers: { 200: { description: 'Done', schema: cardAnswer } },
  },
  'POST /api/ext/v1/trials/{userId}/skip': {
    params: userIdParams,
    body: skipPostSchema,
    answers: { 200: { description: 'Done', schema: cardAnswer } },
  },
  'POST /api/ext/v1/trials/{userId}/snippets/{id}': {
    params: userIdParams.extend({ id: z.enum(snippets) }),
    body: z.strictObject({}),
    answers: { 200: { description: 'Plain text', schema: snippetAnswerSchema } },
  },
  'POST /api/ext/v1/trials/{userId}/notes': {
    params: userIdParams,
    body: z.strictObject({ text: z.string().trim().min(1).max(2000) }),
    answers: { 200: { description: 'Noted', schema: cardAnswer } },
  },
  'POST /api/ext/v1/trials/{userId}/owner': {
    params: userIdParams,
    body: z.strictObject({ owner: z.string().trim().min(1).max(100).nullable() }),
    answers: { 200: { description: 'Set', schema: cardAnswer } },
  },
  'POST /api/ext/v1/trials/{userId}/reply-label': {
    params: userIdParams,
    body: z.strictObject({ label: z.enum(['positive', 'negative', 'automatic']) }),
    answers: { 200: { description: 'Labelled', schema: cardAnswer } },
  },
} satisfies ApiTable
