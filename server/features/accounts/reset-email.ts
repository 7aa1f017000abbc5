import { minuteMs } from '../../../shared/clock.ts'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import { escapeHtml } from '../../locales/catalog.ts'
import type { Clock, Mailer } from '../../ports.ts'
import { type Account, digest } from './account.ts'
import { resetMs, resetUrl } from './password-resets.ts'

/** Emails someone the link by which they choose another password. Never throws. */
export type SendResetEmail = (account: Account, workspaceName: string, token: string) => Promise<void>

export function createSendResetEmail({
  mailer,
  clock,
  addresses: { publicUrl, mailFrom, mailDomain },
  canSend,
  log,
}: {
  mailer: Mailer
  clock: Clock
  addresses: { publicUrl: string; mailFrom: string; mailDomain: string }
  canSend: () => boolean
  log: { warn(details: object, words: string): void }
}): SendResetEmail {
  return async (account, workspaceName, token) => {
    if (!canSend()) return log.warn({}, 'no reset link was sent: this copy of the database sends no email')
    const { text, html } = textsOf(workspaceName, resetUrl(publicUrl, token))
    try {
      const result = await mailer.send(
        {
          to: { address: account.email, name: account.name },
          from: { address: addressOfMailbox(mailFrom), name: 'Trialpace' },
          replyTo: { address: addressOfMailbox(mailFrom), name: 'Trialpace' },
          envelopeFrom: '',
          messageId: `reset-${digest(token).slice(0, 22)}@${mailDomain}`,
          subject: 'Choose a new Trialpace password',
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          listId: { host: `accounts.${mailDomain}`, comment: 'Trialpace accounts' },
          unsubscribe: null,
          date: new Date(clock.now()),
        },
        async () => true,
      )
      if (result.state !== 'accepted') log.warn({ state: result.state }, 'a reset link was not sent')
    } catch (error) {
      log.warn({ err: error }, 'a reset link was not sent')
    }
  }
}

function textsOf(workspaceName: string, url: string): { text: string; html: string } {
  const lines = [
    `Someone asked for a new password for your Trialpace account in ${workspaceName}.`,
    `Choose one within ${resetMs / minuteMs} minutes:`,
    url,
    'If it was not you, ignore this email: your password stays as it is.',
  ]
  const link = `<a href="${escapeHtml(url)}">Choose a new password</a>`
  const html = lines.map((line) => `<p>${line === url ? link : escapeHtml(line)}</p>`).join('\n')
  return { text: lines.join('\n\n'), html }
}
