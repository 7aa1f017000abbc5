import type { Logger } from 'pino'
import { inboundApi } from '../../../shared/api/inbound.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { DocumentStore } from '../../storage/port.ts'

import { type Inbound, type InboundResult, mailMaxBytes } from './inbound.ts'

/** Workspaces that feedback has reached over HTTP; document of kind `inbound-seen`, id = workspace. */
const seenKind = 'inbound-seen'

/** Whether this workspace’s bounces and replies come in over HTTP: known only once one of them has. */
export const hasInboundOverHttp = async (
  documents: DocumentStore,
  workspaceId: WorkspaceId,
): Promise<boolean> => (await documents.get(seenKind, workspaceId)) !== null
const retryAfterSeconds = '60'

/** The second door for what comes back by email, for where no port 25 can be had. */
export function inboundRoutes({
  inbound,
  documents,
  now,
  log,
}: {
  inbound: Inbound
  documents: DocumentStore
  now: () => number
  log: Logger
}): Route[] {
  /** @throws ProblemError when nothing is stored, so that anyone who brought the email keeps it and comes again. */
  async function receive(...mail: Parameters<Inbound['receive']>): Promise<InboundResult> {
    try {
      return await inbound.receive(...mail)
    } catch (error) {
      log.warn({ err: error }, 'a received email could not be stored; the sender is asked to try again')
      throw new ProblemError(
        'unavailable',
        { detail: 'The email is not stored, or a reply could not be forwarded. Send it again later.' },
        { 'Retry-After': retryAfterSeconds },
      )
    }
  }

  return [
    route(inboundApi, 'POST /api/inbound', {
      id: 'receiveMail',
      tag: 'Mails',
      summary: 'Receive a returned email as raw MIME: bounce, complaint, reply or unsubscribe request',
      role: 'admin',
      rawTypes: ['message/rfc822', 'application/octet-stream', 'text/plain'],
      bodyLimit: mailMaxBytes,
      async handle({ workspace, query, body }) {
        const envelope = { from: query.from ?? null, to: [query.to ?? []].flat() }
        const result = await receive(body, envelope, workspace.id)
        if (result.token !== null) await documents.put(seenKind, workspace.id, { at: now() }, 0)
        return ok(result)
      },
    }),
  ]
}
