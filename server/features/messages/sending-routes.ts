import { messagesApi } from '../../../shared/api/messages.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { seenBy } from '../../domain/messages/recipients.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { BlockedEmails } from './blocked-emails.ts'
import { readSendingTrouble } from './sending-trouble.ts'

const tag = 'Mails'
const maxBlocked = 200

/** Whether emails leave, and which do not. */
export const sendingRoutes = ({
  documents,
  blocked,
}: {
  documents: DocumentStore
  blocked: BlockedEmails
}): Route[] => [
  route(messagesApi, 'GET /api/sending', {
    id: 'getSending',
    tag,
    summary: 'Whether the mail server takes our emails; if not, since when, why and what to do',
    role: 'analyst',
    async handle() {
      const found = await readSendingTrouble(documents)
      if (!found) return ok({ state: 'ok' as const, trouble: null })
      const { since, lastAt, ...trouble } = found
      return ok({
        state: 'deferred' as const,
        trouble: { ...trouble, since: isoInstant(since), lastAt: isoInstant(lastAt) },
      })
    },
  }),
  route(messagesApi, 'GET /api/blocked-emails', {
    id: 'listBlockedEmails',
    tag,
    summary:
      'Emails that could not be written and would still be of use; each is tried again when its cause is gone',
    role: 'rep',
    async handle({ workspace }) {
      const found = await blocked.of(workspace.id, maxBlocked)
      return ok({
        emails: found.flatMap(({ trial, message }) => {
          const { userId, person } = seenBy(trial, message)
          return userId === null
            ? []
            : {
                userId,
                name: person.name,
                email: person.email,
                key: message.key,
                kind: message.kind,
                ruleId: message.ruleId,
                why: message.blockedWhy ?? '',
                at: isoInstant(message.blockedAt ?? message.dueAt),
                usefulUntil: isoInstant(message.notAfter),
              }
        }),
      })
    },
  }),
]
