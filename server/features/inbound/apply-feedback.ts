import type { Logger } from 'pino'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock } from '../../ports.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { MailStop } from '../suppressions/mail-stop.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { ForwardReply } from './forward-reply.ts'
import type { ReadMail } from './read-mail.ts'
import type { Matched } from './resolve-mail.ts'

/** Does what a received email asks for. Doing it again changes nothing. */
export type ApplyFeedback = (
  read: ReadMail,
  matched: Matched,
  /** Who brought it may stop email in this workspace alone. */
  only: WorkspaceId | undefined,
) => Promise<void>

export function createApplyFeedback({
  changes,
  playbooks,
  workspaces,
  mailStop,
  clock,
  forward,
  log,
}: {
  changes: TrialChanges
  playbooks: Playbooks
  workspaces: Workspaces
  mailStop: MailStop
  clock: Clock
  forward: ForwardReply
  log: Logger
}): ApplyFeedback {
  async function forwardReply({ from, subject, text }: ReadMail, { trial }: Matched): Promise<void> {
    const { senders, product } = playbooks.current(trial.workspaceId).playbook
    const to = senders.rep.address ?? senders.product.address
    if (!to)
      return log.warn(
        { trialId: trial.id },
        'a reply was kept but not forwarded: the playbook names no address',
      )
    await forward({ to, from, known: trial.person.email, subject, text, product: product.name })
  }

  return async (read, matched, only) => {
    const { trial, door, mail } = matched
    const { key } = mail
    const at = clock.now()
    const { workspaceId } = trial
    // What a mailbox says is about the address that the email went to, anyone who has which address now.
    const address = mail.to ?? trial.person.email
    const about = { key, at, ...(address && { address }) }
    switch (read.kind) {
      case 'hard_bounce':
        await changes.change(door, { type: 'hardBounce', ...about })
        if (address) await mailStop.block(workspaceId, address, 'hard_bounce')
        return
      case 'soft_bounce': {
        const bounced = await changes.change(door, { type: 'softBounce', ...about })
        const isStopped = bounced?.trial.contact.suppressed?.reason === 'soft_bounces'
        if (isStopped && address && bounced.trial.person.email === address)
          await mailStop.block(workspaceId, address, 'soft_bounces')
        return
      }
      case 'complaint':
        for (const { id } of only === undefined ? workspaces.all() : [{ id: only }])
          if (address) await mailStop.block(id, address, 'complaint')
        return
      case 'not_spam':
        if (address) await mailStop.lift(workspaceId, address, 'complaint')
        return
      case 'unsubscribe':
        await mailStop.stop({ workspaceId, trialId: door, reason: 'unsubscribed' })
        if (address && address !== trial.person.email)
          await mailStop.block(workspaceId, address, 'unsubscribed')
        return
      case 'auto_reply':
        if (read.words !== null)
          await forwardReply({ ...read, subject: `[probably automatic] ${read.subject}` }, matched)
        return
      case 'reply':
        await changes.change(door, { type: 'replied', key, at })
        await forwardReply(read, matched)
    }
  }
}
