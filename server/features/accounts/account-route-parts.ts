import type { Request } from 'express'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Account } from './account.ts'
import type { Accounts } from './account-service.ts'
import type { Auth } from './auth.ts'
import type { LoginBrake } from './login-brake.ts'
import type { PasswordResets } from './password-resets.ts'
import type { Refused } from './refused.ts'
import type { SendResetEmail } from './reset-email.ts'

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
  readonly resets: PasswordResets
  /** Its own count: someone who has links sent must not shut the door of sign-in. */
  readonly resetBrake: LoginBrake
  readonly sendResetEmail: SendResetEmail
  /** Goes on after the answer; what fails is logged. */
  readonly inBackground: (work: Promise<void>) => void
  readonly workspaceName: (account: Account) => string
}
