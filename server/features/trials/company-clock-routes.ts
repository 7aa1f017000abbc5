import { type CompanyAnswer, companiesApi } from '../../../shared/api/companies.ts'
import { parseInstant } from '../../../shared/clock.ts'
import type { MessageKey } from '../../../shared/trial.ts'
import type { Command } from '../../domain/trial/command.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { done, type TrialChange } from '../../http/trial-problem.ts'
import type { CompanyService } from './company-service.ts'

const tag = 'Companies'

/** Answers with a company as things stand now, and the version for `If-Match`. */
export type ShowCompany = (trial: Trial) => Promise<{
  readonly status: 200
  readonly body: CompanyAnswer
  readonly headers: Record<string, string>
}>

/** @throws ProblemError when there is no such company, or the command was refused. */
function moved(change: TrialChange | null): Trial {
  if (!change) throw new ProblemError('not-found', { detail: 'There is no such company.' })
  return done(change)
}

/** What moves the clock of a company, for all its people at once. */
export function companyClockRoutes(companies: CompanyService, show: ShowCompany, now: () => number): Route[] {
  const apply = async (
    request: RouteRequest<{ companyId: string }, unknown, unknown>,
    action: string,
    command: Command,
  ) => show(moved(await companies.apply(callerOf(request), request.params.companyId, action, command)))

  return [
    route(companiesApi, 'POST /api/companies/{companyId}/extensions', {
      id: 'extendCompany',
      tag,
      summary: 'Extend the trial of everyone in a company',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused'],
      async handle(request) {
        const { expectedEnd, ...body } = request.body
        const expected = typeof expectedEnd === 'string' ? parseInstant(expectedEnd) : expectedEnd
        const given = { ...body, expectedEnd: expected }
        const extended = await companies.extend(callerOf(request), request.params.companyId, given)
        return { ...(await show(moved(extended))), status: 201 }
      },
    }),
    route(companiesApi, 'DELETE /api/companies/{companyId}/extensions/{id}', {
      id: 'undoCompanyExtension',
      tag,
      summary: 'Undo an extension of a company',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused'],
      handle: (request) =>
        apply(request, 'trial.extension.undo', {
          type: 'undoExtension',
          id: request.params.id,
          by: request.principal.actor,
        }),
    }),
    route(companiesApi, 'POST /api/companies/{companyId}/conversion', {
      id: 'convertCompany',
      tag,
      summary: 'Record that a company became a customer; pitches to all its people stop',
      role: 'admin',
      problems: ['not-found', 'conflict'],
      handle: (request) =>
        apply(request, 'trial.convert', {
          type: 'convert',
          plan: request.body.plan ?? null,
          at: request.body.at ?? now(),
          by: request.principal.actor,
        }),
    }),
    route(companiesApi, 'POST /api/companies/{companyId}/pause', {
      id: 'pauseCompany',
      tag,
      summary: 'Pause automation for everyone in a company, or resume it with null',
      role: 'rep',
      problems: ['not-found'],
      handle: (request) => apply(request, 'trial.pause', { type: 'pause', until: request.body.until }),
    }),
    route(companiesApi, 'POST /api/companies/{companyId}/skip', {
      id: 'skipNextCompanyMail',
      tag,
      summary: 'Skip the next email of a rule to a company',
      role: 'rep',
      problems: ['not-found', 'conflict'],
      handle: (request) =>
        apply(request, 'trial.skip', {
          type: 'skipNext',
          ruleId: request.body.ruleId,
          by: request.principal.actor,
        }),
    }),
    route(companiesApi, 'POST /api/companies/{companyId}/retries', {
      id: 'retryBlockedCompanyEmail',
      tag,
      summary: 'Send a blocked email of a company now, if its cause is gone and it would still be of use',
      role: 'rep',
      problems: ['not-found'],
      handle: (request) =>
        apply(request, 'trial.retryEmail', {
          type: 'retryBlocked',
          key: request.body.key as MessageKey,
        }),
    }),
  ]
}
