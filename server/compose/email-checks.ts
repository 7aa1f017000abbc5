import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMessageComposer } from '../adapters/smtp-mailer-message.ts'
import type { Config } from '../config.ts'
import type { Jobs } from '../features/jobs/job-service.ts'
import { createLintService } from '../features/lint/lint-job.ts'
import { createSpamCheck } from '../features/lint/spam-check.ts'
import type { WarnLog } from '../features/metrics/measures.ts'
import type { MeasuringStore } from '../features/metrics/measuring-settings.ts'
import type { PlaybookService } from '../features/playbook/playbook-service.ts'
import { loadCatalog } from '../locales/catalog.ts'
import { packageRoot } from '../package-root.ts'
import type { Clock, OutgoingMail, Renderer } from '../ports.ts'
import type { DocumentStore } from '../storage/port.ts'

/** Signed as it would leave: some of SpamAssassin’s rules look at that. The key is read when first needed. */
function signedComposer({ dkim }: Pick<Config, 'dkim'>) {
  let compose: ((mail: OutgoingMail) => Promise<Buffer>) | null = null
  return (mail: OutgoingMail) => {
    compose ??= createMessageComposer(
      dkim ? { ...dkim, privateKey: readFileSync(dkim.privateKeyFile, 'utf8') } : undefined,
    )
    return compose(mail)
  }
}

/** The check of mails, one by one and all at once. */
export function createLint({
  config,
  documents,
  playbooks,
  settings,
  jobs,
  renderer,
  clock,
  wallClock,
  log,
}: {
  config: Config
  documents: DocumentStore
  playbooks: PlaybookService
  settings: MeasuringStore
  jobs: () => Jobs
  renderer: () => Renderer
  clock: Clock
  wallClock: Clock
  log: WarnLog
}) {
  const templatesDir = join(packageRoot, 'templates')
  const { locales } = loadCatalog(templatesDir)
  const checkSpam = createSpamCheck({
    spamdUrl: config.spamdUrl,
    compose: signedComposer(config),
    now: () => wallClock.now(),
  })
  const service = createLintService({
    documents,
    playbooks,
    jobs,
    settings,
    renderer,
    checkSpam,
    templatesDir,
    locales,
    clock,
    log,
  })
  return { lint: service, checkSpam, locales }
}
