import type { MessageKind } from '../../../shared/trial.ts'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import type { RouteRequest } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Mailer, RenderedMail } from '../../ports.ts'
import type { Accounts } from '../accounts/account-service.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { MailAddresses } from './write-mail.ts'

type Asker = Pick<RouteRequest<unknown, unknown, unknown>, 'workspace' | 'principal' | 'ip'>

/**
 * Only to colleagues, so that a stolen key cannot write to the world in our name.
 * @throws ProblemError `forbidden` for anyone else; what `mail` throws.
 */
export type SendTest = (
  asker: Asker,
  test: { readonly to: string; readonly kind: MessageKind; readonly mail: () => Promise<RenderedMail> },
) => Promise<{ state: string; answer: string | null }>

export function createSendTest({
  accounts,
  audit,
  mailer,
  addresses,
  now,
  uuid,
}: {
  accounts: Accounts
  audit: AuditLog
  mailer: Mailer
  addresses: MailAddresses
  now: () => number
  uuid: () => string
}): SendTest {
  return async ({ workspace, principal, ip }, { to, kind, mail }) => {
    const account = await accounts.byEmail(to)
    if (account?.workspaceId !== workspace.id)
      throw new ProblemError('forbidden', { detail: 'Test emails only go to people with an account.' })
    const { subject, html, text } = await mail()
    const from = addressOfMailbox(addresses.mailFrom)
    const result = await mailer.send(
      {
        to: { address: account.email, name: account.name },
        from: { address: from, name: workspace.name },
        replyTo: { address: from, name: workspace.name },
        envelopeFrom: from,
        messageId: `test-${uuid()}@${addresses.mailDomain}`,
        subject: `[Test] ${subject}`,
        html,
        text,
        headers: { 'Auto-Submitted': 'auto-generated' },
        listId: { host: `test.${addresses.mailDomain}`, comment: 'Trialpace test email' },
        unsubscribe: null,
        date: new Date(now()),
      },
      async () => true,
    )
    await audit.write(workspace.id, { by: principal.id, action: 'template.testSend', after: { kind }, ip })
    return { state: result.state, answer: 'answer' in result ? result.answer : null }
  }
}
