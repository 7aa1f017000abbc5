import { jobsApi } from '../../../shared/api/jobs.ts'
import { isAtLeast } from '../../../shared/roles.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Jobs } from './job-service.ts'

const missing = () => new ProblemError('not-found', { detail: 'There is no such job.' })

export function jobRoutes({ jobs }: { jobs: Jobs }): Route[] {
  return [
    route(jobsApi, 'GET /api/jobs', {
      id: 'listJobs',
      tag: 'Jobs',
      summary: 'List the latest jobs, newest first',
      role: 'rep',
      handle: async ({ workspace, query }) => ok({ jobs: await jobs.list(workspace.id, query.limit) }),
    }),
    route(jobsApi, 'GET /api/jobs/{id}', {
      id: 'getJob',
      tag: 'Jobs',
      summary: 'Get the progress of a job',
      role: 'rep',
      problems: ['not-found'],
      async handle({ workspace, params: { id } }) {
        const job = await jobs.get(workspace.id, id)
        if (!job) throw missing()
        return ok(job)
      },
    }),
    route(jobsApi, 'DELETE /api/jobs/{id}', {
      id: 'cancelJob',
      tag: 'Jobs',
      summary: 'Cancel a job; what is already done stays done',
      role: 'rep',
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
