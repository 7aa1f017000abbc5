import { createHash } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import type { Role } from '../../../shared/roles.ts'
import { type EmailAddress, parseEmailAddress, type WorkspaceId } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/** A person of the product team who may sign in. */
export interface Account {
  readonly id: string
  readonly workspaceId: WorkspaceId
  readonly email: EmailAddress
  readonly name: string
  readonly role: Role
  readonly createdAt: number
}

interface StoredAccount extends Account {
  readonly passwordHash: string
  /** Of the password given from outside; it stays while the person changes theirs. Absent: the same. */
  readonly givenHash?: string
  /** Sessions begun earlier are over. */
  readonly sessionsFrom: number
}

interface StoredSession {
  readonly accountId: string
  readonly csrfToken: string
  readonly createdAt: number
  readonly seenAt: number
}

/** A session as its owner may see it. */
interface SessionInfo {
  readonly id: string
  readonly createdAt: number
  readonly seenAt: number
  readonly current: boolean
}

export interface Session {
  readonly account: Account
  readonly csrfToken: string
}

export interface Accounts {
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
  /** @returns the session id for the cookie; only its hash is stored. */
  beginSession(account: Account): Promise<{ sessionId: string; csrfToken: string }>
  session(sessionId: string): Promise<Session | null>
  endSession(sessionId: string): Promise<void>
  /** Newest first. @param current the id of the session that asks */
  sessions(accountId: string, current: string | null): Promise<SessionInfo[]>
  /** @returns false when the account has no such session. */
  endSessionById(accountId: string, id: string): Promise<boolean>
  get(id: string): Promise<Account | null>
  byEmail(email: string): Promise<Account | null>
  list(workspaceId: WorkspaceId): Promise<Account[]>
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

/** OWASP: argon2id, 19 MiB, two passes, one lane. */
const argon = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const idleMs = 8 * hourMs
/** Never longer, however much it is used. */
export const sessionMs = 7 * dayMs
const touchMs = 5 * minuteMs

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
const withoutSecrets = ({
  passwordHash: _,
  givenHash: __,
  sessionsFrom: ___,
  ...account
}: StoredAccount): Account => account

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
  /** Hash of nothing anyone can type, so that an unknown address costs as much as a wrong password. */
  const decoy = hash(ids.secret(), argon)
  /** The address itself is no id: ids are in audit rows and logs. */
  const idOf = (email: EmailAddress) => digest(email).slice(0, 22)
  const stored = async (id: string) => (await documents.get<StoredAccount>('account', id))?.body ?? null

  /** @param next null: leave it. */
  async function change(id: string, next: (before: StoredAccount) => StoredAccount | null) {
    const { before, after } = await updateDocument<StoredAccount>(
      documents,
      'account',
      id,
      (found) => found && next(found),
    )
    return before && after && before !== after ? { before, after } : null
  }

  async function* sessionsOf(accountId: string) {
    for (let after: string | undefined; ; ) {
      const page = await documents.list<StoredSession>('session', { limit: 500, ...(after && { after }) })
      for (const { id, body } of page) if (body.accountId === accountId) yield { id, body }
      after = page.at(-1)?.id
      if (page.length < 500) return
    }
  }

  const isOver = ({ seenAt, createdAt }: StoredSession, account: StoredAccount) =>
    clock.now() - seenAt > idleMs || clock.now() - createdAt > sessionMs || createdAt < account.sessionsFrom

  const accounts: Accounts = {
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

    async sessions(accountId, current) {
      const account = await stored(accountId)
      const found: SessionInfo[] = []
      const own = current === null ? null : digest(current)
      for await (const { id, body } of sessionsOf(accountId))
        if (account && !isOver(body, account))
          found.push({ id, createdAt: body.createdAt, seenAt: body.seenAt, current: id === own })
      return found.sort((a, b) => b.seenAt - a.seenAt)
    },

    async endSessionById(accountId, id) {
      const found = await documents.get<StoredSession>('session', id)
      return found?.body.accountId === accountId && (await documents.delete('session', id))
    },

    async ensure({ workspaceId, email, name, role, password }) {
      const address = parseEmailAddress(email)
      if (!address) throw new RangeError('not an email address')
      const id = idOf(address)
      const before = await stored(id)
      const same = before !== null && (await verify(before.givenHash ?? before.passwordHash, password))
      const account: StoredAccount = {
        ...(same && before),
        id,
        workspaceId,
        email: address,
        name,
        role,
        createdAt: before?.createdAt ?? clock.now(),
        passwordHash: same ? before.passwordHash : await hash(password, argon),
        sessionsFrom: same ? before.sessionsFrom : clock.now(),
      }
      await documents.put('account', id, account)
      await documents.delete('account-removed', id)
      return withoutSecrets(account)
    },

    async authenticate(email, password) {
      const address = parseEmailAddress(email)
      const account = address ? await stored(idOf(address)) : null
      const right = await verify(account?.passwordHash ?? (await decoy), password)
      return account && right ? withoutSecrets(account) : null
    },

    async beginSession(account) {
      const sessionId = ids.secret()
      const now = clock.now()
      const session: StoredSession = {
        accountId: account.id,
        csrfToken: ids.secret(),
        createdAt: now,
        seenAt: now,
      }
      await documents.put('session', digest(sessionId), session, 0)
      return { sessionId, csrfToken: session.csrfToken }
    },

    async session(sessionId) {
      const id = digest(sessionId)
      const found = await documents.get<StoredSession>('session', id)
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
      const all = await documents.list<StoredAccount>('account', { limit: 1000 })
      return all
        .filter(({ body }) => body.workspaceId === workspaceId)
        .map(({ body }) => withoutSecrets(body))
    },

    async setPassword(id, password) {
      const passwordHash = await hash(password, argon)
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
