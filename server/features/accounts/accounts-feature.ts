import type { Request } from 'express'
import type { Route } from '../../http/app-route.ts'
import { assertPrivateConnection } from '../../http/private-connection.ts'
import type { Clock, Mailer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { OauthGrants } from '../companion/oauth-grants.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import type { Account } from './account.ts'
import { accountRoutes } from './account-routes.ts'
import type { Accounts } from './account-service.ts'
import { type Auth, createAuth } from './auth.ts'
import { createLoginBrake, type LoginBrake } from './login-brake.ts'
import type { PasswordResets } from './password-resets.ts'
import { assertStrong } from './password-route.ts'
import { createRefused } from './refused.ts'
import { createSendResetEmail } from './reset-email.ts'
import { assertOwnPage, holdBack, sessionAnswers } from './session-answers.ts'

export interface AccountsFeature {
  readonly auth: Auth
  readonly brake: LoginBrake
  readonly routes: Route[]
  readonly firstSignIn: FirstSignIn
}

/** What the set-up page needs of sign-in, before there is anyone to sign in. */
export interface FirstSignIn {
  /** @throws ProblemError when a page of another site sends it. */
  readonly assertOwnPage: (request: Request) => void
  /** @throws ProblemError where the cookie would go over the network in clear. */
  readonly assertPrivate: (request: Request) => void
  readonly assertStrong: typeof assertStrong
  /** @throws ProblemError after too many from one network. */
  readonly countWrongToken: (ip: string) => Promise<void>
  readonly begun: ReturnType<typeof sessionAnswers>['begun']
}

/** No address: tries of set-up tokens are counted like tries of passwords, apart from all of them. */
const setupTries = 'set-up'

/** Who may do what: sign-in, sessions, the people of a workspace. */
export function createAccountsFeature({
  accounts,
  grants,
  resets,
  workspaces,
  audit,
  clock,
  storage,
  mailer,
  addresses,
  canSend,
  log,
  publicUrl,
}: {
  accounts: Accounts
  grants: OauthGrants
  resets: PasswordResets
  workspaces: WorkspaceService
  audit: AuditLog
  clock: Clock
  storage: Pick<Storage, 'documents'>
  mailer: Mailer
  addresses: { publicUrl: string; mailFrom: string; mailDomain: string }
  canSend: () => boolean
  log: { warn(details: object, words: string): void }
  publicUrl: string
}): AccountsFeature {
  const brake = createLoginBrake({ clock, documents: storage.documents })
  const refused = createRefused({ accounts, workspaces, audit, log })
  const assertPrivate = (request: Request) => assertPrivateConnection(request, publicUrl)
  const auth = createAuth({
    workspaces,
    accounts,
    accountOf: (token) => grants.accountOf(token),
    refused: refused.key,
    publicUrl,
  })
  const workspaceName = (account: Account) => workspaces.get(account.workspaceId)?.name ?? ''
  const routes = accountRoutes({
    accounts,
    auth,
    audit,
    brake,
    refused,
    assertPrivate,
    endGrants: grants.endAll,
    resets,
    resetBrake: createLoginBrake({ clock, documents: storage.documents, of: 'reset' }),
    sendResetEmail: createSendResetEmail({ mailer, clock, addresses, canSend, log }),
    inBackground: (work) =>
      void work.catch((error: unknown) => log.warn({ err: error }, 'a reset link could not be made')),
    workspaceName,
  })
  const firstSignIn: FirstSignIn = {
    assertOwnPage,
    assertPrivate,
    assertStrong,
    countWrongToken: async (ip) => holdBack(await brake.take(ip, setupTries)),
    begun: sessionAnswers({ accounts, auth, workspaceName }).begun,
  }
  return { auth, brake, routes, firstSignIn }
}
