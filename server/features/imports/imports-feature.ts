import { importMaxBytes, importMaxRows, importsApi } from '../../../shared/api/imports.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { startInstant } from '../../domain/time/end-instant.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Jobs } from '../jobs/job-service.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialService } from '../trials/trial-service.ts'
import { createImports, type ImportState } from './import-service.ts'
import { readRows } from './read-rows.ts'
import { inPieces, isOldEncoding, oldEncoding } from './read-text.ts'
import { createRehearsal } from './rehearsal.ts'
import { refusingUndated } from './undated-rows.ts'

const tag = 'Trialists'

const found = (state: ImportState | null): ImportState => {
  if (!state) throw new ProblemError('not-found', { detail: 'There is no such import.' })
  return state
}

/** People brought in by a file, as a job with progress. */
export function createImportsFeature({
  storage,
  jobs,
  trials,
  playbooks,
  audit,
  clock,
  ids,
  whyHeld,
}: {
  storage: Storage
  jobs: Jobs
  trials: TrialService
  playbooks: Playbooks
  audit: AuditLog
  clock: Clock
  ids: Ids
  whyHeld: (workspaceId: WorkspaceId) => Promise<string | null>
}): { readonly routes: Route[] } {
  const now = () => clock.now()
  const newId = () => ids.uuid(now())
  const rehearse = createRehearsal({ storage, trials, playbooks, now })
  const imports = createImports({
    documents: storage.documents,
    jobs,
    trials,
    rehearse,
    whyHeld,
    newId,
    now,
  })
  const routes = [
    route(importsApi, 'POST /api/imports', {
      id: 'startImport',
      tag,
      summary: 'Import people from CSV or NDJSON: the rows are stored, then imported by a job',
      role: 'admin',
      rawTypes: ['text/csv', 'application/x-ndjson', 'application/octet-stream', 'text/plain'],
      bodyLimit: importMaxBytes,
      async handle({ workspace, principal, query, body, ip }) {
        const [quiet, dryRun] = [query.quiet === 'true', query.dryRun === 'true']
        const { undated } = query
        if (undated !== undefined && undated !== 'today' && startInstant(undated, 'UTC') > now())
          throw new ProblemError('invalid-request', { detail: 'undated must be no day of the future.' })
        const isOld = await isOldEncoding(inPieces(body))
        const rows = readRows(body, query.format, { isOld })
        const isDecided = quiet || dryRun || undated !== undefined
        const state = await imports.start({
          workspaceId: workspace.id,
          by: principal.actor,
          quiet,
          dryRun,
          undatedSince: undated === undefined || undated === 'today' ? null : undated,
          encoding: isOld ? oldEncoding : null,
          rows: isDecided ? rows : refusingUndated(rows, workspace.id, storage.trials),
          maxRows: importMaxRows,
        })
        if (!state)
          throw new ProblemError('invalid-request', {
            detail: `An upload holds at most ${importMaxRows} rows; send the file in several.`,
          })
        const after = { rows: state.rows, quiet, ...(dryRun && { dryRun }), ...(undated && { undated }) }
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'trialists.import',
          subject: null,
          after,
          ip,
        })
        return { status: 202 as const, body: state }
      },
    }),
    route(importsApi, 'GET /api/imports/{id}', {
      id: 'getImport',
      tag,
      summary: 'Get the progress and counts of an import',
      role: 'admin',
      problems: ['not-found'],
      handle: async ({ workspace, params }) => ok(found(await imports.get(workspace.id, params.id))),
    }),
    route(importsApi, 'GET /api/imports/{id}/rejected', {
      id: 'getRejectedRows',
      tag,
      summary: 'List the rows that were not imported, with line numbers and reasons',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const rows = await imports.rejected(workspace.id, params.id)
        if (!rows) throw new ProblemError('not-found', { detail: 'There is no such import.' })
        return ok({ rows })
      },
    }),
  ]
  return { routes }
}
