import type { Role } from '../../../shared/roles.ts'
import { type EmailAddress, parseEmailAddress, type WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { StoredAccount } from '../../storage/documents/team.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import { type Account, digest, withoutSecrets } from './account.ts'
import { type AccountSessions, createAccountSessions } from './account-sessions.ts'
import { createPasswordHash } from './password-hash.ts'

export interface Accounts extends AccountSessions {
  /**
   * Makes the account, or sets its password again when another one is given than before: then its old sessions end. What
   * the person changed it to themselves outlives a start with the same configuration.
   */
  ensure(request: {
    workspaceId: WorkspaceId
    email: string
    name: string
    role: Role
    password: string
  }): Promise<Account>
  /**
   * The account of the environment: made once. What was done to it since holds over a start: its role, its removal, a
   * password of its own. Another password in the environment is the operator’s way back in.
   * @returns null when it was removed.
   */
  seed(request: {
    workspaceId: WorkspaceId
    email: string
    name: string
    password: string
  }): Promise<Account | null>
  /** Takes the same time whether the account exists or not. */
  authenticate(email: string, password: string): Promise<Account | null>
  get(id: string): Promise<Account | null>
  byEmail(email: string): Promise<Account | null>
  list(workspaceId: WorkspaceId): Promise<Account[]>
  /** When the password was last set; null when there is no such account. */
  passwordSince(id: string): Promise<number | null>
  /** Sessions begun earlier end. @returns false when there is no such account (any more). */
  setPassword(id: string, password: string): Promise<boolean>
  /** @returns the account before and after; null when the workspace has none such. */
  setRole(
    workspaceId: WorkspaceId,
    id: string,
    role: Role,
  ): Promise<{ before: Account; after: Account } | null>
  remove(workspaceId: WorkspaceId, id: string): Promise<boolean>
}

export function createAccounts({
  storage,
  clock,
  ids,
}: {
  storage: Storage
  clock: Clock
  ids: Ids
}): Accounts {
  const { documents } = storage
  const hash = createPasswordHash()
  /** Of nothing anyone can type, so that an unknown address costs as much as a wrong password. */
  const decoy = hash.of(ids.secret())
  /** The address itself is no id: ids are in audit rows and logs. */
  const idOf = (email: EmailAddress) => digest(email).slice(0, 22)
  const stored = async (id: string) => (await documents.get('account', id))?.body ?? null

  /** @param next null: leave it. */
  async function change(id: string, next: (before: StoredAccount) => StoredAccount | null) {
    const { before, after } = await updateDocument(documents, 'account', id, (found) => found && next(found))
    return before && after && before !== after ? { before, after } : null
  }

  const accounts: Accounts = {
    ...createAccountSessions({ documents, clock, ids, stored }),

    async seed({ email, ...request }) {
      const address = parseEmailAddress(email)
      if (!address) throw new RangeError('not an email address')
      const id = idOf(address)
      const before = await stored(id)
      if (!before && (await documents.get('account-removed', id))) return null
      return accounts.ensure({
        ...request,
        email,
        name: before?.name ?? request.name,
        role: before?.role ?? 'owner',
      })
    },

    async ensure({ workspaceId, email, name, role, password }) {
      const address = parseEmailAddress(email)
      if (!address) throw new RangeError('not an email address')
      const id = idOf(address)
      const before = await stored(id)
      const same = before !== null && (await hash.isOf(before.givenHash ?? before.passwordHash, password))
      const account: StoredAccount = {
        ...(same && before),
        id,
        workspaceId,
        email: address,
        name,
        role,
        createdAt: before?.createdAt ?? clock.now(),
        passwordHash: same ? before.passwordHash : await hash.of(password),
        sessionsFrom: same ? before.sessionsFrom : clock.now(),
      }
      await documents.put('account', id, account)
      await documents.delete('account-removed', id)
      return withoutSecrets(account)
    },

    async authenticate(email, password) {
      const address = parseEmailAddress(email)
      const account = address ? await stored(idOf(address)) : null
      const right = await hash.isOf(account?.passwordHash ?? (await decoy), password)
      return account && right ? withoutSecrets(account) : null
    },

    async get(id) {
      const account = await stored(id)
      return account && withoutSecrets(account)
    },

    async byEmail(email) {
      const address = parseEmailAddress(email)
      const account = address && (await stored(idOf(address)))
      return account ? withoutSecrets(account) : null
    },

    async list(workspaceId) {
      const all = await documents.list('account', { limit: 1000 })
      return all
        .filter(({ body }) => body.workspaceId === workspaceId)
        .map(({ body }) => withoutSecrets(body))
    },

    async passwordSince(id) {
      return (await stored(id))?.sessionsFrom ?? null
    },

    async setPassword(id, password) {
      const passwordHash = await hash.of(password)
      const changed = await change(id, (before) => ({
        ...before,
        givenHash: before.givenHash ?? before.passwordHash,
        passwordHash,
        sessionsFrom: clock.now(),
      }))
      return changed !== null
    },

    async setRole(workspaceId, id, role) {
      const changed = await change(id, (before) =>
        before.workspaceId === workspaceId ? { ...before, role } : null,
      )
      return changed && { before: withoutSecrets(changed.before), after: withoutSecrets(changed.after) }
    },

    async remove(workspaceId, id) {
      const account = await stored(id)
      if (!account || account.workspaceId !== workspaceId) return false
      // First the mark: a start in between must not make the account again.
      await documents.put('account-removed', id, { workspaceId })
      return documents.delete('account', id)
    },
  }
  return accounts
}
