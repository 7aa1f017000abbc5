import type { Request } from 'express'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Account, Accounts } from './account-service.ts'
import type { Auth } from './auth.ts'
import type { LoginBrake } from './login-brake.ts'
import type { Refused } from './refused.ts'

/** What the routes about sessions and accounts work with. */
export interface AccountRouteParts {
  readonly accounts: Accounts
  readonly auth: Auth
  readonly audit: AuditLog
  readonly brake: LoginBrake
  /** Ends what an account granted to the Gmail companion. */
  readonly endGrants: (accountId: string) => Promise<void>
  readonly refused: Refused
  /** @throws ProblemError where the cookie would go over the network in clear. */
  readonly assertPrivate: (request: Request) => void
  readonly workspaceName: (account: Account) => string
}
