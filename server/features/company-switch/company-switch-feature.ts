import { companySwitchApi } from '../../../shared/api/company-switch.ts'
import { ok, type Principal, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Jobs } from '../jobs/job-service.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Memberships } from '../trials/memberships.ts'
import { createCompanySwitch, switchJob, unswitchJob } from './switch-service.ts'
import { switchStep, unswitchStep } from './switch-steps.ts'

const tag = 'Companies'

/** The switch of a workspace from a trial for each person to one for each company, and back. */
export function createCompanySwitchFeature({
  jobs,
  audit,
  clock,
  ...parts
}: {
  storage: Storage
  changes: TrialChanges
  memberships: Memberships
  playbooks: PlaybookService
  jobs: Jobs
  audit: AuditLog
  clock: Clock
}): { readonly routes: Route[] } {
  jobs.register(switchJob, switchStep(parts))
  jobs.register(unswitchJob, unswitchStep(parts))
  const companies = createCompanySwitch({ ...parts, jobs, now: () => clock.now() })

  const audited = (
    { workspace, principal, ip }: { workspace: Principal['workspace']; principal: Principal; ip: string },
    action: string,
    after: unknown,
  ) => audit.write(workspace.id, { by: principal.id, action, subject: null, after, ip })

  const refuse = (why: string | null) => {
    if (why !== null) throw new ProblemError('conflict', { detail: why })
  }

  return {
    routes: [
      route(companySwitchApi, 'GET /api/company-switch', {
        id: 'getCompanySwitch',
        tag,
        summary: 'Get who has a trial, a person or a company, and how far a switch is',
        role: 'rep',
        handle: async ({ workspace }) => ok(await companies.state(workspace.id)),
      }),
      route(companySwitchApi, 'POST /api/company-switch/preview', {
        id: 'previewCompanySwitch',
        tag,
        summary: 'Preview which people would become which companies; nothing is changed',
        role: 'rep',
        handle: async ({ workspace, body }) => ok(await companies.preview(workspace.id, body.trait)),
      }),
      route(companySwitchApi, 'POST /api/company-switch', {
        id: 'switchToCompanies',
        tag,
        summary: 'Switch to one trial for each company: the people move by a job',
        role: 'admin',
        problems: ['conflict'],
        async handle(request) {
          const { workspace, principal, body } = request
          refuse(await companies.start(workspace.id, body.trait, principal.id))
          await audited(request, 'companies.switch', { trait: body.trait })
          return { status: 202, body: await companies.state(workspace.id) }
        },
      }),
      route(companySwitchApi, 'DELETE /api/company-switch', {
        id: 'undoCompanySwitch',
        tag,
        summary: 'Take the switch to companies back, as long as no email has gone to one',
        role: 'admin',
        problems: ['conflict'],
        async handle(request) {
          refuse(await companies.undo(request.workspace.id, request.principal.id))
          await audited(request, 'companies.unswitch', null)
          return { status: 202, body: await companies.state(request.workspace.id) }
        },
      }),
    ],
  }
}
