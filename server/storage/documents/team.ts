import * as z from 'zod'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { type Role, roles } from '../../../shared/roles.ts'
import type { EmailAddress, WorkspaceId } from '../../../shared/trial.ts'
import { colleagueOwned, define } from './definition.ts'
import { address, instant, workspaceId } from './parts.ts'

/** A person of the product team who may sign in. */
export interface Account {
  readonly id: string
  readonly workspaceId: WorkspaceId
  readonly email: EmailAddress
  readonly name: string
  readonly role: Role
  readonly createdAt: number
}

export interface StoredAccount extends Account {
  readonly passwordHash: string
  /** Of the password given from outside; it stays while the person changes theirs. Absent: the same. */
  readonly givenHash?: string
  /** Sessions begun earlier are over. */
  readonly sessionsFrom: number
}

export interface StoredSession {
  readonly accountId: string
  readonly csrfToken: string
  readonly createdAt: number
  readonly seenAt: number
  /** Families of browser and system; absent in sessions of earlier versions. */
  readonly device?: string
}

export interface OauthCode {
  readonly accountId: string
  readonly redirectUri: string
  readonly challenge: string
  readonly expiresAt: number
  readonly used: boolean
}

export interface OauthFamily {
  readonly accountId: string
  /** Digests of the tokens that are good now. */
  readonly access: string
  readonly refresh: string
  readonly accessUntil: number
  readonly refreshUntil: number
}

/** A session lasts no longer, however much it is used. */
const sessionMs = 7 * dayMs

/** Those who sign in. */
export const teamDocuments = {
  /** Id: digest of the address. */
  account: define<StoredAccount>({
    body: z.strictObject({
      id: z.string(),
      workspaceId,
      email: address,
      name: z.string(),
      role: z.enum(roles),
      createdAt: instant,
      passwordHash: z.string(),
      givenHash: z.string().exactOptional(),
      sessionsFrom: instant,
    }),
    owner: colleagueOwned,
    keep: 'forever',
  }),
  /** Id: digest of the cookie. */
  session: define<StoredSession>({
    body: z.strictObject({
      accountId: z.string(),
      csrfToken: z.string(),
      createdAt: instant,
      seenAt: instant,
      device: z.string().exactOptional(),
    }),
    owner: colleagueOwned,
    keep: { clock: 'wall', forMs: sessionMs, since: ({ createdAt }) => createdAt },
  }),
  /** Id: digest of the code. */
  'oauth-code': define<OauthCode>({
    body: z.strictObject({
      accountId: z.string(),
      redirectUri: z.string(),
      challenge: z.string(),
      expiresAt: instant,
      used: z.boolean(),
    }),
    owner: colleagueOwned,
    keep: { clock: 'wall', forMs: 0, since: ({ expiresAt }) => expiresAt },
  }),
  /** Id: digest of the link’s token. */
  'password-reset': define<{
    readonly accountId: string
    readonly createdAt: number
    readonly expiresAt: number
  }>({
    body: z.strictObject({ accountId: z.string(), createdAt: instant, expiresAt: instant }),
    owner: colleagueOwned,
    keep: { clock: 'wall', forMs: 0, since: ({ expiresAt }) => expiresAt },
  }),
  /** Accounts that were removed, so that a start does not make the one of the environment again; id: digest of the address. */
  'account-removed': define({
    body: z.strictObject({ workspaceId }),
    owner: colleagueOwned,
    keep: 'forever',
  }),
  /** Tries to sign in, newest last; id: hash of whom, or from where. */
  'login-tries': define<{ readonly at: readonly number[] }>({
    body: z.strictObject({ at: z.array(instant).readonly() }),
    owner: colleagueOwned,
    keep: { forMs: hourMs, since: ({ at }) => at.at(-1) ?? 0 },
  }),
  /** Hashes of the networks an account has signed in from, newest last; id: hash of the account. */
  'login-networks': define<{ readonly known: readonly string[]; readonly at: number }>({
    body: z.strictObject({ known: z.array(z.string()).readonly(), at: instant }),
    owner: colleagueOwned,
    keep: { forMs: 400 * dayMs, since: ({ at }) => at },
  }),
  /** A playbook someone is still writing, as JSON text; id `<workspace>/<principal>`. */
  'playbook-draft': define<{ readonly playbook: string; readonly basedOn: number; readonly at: number }>({
    body: z.strictObject({ playbook: z.string(), basedOn: z.int(), at: instant }),
    owner: colleagueOwned,
    keep: { forMs: 180 * dayMs, since: ({ at }) => at },
  }),
  'oauth-family': define<OauthFamily>({
    body: z.strictObject({
      accountId: z.string(),
      access: z.string(),
      refresh: z.string(),
      accessUntil: instant,
      refreshUntil: instant,
    }),
    owner: colleagueOwned,
    keep: { clock: 'wall', forMs: 0, since: ({ refreshUntil }) => refreshUntil },
  }),
}
