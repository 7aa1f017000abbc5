import type { Request } from 'express'
import { setupApi } from '../../../shared/api/setup.ts'
import { playbookSchema } from '../../../shared/playbook.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { startingPlaybook } from '../../domain/playbook/starting-playbook.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { faultsOf } from '../../http/parse-request.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { FirstSignIn } from '../accounts/accounts-feature.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import type { SetupTokens } from './setup-tokens.ts'

const tag = 'Setup'
const usedUp = 'This server has its first account already: sign in.'

/** Before there is an account: what the page of the first start asks for. */
export function setupRoutes({
  tokens,
  accounts,
  workspaces,
  playbooks,
  audit,
  firstSignIn,
}: {
  tokens: SetupTokens
  accounts: Accounts
  workspaces: WorkspaceService
  playbooks: PlaybookService
  audit: AuditLog
  firstSignIn: FirstSignIn
}): Route[] {
  /** @throws ProblemError. Only wrong tokens are counted, so that a stranger’s guesses lock no one out. */
  async function assertMay(token: string, ip: string, raw: Request): Promise<void> {
    firstSignIn.assertOwnPage(raw)
    firstSignIn.assertPrivate(raw)
    if (!(await tokens.isNeeded())) throw new ProblemError('conflict', { detail: usedUp })
    if (await tokens.isValid(token)) return
    await firstSignIn.countWrongToken(ip)
    throw new ProblemError('forbidden', {
      detail: 'This set-up token is not the one on the console of the server. A restart prints a new one.',
    })
  }

  async function publish(id: WorkspaceId, input: ReturnType<typeof startingPlaybook>, by: string) {
    const playbook = playbookSchema.parse(input)
    const { version: expected } = playbooks.latest(id)
    await playbooks.publish(id, { playbook, expected, by, note: 'From the set-up page' })
  }

  return [
    route(setupApi, 'GET /api/setup', {
      id: 'getSetup',
      tag,
      summary: 'Get whether the server waits for its first account',
      role: 'none',
      handle: async () => ok({ needed: await tokens.isNeeded() }),
    }),
    route(setupApi, 'POST /api/setup', {
      id: 'setUp',
      tag,
      summary: 'Set the server up with the token from its console: owner, product, sender, first playbook',
      role: 'none',
      problems: ['forbidden', 'rate-limited', 'conflict', 'invalid-playbook'],
      async handle({ body: { token, account, kind, product, sender, trialDays, events }, ip, raw }) {
        await assertMay(token, ip, raw)
        const workspace = workspaces.all()[0]
        if (!workspace) throw new ProblemError('conflict', { detail: 'There is no workspace.' })
        await firstSignIn.assertStrong(account.password, [account.email, account.name], '/account/password')
        const input = startingPlaybook({
          kind,
          product: { ...product, upgradeUrl: product.upgradeUrl ?? product.url },
          senders: {
            product: { name: sender.name, address: sender.address },
            rep: { name: sender.rep },
          },
          trialDays,
          events,
        })
        assertPlaybook(input)
        if (!(await tokens.redeem(token))) throw new ProblemError('conflict', { detail: usedUp })
        const owner = await accounts.ensure({ ...account, workspaceId: workspace.id, role: 'owner' })
        const by = `account:${owner.id}`
        await workspaces.rename(workspace.id, product.name)
        await publish(workspace.id, input, by)
        await audit.write(workspace.id, { by, action: 'workspace.setUp', after: { kind }, ip })
        return firstSignIn.begun(owner, raw)
      },
    }),
  ]
}

/** @throws ProblemError with a pointer per fault; two events of one name, say. */
function assertPlaybook(input: unknown): void {
  const parsed = playbookSchema.safeParse(input)
  if (parsed.success) return
  const errors = faultsOf(parsed.error).slice(0, 20)
  throw new ProblemError('invalid-playbook', {
    detail: `What you wrote makes no playbook: ${errors.map(({ detail }) => detail).join('; ')}.`,
    errors,
  })
}
