import { companiesApi } from '../../../shared/api/companies.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { parseEmailAddress, trialIdOfUser } from '../../../shared/trial.ts'
import { championOf } from '../../domain/activation/members.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { companyView, membersView } from '../../domain/reducer/company-view.ts'
import { currentMembers } from '../../domain/trial/members.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { callerOf, pseudonym } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { done } from '../../http/trial-problem.ts'
import { InvalidCursor } from '../../storage/trial-fields.ts'
import { companyClockRoutes, type ShowCompany } from './company-clock-routes.ts'
import { companyExportRoute } from './company-export-route.ts'
import type { CompanyPatch, CompanyService, CompanyTrial } from './company-service.ts'
import { definedOnly } from './defined-only.ts'
import { type EraseMember, eraseTraces } from './erase-trial.ts'
import type { TrialRouteParts } from './trial-route-parts.ts'

const tag = 'Companies'
const isoOrNull = (at: number | null): string | null => (at === null ? null : isoInstant(at))

const noCompany = () => new ProblemError('not-found', { detail: 'There is no such company.' })
const isCompany = (trial: { company?: unknown }): trial is CompanyTrial => trial.company !== undefined

function summaryOf(trial: CompanyTrial, playbook: CompiledPlaybook) {
  const { clock, standing, company } = trial
  return {
    companyId: company.id,
    name: trial.person.company,
    segment: standing.segment,
    pace: standing.pace,
    score: standing.score,
    members: currentMembers(company).length + company.beyond,
    champion: championOf(company, playbook),
    trial: { startsAt: isoInstant(clock.startsAt), endsAt: isoOrNull(clock.endsAt), status: clock.status },
    next: trial.next && { ...trial.next, at: isoOrNull(trial.next.at) },
    lastSeenAt: isoOrNull(trial.usage.lastSeenAt),
  }
}

/** Companies as a whole; what is asked of one of their people goes through /api/trialists. */
export function companyRoutes(
  parts: TrialRouteParts,
  companies: CompanyService,
  eraseMember: EraseMember,
): Route[] {
  const { storage, marksStored, playbooks, billingOf, audit, now } = parts
  const show: ShowCompany = async (trial) => ({
    status: 200,
    body: {
      ...companyView(trial as CompanyTrial, playbooks.current(trial.workspaceId), now()),
      billing: await billingOf(trial.id),
    },
    headers: { ETag: `"${trial.version}"` },
  })
  const known = async (workspaceId: CompanyTrial['workspaceId'], companyId: string) => {
    const trial = await companies.get(workspaceId, companyId)
    if (!trial) throw noCompany()
    return trial
  }
  const refuseForPersons = (workspaceId: CompanyTrial['workspaceId']) => {
    if (playbooks.current(workspaceId).playbook.trial.of === 'company') return
    const detail =
      'In this workspace each person has a trial; set trial.of to "company" in the playbook first.'
    throw new ProblemError('conflict', { detail })
  }

  return [
    route(companiesApi, 'GET /api/companies', {
      id: 'listCompanies',
      tag,
      summary: 'List companies by name or by any of their people, the last seen first',
      role: 'rep',
      async handle({ workspace, query }) {
        const { email, ...rest } = definedOnly(query)
        const address = email === undefined ? undefined : parseEmailAddress(email)
        if (address === null) return ok({ companies: [], cursor: null })
        try {
          const page = await storage.trials.list({
            workspaceId: workspace.id,
            sort: '-lastSeenAt',
            ...rest,
            ...(address !== undefined && { email: address }),
          })
          const playbook = playbooks.current(workspace.id)
          const found = page.trials.filter(isCompany).map((trial) => summaryOf(trial, playbook))
          return ok({ companies: found, cursor: page.cursor })
        } catch (error) {
          if (!(error instanceof InvalidCursor)) throw error
          throw new ProblemError('invalid-request', {
            detail: 'The cursor is not valid.',
            errors: [{ pointer: 'query/cursor', detail: 'must be the cursor of the previous page' }],
          })
        }
      },
    }),
    route(companiesApi, 'PUT /api/companies/{companyId}', {
      id: 'putCompany',
      tag,
      summary: 'Create or change a company and say who belongs to it',
      role: 'admin',
      problems: ['conflict'],
      async handle(request) {
        refuseForPersons(request.workspace.id)
        const patch = definedOnly(request.body) as CompanyPatch
        const put = await companies.put(callerOf(request), request.params.companyId, patch)
        const shown = await show(done(put))
        return put.created ? { ...shown, status: 201 as const } : shown
      },
    }),
    route(companiesApi, 'GET /api/companies/{companyId}', {
      id: 'getCompany',
      tag,
      summary: 'Get everything about one company and its people',
      role: 'rep',
      problems: ['not-found'],
      handle: async ({ workspace, params }) => show(await known(workspace.id, params.companyId)),
    }),
    route(companiesApi, 'GET /api/companies/{companyId}/members', {
      id: 'listMembers',
      tag,
      summary: 'List the people of a company, the champion first',
      role: 'rep',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const { company } = await known(workspace.id, params.companyId)
        const members = membersView(company, playbooks.current(workspace.id), now())
        return ok({ members, beyond: company.beyond })
      },
    }),
    ...companyClockRoutes(companies, show, now),
    companyExportRoute(parts, companies),
    route(companiesApi, 'DELETE /api/companies/{companyId}', {
      id: 'eraseCompany',
      tag,
      summary: 'Erase a company and everyone in it',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, params, principal, ip }) {
        const trial = await known(workspace.id, params.companyId)
        const removed = { events: 0, mails: 0 }
        const people = Object.keys(trial.company.members)
        for (const userId of people) {
          const own = await storage.trials.get(trialIdOfUser(workspace.id, userId))
          if (own?.mergedInto !== trial.id) continue
          const { events, mails } = await eraseMember(own)
          removed.events += events
          removed.mails += mails
        }
        const rest = await eraseTraces(
          { storage, marksStored },
          (await companies.get(workspace.id, params.companyId)) ?? trial,
        )
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'company.erase',
          subject: pseudonym(workspace, trial.id),
          after: { members: people.length },
          ip,
        })
        return ok({
          erased: true,
          members: people.length,
          events: removed.events + rest.events,
          mails: removed.mails + rest.mails,
        })
      },
    }),
  ]
}
