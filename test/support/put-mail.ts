import { linkToken } from '../../server/domain/messages/link-token.ts'
import type { OutboxMessage } from '../../server/domain/trial/model.ts'
import { dayMs } from '../../shared/clock.ts'
import { type EmailAddress, type MessageKey, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { buildMessage, buildTrial } from './build-trial.ts'
import type { ServedApi } from './serve-api.ts'

const workspaceId = 'main' as WorkspaceId

/** A trialist of yesterday with an email that was accepted now. @returns the token of its links. */
export async function putMail(
  api: { readonly clock: { now(): number }; readonly server: ServedApi['server'] },
  userId: string,
  patch: Partial<OutboxMessage> = {},
  locale = 'en',
): Promise<string> {
  const id = trialIdOfUser(workspaceId, userId)
  const key = `${id}/upgrade_now/0` as MessageKey
  const token = linkToken('test', key)
  const at = api.clock.now()
  const message = buildMessage({
    key,
    ruleId: 'upgrade_now',
    kind: 'upgrade_now',
    state: 'sent',
    token,
    variant: 0,
    sentAt: at,
    dotAt: at,
    answer: '250 ok',
    ...patch,
  })
  await api.server.storage.trials.save(
    buildTrial({
      id,
      workspaceId,
      userId,
      createdAt: at - dayMs,
      person: { email: `${userId}@customer.example` as EmailAddress, locale, timeZone: 'Europe/Berlin' },
      outbox: [message],
    }),
  )
  await api.server.storage.documents.put('mail', token, {
    trialId: id,
    key,
    kind: 'upgrade_now',
    subject: 'Hello',
    html: '<p>Hello</p>',
    text: 'Hello',
    links: ['https://app.acme.example/upgrade', 'https://app.acme.example/help'],
    at,
  })
  api.server.services.metrics.measures.mark(id)
  return token
}
