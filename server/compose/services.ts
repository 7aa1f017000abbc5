import type { Playbook } from '../../shared/playbook.ts'
import type { TrialId } from '../../shared/trial.ts'
import type { Config } from '../config.ts'
import { compilePlaybook } from '../domain/playbook/compile.ts'
import { createAccounts } from '../features/accounts/account-service.ts'
import { createAuditLog } from '../features/audit/audit-log.ts'
import { createCompanion } from '../features/companion/companion-service.ts'
import { createOauthGrants } from '../features/companion/oauth-grants.ts'
import { createJobs, type JobStep, type Jobs } from '../features/jobs/job-service.ts'
import { lintJobKind } from '../features/lint/lint-job.ts'
import type { WarnLog } from '../features/metrics/measures.ts'
import { createPlaybooks } from '../features/playbook/playbook-service.ts'
import { createSuppressions } from '../features/suppressions/suppression-list.ts'
import { createTrialChanges } from '../features/trials/change-trial.ts'
import { createTrialService } from '../features/trials/trial-service.ts'
import { createVault, readEncryptionKey } from '../features/workspaces/vault.ts'
import { createWorkspaces } from '../features/workspaces/workspace-service.ts'
import type { Clock, Ids, Renderer } from '../ports.ts'
import type { Storage } from '../storage/port.ts'
import { createLint } from './email-checks.ts'
import { createMeasuring } from './measuring.ts'

/** Trials re-planned in one step of a job. */
const replanPage = 200

const noRenderer = (): never => {
  throw new Error('this process renders no mails')
}

/** Everything between storage and doors. */
export async function createServices({
  config,
  storage,
  clock,
  wallClock,
  ids,
  defaultPlaybook,
  renderer,
  log,
}: {
  config: Config
  storage: Storage
  clock: Clock
  /** For sign-ins: they do not end because the demo’s clock was moved. */
  wallClock: Clock
  ids: Ids
  defaultPlaybook: Playbook
  /** Asked for when the first mail is to be checked; without one no job checks mails here. */
  renderer?: () => Renderer
  log: WarnLog
}) {
  const vault = createVault(readEncryptionKey(config))
  const workspaces = createWorkspaces({ storage, vault, clock, ids })
  const made = await workspaces.start(config)
  const playbooks = createPlaybooks({ storage, clock, compile: compilePlaybook, defaultPlaybook })
  await playbooks.start(workspaces.all().map((workspace) => workspace.id))
  // Sessions and grants live by real time, also where the demo moves the product’s clock.
  const accounts = createAccounts({ storage, clock: wallClock, ids })
  const grants = createOauthGrants({ storage, clock: wallClock, ids })
  const first = workspaces.all()[0]
  if (config.adminEmail && config.adminPassword && first)
    await accounts.ensure({
      workspaceId: first.id,
      email: config.adminEmail,
      name: 'Admin',
      role: 'owner',
      password: config.adminPassword,
    })
  const audit = createAuditLog({ storage, clock })
  const changes = createTrialChanges({ storage, playbooks, clock })
  const measuring = createMeasuring({ config, storage, playbooks, workspaces, changes, clock, ids, log })
  const suppressions = createSuppressions(storage.documents, () => clock.now())
  const trials = createTrialService({
    storage,
    changes,
    playbooks,
    audit,
    suppressions,
    ids,
    now: () => clock.now(),
  })

  /** A new playbook moves due times and segments: every trial looks at itself again. */
  const replan: JobStep = async (job, signal) => {
    const page = await storage.trials.scan(job.workspaceId, job.cursor as TrialId | null, replanPage)
    let done = 0
    for (const trial of page) {
      if (signal.aborted) break
      await changes.change(trial.id, { type: 'advance' })
      done++
    }
    const cursor = done > 0 ? (page[done - 1]?.id ?? job.cursor) : job.cursor
    return { cursor, done, finished: done === page.length && page.length < replanPage }
  }
  const mailChecks = createLint({
    config,
    documents: storage.documents,
    playbooks,
    settings: measuring.settings,
    jobs: () => jobs,
    renderer: renderer ?? noRenderer,
    clock,
    wallClock,
    log,
  })
  const jobs: Jobs = createJobs({
    storage,
    clock,
    ids,
    steps: {
      replan,
      rebuildKpis: measuring.measures.rebuildStep,
      ...(renderer && { [lintJobKind]: mailChecks.lint.step }),
    },
  })

  const companion = createCompanion({
    storage,
    playbooks,
    ids,
    now: () => clock.now(),
    mark: measuring.measures.mark,
  })

  return {
    vault,
    workspaces,
    made,
    playbooks,
    accounts,
    grants,
    audit,
    changes,
    measuring,
    suppressions,
    trials,
    jobs,
    mailChecks,
    companion,
  }
}

export type Services = Awaited<ReturnType<typeof createServices>>
