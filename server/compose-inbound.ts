import type { Logger } from 'pino'
import type { Services } from './compose-services.ts'
import type { Config } from './config.ts'
import { createForwardReply } from './features/inbound/forward-reply.ts'
import { createInbound } from './features/inbound/inbound.ts'
import { createInboundServer, type InboundServer } from './features/inbound/inbound-server.ts'
import type { MailStop } from './features/suppressions/mail-stop.ts'
import type { Clock, Mailer } from './ports.ts'
import type { Storage } from './storage/port.ts'

/** What comes back by mail. @returns null where no port is set. @throws the error of listening. */
export async function startInbound({
  config,
  storage,
  services: { changes, playbooks, workspaces, measuring },
  mailStop,
  mailer,
  clock,
  log,
  mailDomain,
  mailFrom,
}: {
  config: Config
  storage: Storage
  services: Services
  mailStop: MailStop
  mailer: Mailer
  clock: Clock
  log: Logger
  mailDomain: string
  mailFrom: string
}): Promise<InboundServer | null> {
  if (config.inboundSmtpPort === null) return null
  const forward = createForwardReply({ mailer, clock, mailFrom, mailDomain, log })
  const inbound = createInbound({
    storage,
    changes,
    playbooks,
    workspaces,
    mailStop,
    clock,
    mailDomain,
    forward,
    log,
    mark: measuring.measures.mark,
  })
  return createInboundServer({ port: config.inboundSmtpPort, host: config.host, mailDomain, inbound, log })
}
