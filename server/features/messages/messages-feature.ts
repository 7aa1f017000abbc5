import type { Route } from '../../http/app-route.ts'
import type { Clock, Ids, Mailer, Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
import type { CheckSpam } from '../lint/spam-check.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { messageRoutes } from './message-routes.ts'
import { createPreviewMail } from './preview-mail.ts'
import type { MailAddresses } from './write-mail.ts'

/** Emails as they were sent, and as they would be written. What is due is sent by the due loop. */
export function createMessagesFeature({
  ports: { storage, renderer, mailer, clock, ids },
  playbooks,
  accounts,
  audit,
  checkSpam,
  samples,
  addresses,
}: {
  ports: { storage: Storage; renderer: Renderer; mailer: Mailer; clock: Clock; ids: Ids }
  playbooks: Playbooks
  accounts: Accounts
  audit: AuditLog
  checkSpam: CheckSpam
  samples: EmailSamples
  addresses: MailAddresses
}): { readonly routes: Route[] } {
  const now = () => clock.now()
  const preview = createPreviewMail({
    storage,
    playbooks,
    renderer,
    samples,
    publicUrl: addresses.publicUrl,
    now,
  })
  const routes = messageRoutes({
    storage,
    accounts,
    audit,
    mailer,
    preview,
    checkSpam,
    addresses,
    now,
    uuid: () => ids.uuid(now()),
  })
  return { routes }
}
