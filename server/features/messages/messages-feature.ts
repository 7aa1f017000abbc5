import type { Route } from '../../http/app-route.ts'
import type { Clock, Ids, Mailer, Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
import type { CheckSpam } from '../lint/spam-check.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { type BlockedEmails, createBlockedEmails } from './blocked-emails.ts'
import { messageRoutes } from './message-routes.ts'
import { createPreviewMail } from './preview-mail.ts'
import { createSendTest, type SendTest } from './send-test.ts'
import { sendingRoutes } from './sending-routes.ts'
import type { MailAddresses } from './write-mail.ts'

/** Emails as they were sent, and as they would be written. What is due is sent by the due loop. */
export function createMessagesFeature({
  changes,
  ports: { storage, renderer, mailer, clock, ids },
  playbooks,
  accounts,
  audit,
  checkSpam,
  samples,
  addresses,
}: {
  changes: TrialChanges
  ports: { storage: Storage; renderer: Renderer; mailer: Mailer; clock: Clock; ids: Ids }
  playbooks: Playbooks
  accounts: Accounts
  audit: AuditLog
  checkSpam: CheckSpam
  samples: EmailSamples
  addresses: MailAddresses
}): { readonly routes: Route[]; readonly blocked: BlockedEmails; readonly sendTest: SendTest } {
  const now = () => clock.now()
  const preview = createPreviewMail({
    storage,
    playbooks,
    renderer,
    samples,
    publicUrl: addresses.publicUrl,
    now,
  })
  const uuid = () => ids.uuid(now())
  const sendTest = createSendTest({ accounts, audit, mailer, addresses, now, uuid })
  const routes = messageRoutes({ storage, preview, checkSpam, sendTest })
  const { documents, trials } = storage
  const blocked = createBlockedEmails({ documents, trials, changes, clock })
  return { routes: [...routes, ...sendingRoutes({ documents, blocked })], blocked, sendTest }
}
