import * as z from 'zod'

import type { ApiTable } from './endpoint.ts'

export const jobSchema = z
  .object({
    id: z.string(),
    workspaceId: z.string(),
    kind: z.string(),
    state: z.enum(['queued', 'running', 'done', 'cancelled', 'failed']),
    done: z.int(),
    total: z.int().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    by: z.string(),
    cursor: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Job', description: 'Long work in small steps, with its progress.' })

const params = z.strictObject({ id: z.string().min(1).max(100) })

export const jobsApi = {
  'GET /api/jobs': {
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
    answers: { 200: { description: 'Jobs', schema: z.object({ jobs: z.array(jobSchema) }) } },
  },
  'GET /api/jobs/{id}': {
    params,
    answers: { 200: { description: 'The job', schema: jobSchema } },
  },
  'DELETE /api/jobs/{id}': {
    params,
    answers: { 200: { description: 'The job as it stands', schema: jobSchema } },
  },
} satisfies ApiTable
