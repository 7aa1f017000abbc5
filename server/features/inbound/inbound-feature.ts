import type { Logger } from 'pino'
import type { TrialId } from '../../../shared/trial.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock, Mailer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { MailAddresses } from '../messages/write-mail.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { MailStop } from '../suppressions/mail-stop.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { createApplyFeedback } from './apply-feedback.ts'
import { createForwardReply } from './forward-reply.ts'
import { createInbound, type Inbound } from './inbound.ts'
import { inboundRoutes } from './inbound-routes.ts'
import { createMailReader } from './mail-reader.ts'
import { createMailResolver } from './resolve-mail.ts'

export interface InboundFeature {
  readonly inbound: Inbound
  readonly routes: Route[]
}

/** What comes back by email (bounces, complaints, replies), by whichever way it arrives. */
export function createInboundFeature({
  ports: { storage, mailer, clock, log },
  addresses: { mailDomain, mailFrom },
  mark,
  ...parts
}: {
  ports: { storage: Storage; mailer: Mailer; clock: Clock; log: Logger }
  addresses: MailAddresses
  changes: TrialChanges
  playbooks: Playbooks
  workspaces: Workspaces
  mailStop: MailStop
  mark: (trialId: TrialId) => void
}): InboundFeature {
  const forward = createForwardReply({ mailer, clock, mailFrom, mailDomain, log })
  const inbound = createInbound({
    documents: storage.documents,
    resolver: createMailResolver({ storage, workspaces: parts.workspaces, mailDomain }),
    read: createMailReader({ mailDomain, log }),
    apply: createApplyFeedback({ ...parts, clock, forward, log }),
    clock,
    log,
    mark,
  })
  const routes = inboundRoutes({ inbound, documents: storage.documents, now: () => clock.now(), log })
  return { inbound, routes }
}
