import { fixtureNames } from '../../../shared/api/lint.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Renderer } from '../../ports.ts'
import type { LintDraft } from '../../storage/documents/lint.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { Job, JobStep, Jobs } from '../jobs/job-service.ts'
import type { MeasuringStore } from '../metrics/measuring-settings.ts'
import type { PlaybookService, PlaybookVersion } from '../playbook/playbook-service.ts'
import { type Checked, withSpam } from './ask-spam.ts'

import { addToTally, emptyTally, type LintReport, type LintTally, reportOf } from './lint-report.ts'
import { lintTemplates } from './lint-templates.ts'
import { type MailText, mailTexts } from './mail-texts.ts'
import type { CheckSpam } from './spam-check.ts'

/** The check of all emails of a workspace as a job; its report replaces the one before when all is looked at. */
export interface LintService {
  /** The check that is under way is given back instead of a second one. */
  start(workspaceId: WorkspaceId, by: string): Promise<Job>
  report(workspaceId: WorkspaceId): Promise<LintReport | null>
}

const lintJobKind = 'lint'
const reportKind = 'lint_report'
const draftKind = 'lint_draft'

/** Wordings × languages in one step; each stands for all its situations and one question to spamd. */
const pageSize = 2
const draftsAtOnce = 100

interface LintJobParts {
  readonly documents: DocumentStore
  readonly playbooks: PlaybookService
  readonly jobs: Jobs
  readonly settings: Pick<MeasuringStore, 'change'>
  readonly renderer: Renderer
  readonly checkSpam: CheckSpam
  readonly templatesDir: string
  readonly locales: readonly string[]
  readonly clock: Clock
  readonly log: { warn(details: object, words: string): void }
}

interface Page {
  readonly text: MailText
  readonly locale: string
}

const pagesOf = ({ playbook }: PlaybookVersion, locales: readonly string[]): Page[] =>
  mailTexts(playbook).flatMap((text) => locales.map((locale) => ({ text, locale })))

export function createLintService(parts: LintJobParts): LintService {
  const { documents, playbooks, jobs, locales, clock } = parts
  const draftId = (job: Job) => `${job.workspaceId}/${job.id}`
  const reportOfWorkspace = (workspaceId: WorkspaceId) => documents.get(reportKind, workspaceId)

  async function finish(job: Job, { tally, playbookVersion }: LintDraft): Promise<void> {
    const report = reportOf(tally, { at: isoInstant(clock.now()), playbookVersion })
    await documents.put(reportKind, job.workspaceId, { ...report, job: job.id })
    if (report.spam.state === 'checked')
      await parts.settings.change(job.workspaceId, { spamScore: report.spam.worst, spamScoreAt: report.at })
    // Those of checks that were cancelled go too: ids rise with time.
    const old = await documents.list(draftKind, { prefix: `${job.workspaceId}/`, limit: draftsAtOnce })
    for (const { id } of old) if (id <= draftId(job)) await documents.delete(draftKind, id)
  }

  const step: JobStep = async (job, signal) => {
    // A crash between the report and the end of the job.
    if ((await reportOfWorkspace(job.workspaceId))?.body.job === job.id)
      return { cursor: job.cursor, done: Math.max(0, (job.total ?? 0) - job.done), finished: true }
    const draft = (await documents.get(draftKind, draftId(job)))?.body
    const playbook = draft
      ? await playbooks.get(job.workspaceId, draft.playbookVersion)
      : playbooks.latest(job.workspaceId)
    if (!playbook) throw new Error('the playbook this check began with is gone')
    const pages = pagesOf(playbook, locales)
    const begun = draft ?? { next: 0, tally: emptyTally }
    if (signal.aborted) return { cursor: job.cursor, done: 0, finished: false }
    const page = pages.slice(begun.next, begun.next + pageSize)
    const tally = await lintPages(page, begun.tally, playbook, parts)
    const next = begun.next + page.length
    const now: LintDraft = { playbookVersion: playbook.version, next, tally }
    await documents.put(draftKind, draftId(job), now)
    const finished = next >= pages.length
    if (finished) await finish(job, now)
    // What a step before a crash had looked at already counts now.
    return { cursor: String(next), done: Math.max(0, tally.mails - job.done), finished }
  }
  jobs.register(lintJobKind, step, 'rep')

  return {
    async start(workspaceId, by) {
      const running = (await jobs.list(workspaceId, 50)).find(
        ({ kind, state }) => kind === lintJobKind && (state === 'queued' || state === 'running'),
      )
      if (running) return running
      const pages = pagesOf(playbooks.latest(workspaceId), locales)
      return jobs.start({ workspaceId, kind: lintJobKind, by, total: pages.length * fixtureNames.length })
    },

    async report(workspaceId) {
      const found = await reportOfWorkspace(workspaceId)
      if (!found) return null
      const { job: _, ...report } = found.body
      return report
    },
  }
}

/** Wordings in their languages, each in every situation; the daemon is asked about several at once. */
async function lintPages(
  pages: readonly Page[],
  before: LintTally,
  { playbook }: PlaybookVersion,
  { renderer, templatesDir, checkSpam, log }: LintJobParts,
): Promise<LintTally> {
  const isGivenUp = before.spam.state === 'unreachable'
  const linted = await Promise.all(
    pages.map(async ({ text, locale }) => {
      const mails: Checked[] = []
      const written = lintTemplates({
        renderer,
        templatesDir,
        texts: [text],
        locales: [locale],
        playbook,
      })
      for await (const mail of written) mails.push(await withSpam(mail, isGivenUp ? null : checkSpam))
      return mails
    }),
  )
  const why = linted.flat().find(({ verdict }) => verdict?.state === 'unreachable')?.verdict
  if (why?.state === 'unreachable') log.warn({ why: why.why }, 'spamd could not be asked')
  return linted.flat().reduce(addToTally, before)
}
