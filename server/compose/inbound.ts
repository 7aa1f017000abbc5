import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { createApplyFeedback } from '../features/inbound/apply-feedback.ts'
import { createForwardReply } from '../features/inbound/forward-reply.ts'
import { createInbound, type Inbound } from '../features/inbound/inbound.ts'
import { createInboundServer, type InboundServer } from '../features/inbound/inbound-server.ts'
import { createMailReader } from '../features/inbound/mail-reader.ts'
import { createMailResolver } from '../features/inbound/resolve-mail.ts'
import type { MailAddresses } from '../features/messages/write-mail.ts'
import type { MailStop } from '../features/suppressions/mail-stop.ts'
import type { Clock, Mailer } from '../ports.ts'
import type { Storage } from '../storage/port.ts'
import type { Services } from './services.ts'

/** What comes back by mail, whichever door it takes. */
export function composeInbound({
  storage,
  services: { changes, playbooks, workspaces, measuring },
  mailStop,
  mailer,
  clock,
  log,
  addresses: { mailDomain, mailFrom },
}: {
  storage: Storage
  services: Services
  mailStop: MailStop
  mailer: Mailer
  clock: Clock
  log: Logger
  addresses: MailAddresses
}): Inbound {
  const forward = createForwardReply({ mailer, clock, mailFrom, mailDomain, log })
  return createInbound({
    documents: storage.documents,
    resolver: createMailResolver({ storage, workspaces, mailDomain }),
    read: createMailReader({ mailDomain, log }),
    apply: createApplyFeedback({ changes, playbooks, workspaces, mailStop, clock, forward, log }),
    clock,
    log,
    mark: measuring.measures.mark,
  })
}

/** @returns null where no port is set. @throws the error of listening. */
export async function startInbound({
  config: { inboundSmtpPort: port, host },
  ...parts
}: {
  config: Config
  inbound: Inbound
  log: Logger
}): Promise<InboundServer | null> {
  return port === null ? null : createInboundServer({ port, host, ...parts })
}
