import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

export const operationsApi = {
  'GET /healthz': {
    answers: {
      200: { description: 'Alive', schema: z.object({ status: z.literal('ok'), version: z.string() }) },
    },
  },
  'GET /readyz': {
    answers: {
      200: { description: 'Ready', schema: z.object({ status: z.literal('ready'), storage: z.string() }) },
    },
  },
  'GET /metrics': {
    answers: { 200: { description: 'Text exposition format', mediaType: 'text/plain' } },
  },
  'GET /openapi.json': {
    answers: { 200: { description: 'OpenAPI 3.1 document', schema: z.looseObject({}) } },
  },
} satisfies ApiTable
