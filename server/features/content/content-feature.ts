import type { Route } from '../../http/app-route.ts'
import type { Clock, Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
import type { SendTest } from '../messages/send-test.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { contentRoutes } from './content-routes.ts'
import { createReadyEmails } from './ready-emails.ts'
import type { CsvRecords } from './translation-csv.ts'
import { translationRoutes } from './translation-routes.ts'

/** What emails say: ours as documents, unsaved ones previewed, what words may name. */
export function createContentFeature({
  clock,
  csvRecords,
  ...parts
}: {
  storage: Storage
  playbooks: Playbooks
  renderer: Renderer
  samples: EmailSamples
  sendTest: SendTest
  clock: Clock
  publicUrl: string
  csvRecords: CsvRecords
}): { readonly routes: Route[] } {
  return {
    routes: [
      ...contentRoutes({ ...parts, now: () => clock.now(), ready: createReadyEmails() }),
      ...translationRoutes({ ...parts, csvRecords }),
    ],
  }
}
