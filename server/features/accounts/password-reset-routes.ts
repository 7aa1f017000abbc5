import { accountsApi } from '../../../shared/api/accounts.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AccountRouteParts } from './account-route-parts.ts'
import { assertStrong } from './password-route.ts'
import { assertOwnPage, holdBack } from './session-answers.ts'

/** No one is signed in here: what is answered is the same whether there is an account or not. */
export function passwordResetRoutes(parts: AccountRouteParts): Route[] {
  const { accounts, audit, resetBrake, resets, endGrants, assertPrivate } = parts

  return [
    route(accountsApi, 'POST /api/session/reset-link', {
      id: 'requestPasswordReset',
      tag: 'Session',
      summary: 'Have a link for choosing a new password emailed to you, if that address has an account',
      role: 'none',
      problems: ['forbidden', 'rate-limited'],
      async handle({ body, ip, raw }) {
        assertOwnPage(raw)
        assertPrivate(raw)
        holdBack(await resetBrake.take(ip, parseEmailAddress(body.email) ?? ''))
        // Not waited for: how long it takes would tell whether there is an account.
        parts.inBackground(sendLink(parts, body.email, ip))
        return { status: 202, body: {} }
      },
    }),
    route(accountsApi, 'POST /api/session/reset', {
      id: 'resetPassword',
      tag: 'Session',
      summary:
        'Choose a new password with the token of such a link; every session and the Gmail companion end',
      role: 'none',
      problems: ['forbidden', 'rate-limited', 'not-found'],
      async handle({ body: { token, next }, ip, raw }) {
        // 256 bits are not guessed, so nothing but the limit of the address holds this back: a weak password costs no try.
        assertOwnPage(raw)
        assertPrivate(raw)
        const account = await resets.find(token)
        if (account) await assertStrong(next, [account.email, account.name], '/next')
        const changed = account && (await resets.redeem(token, next))
        if (!changed)
          throw new ProblemError('not-found', {
            detail: 'This link was used already, is older than 30 minutes, or is not whole. Ask for another.',
          })
        await accounts.endOtherSessions(changed.id, null)
        await endGrants(changed.id)
        const by = `account:${changed.id}`
        await audit.write(changed.workspaceId, {
          by,
          action: 'account.passwordReset',
          subject: changed.id,
          ip,
        })
        return { status: 204 }
      },
    }),
  ]
}

async function sendLink(parts: AccountRouteParts, email: string, ip: string): Promise<void> {
  const { accounts, audit, resets, sendResetEmail, workspaceName } = parts
  const account = await accounts.byEmail(email)
  if (!account) return
  const token = await resets.begin(account)
  await audit.write(account.workspaceId, {
    by: 'nobody',
    action: 'account.resetLink',
    subject: account.id,
    ip,
  })
  await sendResetEmail(account, workspaceName(account), token)
}
