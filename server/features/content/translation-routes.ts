import { contentApi } from '../../../shared/api/content.ts'
import { applyTranslations, translationRows } from '../../../shared/content/translations.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { type CsvRecords, readTranslationCsv, translationCsv } from './translation-csv.ts'

const tag = 'Content'
const bodyLimit = 4 * 1024 * 1024

/** The words of a team’s own emails, for translators and back. */
export function translationRoutes({
  playbooks,
  csvRecords,
}: {
  playbooks: Playbooks
  csvRecords: CsvRecords
}): Route[] {
  return [
    route(contentApi, 'GET /api/content/translations/{language}', {
      id: 'exportTranslations',
      tag,
      summary: 'Get the words of the published emails as CSV, for a translator',
      role: 'rep',
      handle: async ({ workspace, params: { language } }) =>
        ok(translationCsv(translationRows(playbooks.current(workspace.id).playbook.messages, language)), {
          'Content-Type': 'text/csv; charset=utf-8',
          'Content-Disposition': `attachment; filename="emails-${language}.csv"`,
        }),
    }),
    route(contentApi, 'POST /api/content/translations/{language}', {
      id: 'readTranslations',
      tag,
      summary: 'Put a translated CSV into the published playbook: answers the changed one, to be reviewed',
      role: 'rep',
      rawTypes: ['text/csv', 'application/octet-stream', 'text/plain'],
      bodyLimit,
      async handle({ workspace, params: { language }, body }) {
        const read = await readTranslationCsv(new TextDecoder().decode(body), csvRecords)
        if (!read.ok)
          throw new ProblemError('invalid-request', {
            detail: `Line ${read.line}: ${read.why}`,
            errors: [{ pointer: '', detail: read.why }],
          })
        const { playbook } = playbooks.current(workspace.id)
        const { rules: messages, outcomes } = applyTranslations(playbook.messages, language, read.rows)
        const taken = outcomes.filter(({ outcome }) => outcome === 'taken').length
        return ok({ playbook: { ...playbook, messages }, taken, rows: outcomes })
      },
    }),
  ]
}
