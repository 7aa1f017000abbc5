import * as z from 'zod'
import { isAtLeast, ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Jobs } from './job-service.ts'

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
const missing = () => new ProblemError('not-found', { detail: 'There is no such job.' })

export function jobRoutes({ jobs }: { jobs: Jobs }): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/jobs',
      id: 'listJobs',
      tag: 'Jobs',
      summary: 'Latest jobs, newest first',
      role: 'rep',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      answers: { 200: { description: 'Jobs', schema: z.object({ jobs: z.array(jobSchema) }) } },
      handle: async ({ workspace, query }) => ok({ jobs: await jobs.list(workspace.id, query.limit) }),
    }),
    route({
      method: 'get',
      path: '/api/jobs/{id}',
      id: 'getJob',
      tag: 'Jobs',
      summary: 'Progress of one job',
      role: 'rep',
      params,
      answers: { 200: { description: 'The job', schema: jobSchema } },
      problems: ['not-found'],
      async handle({ workspace, params: { id } }) {
        const job = await jobs.get(workspace.id, id)
        if (!job) throw missing()
        return ok(job)
      },
    }),
    route({
      method: 'delete',
      path: '/api/jobs/{id}',
      id: 'cancelJob',
      tag: 'Jobs',
      summary: 'Cancel a job; what it has done stays done',
      role: 'rep',
      params,
      answers: { 200: { description: 'The job as it stands', schema: jobSchema } },
      problems: ['not-found', 'forbidden'],
      async handle({ workspace, principal, params: { id } }) {
        const begun = await jobs.get(workspace.id, id)
        if (!begun) throw missing()
        if (!isAtLeast(principal.role, jobs.leastRole(begun.kind)))
          throw new ProblemError('forbidden', { detail: 'Ask an admin to cancel this job.' })
        const job = await jobs.cancel(workspace.id, id)
        if (!job) throw missing()
        return ok(job)
      },
    }),
  ]
}
