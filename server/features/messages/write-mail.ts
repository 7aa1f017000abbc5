import { createHash } from 'node:crypto'
import { subjectsOf } from '../../../shared/content/subjects.ts'
import { mailLinks } from '../../../shared/mail-view.ts'
import type { MessageRule } from '../../../shared/playbook.ts'
import type { EmailAddress } from '../../../shared/trial.ts'
import { addressOfMailbox } from '../../adapters/mailbox.ts'
import { holdsFor } from '../../domain/messages/content.ts'
import { mailView } from '../../domain/messages/email-view.ts'
import { linkToken } from '../../domain/messages/link-token.ts'
import { mailAddress, mailName } from '../../domain/messages/return-path.ts'
import { isForgotten, type StoredMail } from '../../domain/metrics/forgetting.ts'
import type { Tracking } from '../../domain/metrics/measure-message.ts'
import { localeOf } from '../../domain/metrics/measure-trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { redirectOf } from '../../domain/sending.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { OutgoingMail, RenderedMail, Renderer } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { followed, type MailSettings, trackingOf, withSharedTokens } from './mail-tracking.ts'

export type { StoredMail }

/** Where emails lead and where they come from. */
export interface MailAddresses {
  /** Without a slash at its end. */
  readonly publicUrl: string
  /** Return paths are at `bounce.`, replies at `in.` of it. */
  readonly mailDomain: string
  /** `Acme <hello@acme.example>` or the bare address; for senders without an address of their own. */
  readonly mailFrom: string
}

/** One email to one person, decided and claimed. */
export interface Assignment {
  readonly trial: Trial
  readonly message: OutboxMessage
  readonly rule: MessageRule
  readonly playbook: CompiledPlaybook
  readonly workspace: Workspace
  readonly address: EmailAddress
}

/** Whom it is really handed to: a workspace that is tried out sends everything to one address of its own. */
const handedTo = ({ workspace, address }: Pick<Assignment, 'workspace' | 'address'>): EmailAddress =>
  redirectOf(workspace.sending) ?? address

export interface WrittenMail {
  readonly token: string
  readonly variant: number
  readonly bodyHash: string
  readonly mail: OutgoingMail
}

const assumed = { ...followed, consent: 'assumed' } as const

/** Which of the rule’s subjects; the same for each attempt, spread evenly over mails. */
export function subjectVariant(token: string, subjects: readonly string[]): number {
  if (subjects.length < 2) return 0
  return createHash('sha256').update(`subject:${token}`).digest().readUInt32BE(0) % subjects.length
}

const bodyHashOf = ({ subject, html, text }: RenderedMail): string =>
  createHash('sha256')
    .update(JSON.stringify([subject, html, text]))
    .digest('hex')

/**
 * Renders and keeps an email.
 * @returns the email, or why it cannot be written honestly.
 */
export async function writeMail(
  { trial, message, rule, playbook, workspace, address }: Assignment,
  {
    renderer,
    documents,
    addresses,
    now,
    chosen = null,
    measuring = assumed,
  }: {
    renderer: Renderer
    documents: DocumentStore
    addresses: MailAddresses
    now: number
    /** Subject variant; spread evenly over emails when no one chose. */
    chosen?: number | null
    measuring?: MailSettings
  },
): Promise<{ ok: true; written: WrittenMail } | { ok: false; why: string; isForNow?: true }> {
  const token = linkToken(workspace.linkSecret, message.key)
  const tracking = trackingOf(trial, measuring)
  const { publicUrl } = addresses
  const links = mailLinks(publicUrl, token, tracking)
  const variant = chosen ?? subjectVariant(token, subjectsOf(rule))
  const locale = trial.person.locale ?? playbook.playbook.product.locale
  const answer = await renderer.render({
    template: rule.template ?? rule.kind,
    locale,
    subject: rule.subjects[variant] ?? null,
    content: rule.content,
    brand: playbook.playbook.brand,
    variant: rule.subjects.length > 0 ? 0 : variant,
    ...(rule.content && { holds: holdsFor(trial, playbook, now) }),
    view: mailView(trial, message, playbook, { now, links }),
  })
  if (!answer.ok) return answer
  const rendered = await withSharedTokens(answer.mail, {
    tracking,
    token,
    publicUrl,
    workspace,
    message,
    variant,
    locale: localeOf(trial, playbook),
    now,
    documents,
  })
  const to = handedTo({ workspace, address })
  const stored = await keep(token, { trial, message, to, rendered, tracking, documents, now })
  const mail = outgoingMail({ trial, rule, playbook, workspace, address, message }, stored, token, addresses)
  return { ok: true, written: { token, variant, bodyHash: bodyHashOf(rendered), mail } }
}

const isUsual = ({ opens, clicks, viewing }: Tracking): boolean =>
  opens === 'individual' && clicks === 'individual' && viewing === undefined

/** An attempt that says the same as the one before it also has the same bytes, its date included. */
async function keep(
  token: string,
  {
    trial,
    message,
    to,
    rendered,
    tracking,
    documents,
    now,
  }: {
    trial: Trial
    message: OutboxMessage
    to: EmailAddress
    rendered: RenderedMail
    tracking: Tracking
    documents: DocumentStore
    now: number
  },
): Promise<StoredMail> {
  const { subject, html, text, links } = rendered
  const before = message.token !== null ? ((await documents.get('mail', token))?.body ?? null) : null
  const isSame =
    before !== null &&
    !isForgotten(before) &&
    before.subject === subject &&
    before.html === html &&
    before.text === text &&
    before.to === to
  if (isSame) return before
  const { id: trialId } = trial
  const stored: StoredMail = {
    trialId,
    key: message.key,
    kind: message.kind,
    subject,
    html,
    text,
    links: [...links],
    at: now,
    to,
    ...(isUsual(tracking) ? {} : { tracking }),
  }
  await documents.put('mail', token, stored)
  return stored
}

function outgoingMail(
  { trial, rule, playbook, workspace, address, message }: Assignment,
  { subject, html, text, at }: StoredMail,
  token: string,
  { publicUrl, mailDomain, mailFrom }: MailAddresses,
): OutgoingMail {
  const sender = playbook.playbook.senders[rule.sender]
  const special = (purpose: Parameters<typeof mailAddress>[0]) =>
    mailAddress(purpose, token, workspace.linkSecret, mailDomain)
  return {
    to: { address: handedTo({ workspace, address }), name: trial.person.name ?? '' },
    from: { address: sender.address ?? addressOfMailbox(mailFrom), name: sender.name },
    replyTo: { address: special('reply'), name: sender.name },
    envelopeFrom: special('bounce'),
    messageId: `${mailName('message-id', token, workspace.linkSecret)}@${mailDomain}`,
    subject,
    html,
    text,
    headers: {
      // Message kind, flow, workspace and sender; Gmail groups complaints by these, from the right.
      'Feedback-ID': `${message.kind}:${rule.class}:${workspace.id}:trialpace`,
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      'X-Trialpace-Id': mailName('header', token, workspace.linkSecret),
      ...(redirectOf(workspace.sending) && { 'X-Trialpace-Intended-For': address }),
    },
    listId: { host: `trial.${mailDomain}`, comment: `${playbook.playbook.product.name} trial email` },
    unsubscribe: { url: `${publicUrl}/u/${token}`, mailto: special('unsubscribe') },
    date: new Date(at),
  }
}
