import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MailFacts, MailLinks, MailView } from '../../../shared/mail-view.ts'
import { createMessageComposer } from '../../adapters/smtp-mailer-message.ts'
import type { Config } from '../../config.ts'
import type { Route } from '../../http/app-route.ts'
import { loadCatalog } from '../../locales/catalog.ts'
import { packageRoot } from '../../package-root.ts'
import type { Clock, OutgoingMail, Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Jobs } from '../jobs/job-service.ts'
import type { WarnLog } from '../metrics/measures.ts'
import type { MeasuringStore } from '../metrics/measuring-settings.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import type { Finding } from './finding.ts'
import { createLintService } from './lint-job.ts'
import { lintWritten } from './lint-mail.ts'
import { lintRoutes } from './lint-routes.ts'
import { asOf, type Sample, sampleFacts, sampleLinks } from './sample-facts.ts'
import { type CheckSpam, createSpamCheck } from './spam-check.ts'

/** What is written where no one in particular is meant, and what is found in any email. */
export interface EmailSamples {
  /** @throws when the kind’s `sample.json` cannot be read. */
  facts(sample: Sample, now: number): MailFacts
  /** Those an email would have in the world: sizes and line lengths count. */
  readonly links: MailLinks
  findings(written: Awaited<ReturnType<Renderer['render']>>, view: MailView): readonly Finding[]
}

export interface LintFeature {
  readonly samples: EmailSamples
  readonly checkSpam: CheckSpam
  readonly routes: Route[]
}

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

/** The checks of emails, one by one and, as a job, all at once. */
export function createLintFeature({
  config,
  storage: { documents },
  playbooks,
  settings,
  jobs,
  ...ports
}: {
  config: Pick<Config, 'dkim' | 'spamdUrl'>
  storage: Pick<Storage, 'documents'>
  playbooks: PlaybookService
  settings: MeasuringStore
  jobs: Jobs
  renderer: Renderer
  clock: Clock
  wallClock: Clock
  log: WarnLog
}): LintFeature {
  const templatesDir = join(packageRoot, 'templates')
  const { locales } = loadCatalog(templatesDir)
  const checkSpam = createSpamCheck({
    spamdUrl: config.spamdUrl,
    compose: signedComposer(config),
    now: () => ports.wallClock.now(),
  })
  const lint = createLintService({
    ...ports,
    documents,
    playbooks,
    jobs,
    settings,
    checkSpam,
    templatesDir,
    locales,
  })
  const samples: EmailSamples = {
    facts: (sample, now) => asOf(sampleFacts(templatesDir, sample), now),
    links: sampleLinks,
    findings: lintWritten,
  }
  return { samples, checkSpam, routes: lintRoutes({ lint, playbooks, locales }) }
}
