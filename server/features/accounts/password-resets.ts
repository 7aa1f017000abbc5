import { minuteMs } from '../../../shared/clock.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { type Account, digest } from './account.ts'
import type { Accounts } from './account-service.ts'

/** Links by which someone who forgot their password chooses another. */
export interface PasswordResets {
  /** @returns the token of the link, shown this once: only its digest is stored. */
  begin(account: Account): Promise<string>
  /** Whose link it is; null when it is unknown, used, over, or older than the password. */
  find(token: string): Promise<Account | null>
  /** Uses it up: of two at the same time one succeeds. @returns whose password it changed */
  redeem(token: string, password: string): Promise<Account | null>
}

export const resetMs = 30 * minuteMs

const kind = 'password-reset'

/** The path of the dashboard that takes the token. A fragment reaches neither logs nor a Referer. */
export const resetUrl = (publicUrl: string, token: string): string => `${publicUrl}/#/reset/${token}`

export function createPasswordResets({
  documents,
  accounts,
  clock,
  ids,
}: {
  documents: DocumentStore
  accounts: Pick<Accounts, 'get' | 'setPassword' | 'passwordSince'>
  clock: Clock
  ids: Ids
}): PasswordResets {
  const resets: PasswordResets = {
    async begin({ id }) {
      const token = ids.secret()
      const now = clock.now()
      await documents.put(kind, digest(token), { accountId: id, createdAt: now, expiresAt: now + resetMs }, 0)
      return token
    },
    async find(token) {
      const found = await documents.get(kind, digest(token))
      if (!found || found.body.expiresAt <= clock.now()) return null
      const { accountId, createdAt } = found.body
      const since = await accounts.passwordSince(accountId)
      return since === null || createdAt < since ? null : accounts.get(accountId)
    },
    async redeem(token, password) {
      const account = await resets.find(token)
      if (!account || !(await documents.delete(kind, digest(token)))) return null
      return (await accounts.setPassword(account.id, password)) ? account : null
    },
  }
  return resets
}
