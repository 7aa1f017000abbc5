import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { MessageKey, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { verpMacMatches } from '../../domain/messages/return-path.ts'
import { type ReplySentiment, replySentiment } from '../../domain/metrics/reply-sentiment.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { StoredMail } from '../messages/write-mail.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { MailStop } from '../suppressions/mail-stop.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { complaintOf, type DeliveryReport, deliveryReport } from './delivery-report.ts'
import { candidates } from './match-mail.ts'
import { type Envelope, type InboundMail, parseInbound } from './parse-mail.ts'
import { automaticReason, isStopWord, replyText } from './reply-kind.ts'

/** What a received mail turned out to be. */
export const inboundKinds = [
  'hard_bounce',
  'soft_bounce',
  'policy_bounce',
  'other_bounce',
  'delayed',
  'complaint',
  'not_spam',
  'unsubscribe',
  'reply',
  'auto_reply',
  'report',
  'unknown',
] as const
export type InboundKind = (typeof inboundKinds)[number]

/** A larger mail is refused by either door. */
export const mailMaxBytes = 10 * 1024 * 1024

export interface InboundResult {
  readonly kind: InboundKind
  /** Token of the mail it is about; null when it is about none of ours. */
  readonly token: string | null
  readonly detail: string
  /** It had been received before, and nothing was done again. */
  readonly repeated: boolean
}

/** Document of kind `signal`, id `<token>/<hash of the received mail>`. */
interface InboundSignal {
  readonly type: InboundKind
  readonly at: number
  readonly trialId: TrialId
  readonly key: MessageKey
  readonly detail: string
  /** Of replies: the person’s own words, and what they sound like. */
  readonly text: string | null
  readonly sentiment: ReplySentiment | null
}

export interface ReplyToForward {
  /** The rep’s own address. */
  readonly to: string
  readonly from: { readonly address: string; readonly name: string }
  readonly subject: string
  readonly text: string
  readonly product: string
}

/** Brings a reply to the rep. @throws when it could not be handed over; the reply is then received again later. */
export type ForwardReply = (reply: ReplyToForward) => Promise<void>

export interface Inbound {
  /**
   * Takes in one received mail, whatever brought it: SMTP, HTTP or the demo’s mailbox. The same mail again, also at
   * the same time, changes nothing.
   * @param only who brought it may speak of this workspace’s mails alone; others are as if they did not exist.
   * @throws StorageUnavailable, or what forwarding threw: whoever delivered it should try again later.
   */
  receive(raw: Uint8Array, envelope: Envelope, only?: WorkspaceId): Promise<InboundResult>
}

interface Matched {
  readonly token: string
  readonly mail: StoredMail
  readonly trial: Trial
}

const replyMaxChars = 10_000

const bounceKinds: Readonly<Record<DeliveryReport['outcome'], InboundKind>> = {
  hard: 'hard_bounce',
  soft: 'soft_bounce',
  policy: 'policy_bounce',
  other: 'other_bounce',
  delayed: 'delayed',
  none: 'report',
}

/** Pure: what the mail is, whoever it is about. */
export function classifyInbound(
  mail: InboundMail,
  isUnsubscribeAddress: boolean,
): { kind: InboundKind; detail: string } {
  const feedback = complaintOf(mail)
  if (feedback) {
    const kinds = {
      abuse: 'complaint',
      'not-spam': 'not_spam',
      'opt-out': 'unsubscribe',
      other: 'report',
    } as const
    return { kind: kinds[feedback.complaint], detail: `feedback report: ${feedback.complaint}` }
  }
  const report = deliveryReport(mail)
  if (report)
    return {
      kind: bounceKinds[report.outcome],
      detail: [report.status, report.diagnostic].filter(Boolean).join(' ').slice(0, 300),
    }
  const automatic = automaticReason(mail)
  if (automatic) return { kind: 'auto_reply', detail: automatic }
  if (isUnsubscribeAddress) return { kind: 'unsubscribe', detail: 'by mail' }
  if (isStopWord(replyText(mail.text))) return { kind: 'unsubscribe', detail: 'by reply' }
  return { kind: 'reply', detail: '' }
}

export function createInbound({
  storage,
  changes,
  playbooks,
  workspaces,
  mailStop,
  clock,
  mailDomain,
  forward,
  log,
  mark = () => {},
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
  workspaces: Workspaces
  mailStop: MailStop
  clock: Clock
  /** Return paths are at `bounce.`, replies at `in.` of it. */
  mailDomain: string
  forward: ForwardReply
  log: Logger
  /** Told of each trial that feedback has come for. */
  mark?: (trialId: TrialId) => void
}): Inbound {
  async function match(mail: InboundMail, only?: WorkspaceId): Promise<Matched | null> {
    for (const { token, address } of candidates(mail, mailDomain)) {
      const stored = await storage.documents.get<StoredMail>('mail', token)
      const trial = stored && (await storage.trials.get(stored.body.trialId))
      if (!trial || (only !== undefined && trial.workspaceId !== only)) continue
      const secret = workspaces.get(trial.workspaceId)?.linkSecret
      if (address?.purpose === 'bounce' && !(secret && verpMacMatches(secret, address))) continue
      return { token, mail: stored.body, trial }
    }
    return null
  }

  async function forwardReply(mail: InboundMail, { trial }: Matched, text: string): Promise<void> {
    const { senders, product } = playbooks.current(trial.workspaceId).playbook
    const to = senders.rep.address ?? senders.product.address
    if (!to)
      return log.warn(
        { trialId: trial.id },
        'a reply was kept but not forwarded: the playbook names no address',
      )
    await forward({
      to,
      from: { address: mail.fromAddress, name: mail.fromName },
      subject: mail.subject,
      text,
      product: product.name,
    })
  }

  async function apply(
    kind: InboundKind,
    mail: InboundMail,
    matched: Matched,
    only?: WorkspaceId,
  ): Promise<void> {
    const {
      trial,
      mail: { key },
    } = matched
    const at = clock.now()
    const who = { workspaceId: trial.workspaceId, trialId: trial.id }
    if (kind === 'hard_bounce') {
      await changes.change(trial.id, { type: 'hardBounce', key, at })
      await mailStop.stop({ ...who, reason: 'hard_bounce' })
    } else if (kind === 'soft_bounce') {
      const bounced = await changes.change(trial.id, { type: 'softBounce', key, at })
      if (bounced?.trial.contact.suppressed?.reason === 'soft_bounces')
        await mailStop.stop({ ...who, reason: 'soft_bounces' })
    } else if (kind === 'complaint')
      await mailStop[only === undefined ? 'stopEverywhere' : 'stop']({ ...who, reason: 'complaint' })
    else if (kind === 'not_spam') await mailStop.lift({ ...who, reason: 'complaint' })
    else if (kind === 'unsubscribe') await mailStop.stop({ ...who, reason: 'unsubscribed' })
    else if (kind === 'reply') {
      await changes.change(trial.id, { type: 'replied', key, at })
      await forwardReply(mail, matched, mail.text.slice(0, replyMaxChars))
    }
  }

  /** Does what the mail asks for, and then keeps it: a crash in between does it again, never not at all. */
  async function take(
    id: string,
    mail: InboundMail,
    matched: Matched,
    { kind, detail, only }: { kind: InboundKind; detail: string; only: WorkspaceId | undefined },
  ): Promise<InboundResult> {
    const { token, trial } = matched
    if (await storage.documents.get('signal', id)) return { kind, token, detail, repeated: true }
    await apply(kind, mail, matched, only)
    const words = kind === 'reply' ? replyText(mail.text).slice(0, replyMaxChars) : null
    const signal: InboundSignal = {
      type: kind,
      at: clock.now(),
      trialId: trial.id,
      key: matched.mail.key,
      detail,
      text: words,
      sentiment: words === null ? null : replySentiment(words),
    }
    await storage.documents.put('signal', id, signal, 0)
    mark(trial.id)
    log.info({ kind, trialId: trial.id, key: matched.mail.key }, 'feedback received')
    return { kind, token, detail, repeated: false }
  }

  /** Mails being taken in: whoever brings one of them once more is told what became of the first. */
  const underWay = new Map<string, Promise<InboundResult>>()

  return {
    async receive(raw, envelope, only) {
      let mail: InboundMail
      try {
        mail = await parseInbound(raw, envelope)
      } catch (error) {
        log.warn({ err: error }, 'a received mail could not be read')
        return { kind: 'unknown', token: null, detail: 'it could not be read', repeated: false }
      }
      const matched = await match(mail, only)
      const isUnsubscribe = candidates(mail, mailDomain)[0]?.address?.purpose === 'unsubscribe'
      const { kind, detail } = classifyInbound(mail, isUnsubscribe)
      if (!matched) {
        log.info({ kind }, 'a received mail is about none of ours')
        return { kind, token: null, detail, repeated: false }
      }
      const id = `${matched.token}/${digestOf(raw, mail)}`
      const first = underWay.get(id)
      if (first) return { ...(await first), repeated: true }
      const taking = take(id, mail, matched, { kind, detail, only })
      underWay.set(id, taking)
      try {
        return await taking
      } finally {
        underWay.delete(id)
      }
    },
  }
}

/** The same mail delivered twice has the same Message-ID; one without is known by its bytes. */
const digestOf = (raw: Uint8Array, { messageId }: InboundMail): string =>
  createHash('sha256')
    .update(messageId ?? raw)
    .digest('hex')
    .slice(0, 32)
