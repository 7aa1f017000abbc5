import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { StoredAccount, StoredSession } from '../../storage/documents/team.ts'
import { eachDocument } from '../../storage/each.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { type Account, digest, withoutSecrets } from './account.ts'

/** A session as its owner may see it. */
interface SessionInfo {
  readonly id: string
  /** Families of browser and system. */
  readonly device: string
  readonly createdAt: number
  readonly seenAt: number
  readonly current: boolean
}

export interface Session {
  readonly account: Account
  readonly csrfToken: string
}

export interface AccountSessions {
  /** @returns the session id for the cookie; only its hash is stored. */
  beginSession(account: Account, device: string): Promise<{ sessionId: string; csrfToken: string }>
  session(sessionId: string): Promise<Session | null>
  endSession(sessionId: string): Promise<void>
  /** Newest first. @param current the id of the session that asks */
  sessions(accountId: string, current: string | null): Promise<SessionInfo[]>
  /** @returns false when the account has no such session. */
  endSessionById(accountId: string, id: string): Promise<boolean>
  /** @param current stays. @returns how many ended. */
  endOtherSessions(accountId: string, current: string | null): Promise<number>
}

const idleMs = 8 * hourMs
/** Never longer, however much it is used. */
export const sessionMs = 7 * dayMs
const touchMs = 5 * minuteMs

export function createAccountSessions({
  documents,
  clock,
  ids,
  stored,
}: {
  documents: DocumentStore
  clock: Clock
  ids: Ids
  stored: (accountId: string) => Promise<StoredAccount | null>
}): AccountSessions {
  async function* sessionsOf(accountId: string) {
    for await (const { id, body } of eachDocument(documents, 'session'))
      if (body.accountId === accountId) yield { id, body }
  }

  const isOver = ({ seenAt, createdAt }: StoredSession, account: StoredAccount) =>
    clock.now() - seenAt > idleMs || clock.now() - createdAt > sessionMs || createdAt < account.sessionsFrom

  return {
    async sessions(accountId, current) {
      const account = await stored(accountId)
      const found: SessionInfo[] = []
      const own = current === null ? null : digest(current)
      for await (const { id, body } of sessionsOf(accountId))
        if (account && !isOver(body, account)) {
          const { device = 'Unknown device', createdAt, seenAt } = body
          found.push({ id, device, createdAt, seenAt, current: id === own })
        }
      return found.sort((a, b) => b.seenAt - a.seenAt)
    },

    async endSessionById(accountId, id) {
      const found = await documents.get('session', id)
      return found?.body.accountId === accountId && (await documents.delete('session', id))
    },

    async endOtherSessions(accountId, current) {
      const own = current === null ? null : digest(current)
      let ended = 0
      for await (const { id } of sessionsOf(accountId))
        if (id !== own && (await documents.delete('session', id))) ended++
      return ended
    },

    async beginSession(account, device) {
      const sessionId = ids.secret()
      const now = clock.now()
      const session: StoredSession = {
        accountId: account.id,
        csrfToken: ids.secret(),
        createdAt: now,
        seenAt: now,
        device,
      }
      await documents.put('session', digest(sessionId), session, 0)
      return { sessionId, csrfToken: session.csrfToken }
    },

    async session(sessionId) {
      const id = digest(sessionId)
      const found = await documents.get('session', id)
      if (!found) return null
      const { body } = found
      const now = clock.now()
      const account = await stored(body.accountId)
      if (!account || isOver(body, account)) {
        await documents.delete('session', id)
        return null
      }
      if (now - body.seenAt > touchMs)
        await documents.put('session', id, { ...body, seenAt: now }, found.version)
      return { account: withoutSecrets(account), csrfToken: body.csrfToken }
    },

    async endSession(sessionId) {
      await documents.delete('session', digest(sessionId))
    },
  }
}
