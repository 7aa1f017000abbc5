import { companiesApi } from '../../../shared/api/companies.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { companyView } from '../../domain/reducer/company-view.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { pseudonym } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import type { CompanyService } from './company-service.ts'
import { collectTraces } from './erase-trial.ts'
import type { TrialRouteParts } from './trial-route-parts.ts'

/** All that is stored about a company as one; its people have exports of their own. */
export const companyExportRoute = (
  { storage, playbooks, audit, now }: Pick<TrialRouteParts, 'storage' | 'playbooks' | 'audit' | 'now'>,
  companies: CompanyService,
): Route =>
  route(companiesApi, 'GET /api/companies/{companyId}/export', {
    id: 'exportCompany',
    tag: 'Companies',
    summary: 'Export everything stored about a company',
    role: 'admin',
    problems: ['not-found'],
    async handle({ workspace, params, principal, ip }) {
      const trial = await companies.get(workspace.id, params.companyId)
      if (!trial) throw new ProblemError('not-found', { detail: 'There is no such company.' })
      const { events, documents } = await collectTraces(storage, trial)
      await audit.write(workspace.id, {
        by: principal.id,
        action: 'company.export',
        subject: pseudonym(workspace, trial.id),
        after: { mails: documents.mails.length },
        ip,
      })
      return ok(
        {
          exportedAt: isoInstant(now()),
          company: companyView(trial, playbooks.current(workspace.id), now()),
          stored: trial,
          events,
          ...documents,
        },
        { 'Content-Disposition': 'attachment; filename="company.json"' },
      )
    },
  })
