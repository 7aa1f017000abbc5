import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { minuteMs } from '../../../shared/clock.ts'
import type { MessageKind, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { seenBy } from '../../domain/messages/recipients.ts'
import { holdOf, redirectOf, unreleased } from '../../domain/sending.ts'
import type { BounceClass } from '../../domain/trial/bounce.ts'
import type { Claim, Command } from '../../domain/trial/command.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import type { Clock, Mailer, Random, Renderer, SendResult } from '../../ports.ts'
import type { Suppression } from '../../storage/documents/email.ts'
import { type Leased, type Storage, StorageUnavailable } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { createAddressTurns } from './address-turn.ts'
import { createBlockedList } from './blocked-emails.ts'
import { createDestinationBackoff } from './destination-backoff.ts'
import type { MailSettings } from './mail-tracking.ts'
import { createSendingTrouble, refusalOf } from './sending-trouble.ts'
import { type Assignment, type MailAddresses, type WrittenMail, writeMail } from './write-mail.ts'

/** The sending protocol, step by step. Longer than other files, because it has to be read as a whole. */

/** Named moments at which the fault suite kills the process; see test/faults. */
export type FaultPoint =
  | 'after-lease'
  | 'after-claim'
  | 'after-suppression'
  | 'after-write'
  | 'after-prepared'
  | 'before-gate'
  | 'after-gate'
  | 'after-answer'
  | 'after-record'
  | 'after-release'

export interface SenderDependencies extends MailAddresses {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly playbooks: Playbooks
  readonly workspaces: Workspaces
  readonly suppressions: Suppressions
  readonly renderer: Renderer
  readonly mailer: Mailer
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Without it every email is followed, subjects are spread evenly, and nothing pauses. */
  readonly measuring?: MailMeasuring
  /** false: nothing may leave, e.g. in a copy of a database that no one has confirmed. */
  readonly canSend?: () => boolean
  /** Called at each named moment, with the kind of the email once there is one; only the fault suite has one. */
  readonly faults?: (point: FaultPoint, trialId: TrialId, kind: MessageKind | null) => void
}

/** What measuring has to say before an email is written. */
export interface MailMeasuring {
  settings(workspaceId: WorkspaceId): Promise<MailSettings>
  /** Which subject to use; null where there is nothing to choose. */
  choose(trial: Trial, ruleId: string): Promise<number | null>
  /** Whether all but service emails rest. */
  pauseOf(workspaceId: WorkspaceId): Promise<{ until: number; why: string } | null>
}

/** What came of one look at one trial. `dropped`: the facts changed before the dot, or we were stopped. */
export type SendOutcome = 'nothing_due' | 'blocked' | 'suppressed' | 'dropped' | 'lost_lease' | Settled
type Settled = 'sent' | 'deferred' | 'failed' | 'unknown'

export type MessageSender = (leased: Leased, signal: AbortSignal) => Promise<SendOutcome>

interface Attempt extends Assignment {
  readonly claim: Claim
  readonly signal: AbortSignal
}

/** How often an email that is held looks whether it still is; a release does not wait for that. */
const lookAgainMs = 15 * minuteMs

/** Handed to an address of the team’s own: what becomes of it says nothing about the person. */
const isRedirected = ({ workspace }: Attempt): boolean => redirectOf(workspace.sending) !== null

/** Closed gates in a row after which an email waits for its next attempt, so that no fault turns into a busy loop. */
const maxClosedGates = 5

/**
 * Takes one leased trial through the sending protocol: decide, claim, write, keep, SMTP up to the gate, and record
 * what came of it. Up to the gate a crash loses nothing and sends nothing; from the gate on the email is marked, so a
 * crash leaves it visible as unknown and it is never sent blindly again.
 */
export function createMessageSender(dependencies: SenderDependencies): MessageSender {
  const { storage, changes, suppressions, clock, log, faults, measuring } = dependencies
  const backoff = createDestinationBackoff()
  const trouble = createSendingTrouble({ documents: storage.documents, clock, log })
  const blockedEmails = createBlockedList({ documents: storage.documents, clock })
  const turns = createAddressTurns({ storage, hashOf: suppressions.hashOf })
  const closedGates = new LRUCache<string, number>({ max: 1000 })

  const sendingOf = (workspaceId: WorkspaceId) =>
    dependencies.workspaces.get(workspaceId)?.sending ?? unreleased

  function holdNow(workspaceId: WorkspaceId): { until: number; why: string } | null {
    const why = holdOf(sendingOf(workspaceId))
    return why === null ? null : { why, until: clock.now() + lookAgainMs }
  }

  /** Time has passed: decide, and take what is due. */
  async function take({
    trial: { id },
    fence,
  }: Leased): Promise<{ trial: Trial; message: OutboxMessage } | null> {
    const advanced = await changes.change(id, { type: 'advance' }, { fence })
    if (!advanced?.outcome.ok) return null
    const paused = (await measuring?.pauseOf(advanced.trial.workspaceId)) ?? null
    const hold = holdNow(advanced.trial.workspaceId)
    const taken = await changes.change(id, { type: 'claim', fence, paused, hold }, { fence })
    const message = taken?.outcome.ok ? taken.outcome.message : undefined
    return taken && message ? { trial: taken.trial, message } : null
  }

  function assign({ trial, message }: { trial: Trial; message: OutboxMessage }): Assignment | string {
    const playbook = dependencies.playbooks.current(trial.workspaceId)
    const workspace = dependencies.workspaces.get(trial.workspaceId)
    const rule = playbook.playbook.messages.find(({ id }) => id === message.ruleId)
    const seen = seenBy(trial, message)
    const address = seen.person.email
    if (!workspace) return 'the workspace is gone'
    if (!rule) return `the playbook has no rule "${message.ruleId}" any more`
    if (!address) return 'there is no address'
    return { trial: seen, message, rule, playbook, workspace, address }
  }

  /** The address may be on the list through another person or before an erasure. */
  async function isSuppressed({ trial, address }: Assignment, fence: number): Promise<boolean> {
    const found = await suppressions.find(trial.workspaceId, address)
    if (!found) return false
    await changes.change(trial.id, { type: 'suppress', reason: found.reason, address }, { fence })
    await suppressions.add(trial.workspaceId, address, found, [trial.id])
    return true
  }

  return async (leased, signal) => {
    faults?.('after-lease', leased.trial.id, null)
    const taken = await take(leased)
    if (!taken) return 'nothing_due'
    const claim: Claim = { key: taken.message.key, fence: leased.fence }
    faults?.('after-claim', taken.trial.id, taken.message.kind)
    const assignment = assign(taken)
    if (typeof assignment === 'string') return block(taken, claim, assignment)
    if (await isSuppressed(assignment, claim.fence)) return 'suppressed'
    faults?.('after-suppression', taken.trial.id, taken.message.kind)
    const aside = await turns.standAside({ ...assignment, now: clock.now() })
    if (aside) {
      await changes.change(taken.trial.id, { type: 'standAside', claim, ...aside }, { fence: claim.fence })
      return 'dropped'
    }
    return attempt({ ...assignment, claim, signal })
  }

  async function block(
    { trial, message }: Pick<Attempt, 'trial' | 'message'>,
    claim: Claim,
    why: string,
  ): Promise<SendOutcome> {
    // Listed first: one that is listed and not blocked is passed over, one that is not listed is never tried again.
    await blockedEmails.list(message, trial.id)
    await changes.change(trial.id, { type: 'block', claim, why }, { fence: claim.fence })
    return 'blocked'
  }

  /** Nothing is wrong with the email, and it can be tried again: later here, at once by others when we stop. */
  async function postpone(current: Attempt, answer: string, notBefore?: number): Promise<SendOutcome> {
    if (current.signal.aborted) return 'dropped'
    const jitter = dependencies.random()
    return settle(current, {
      type: 'deferred',
      claim: current.claim,
      answer,
      jitter,
      ...(notBefore !== undefined && { notBefore }),
    })
  }

  async function attempt(current: Attempt): Promise<SendOutcome> {
    const { trial, claim, message, address } = current
    const now = clock.now()
    const until = backoff.until(address, now)
    if (until !== null)
      return postpone(
        current,
        `The receiver asked us to slow down; no email to its domain before ${new Date(until).toISOString()}.`,
        until,
      )
    const answer = await writeMail(current, {
      renderer: dependencies.renderer,
      documents: storage.documents,
      addresses: dependencies,
      now,
      chosen: (await measuring?.choose(trial, message.ruleId)) ?? null,
      ...(measuring && { measuring: await measuring.settings(trial.workspaceId) }),
    })
    if (!answer.ok) return answer.isForNow ? postpone(current, answer.why) : block(current, claim, answer.why)
    faults?.('after-write', trial.id, message.kind)
    return deliver(current, answer.written)
  }

  async function deliver(current: Attempt, { mail, ...written }: WrittenMail): Promise<SendOutcome> {
    const { trial, claim, message, signal } = current
    const { token, variant, bodyHash } = written
    const prepared = await changes.change(
      trial.id,
      { type: 'prepared', claim, token, messageId: mail.messageId, subject: mail.subject, variant, bodyHash },
      { fence: claim.fence },
    )
    if (!prepared) await storage.documents.delete('mail', token)
    if (!prepared?.outcome.ok) return 'lost_lease'
    faults?.('after-prepared', trial.id, message.kind)
    const gate = createGate(current)
    const result = await dependencies.mailer.send(mail, gate.ask, signal)
    faults?.('after-answer', trial.id, message.kind)
    noteDestination(current, result)
    await trouble.note(result)
    if (gate.state() === 'closed') return closed(current)
    // Stopped before the gate: nothing is marked, so the next worker may take it up at once.
    if (gate.state() === 'unasked' && signal.aborted) return 'dropped'
    return settle(current, commandOf(current, result))
  }

  /** The last check, between the body’s last byte and its final dot. */
  function createGate({ trial, claim, message, address, playbook, signal }: Attempt) {
    let state: 'unasked' | 'closed' | 'passed' | 'failed' = 'unasked'

    async function mayLeave(): Promise<boolean> {
      if (signal.aborted || dependencies.canSend?.() === false) return false
      if (holdNow(trial.workspaceId)) return false
      if (await suppressions.find(trial.workspaceId, address)) return false
      return turns.pass({ trial, message, address, playbook, now: clock.now() }, async () => {
        const asked = await changes.change(trial.id, { type: 'gate', claim }, { fence: claim.fence })
        return asked?.outcome.ok ?? false
      })
    }

    return {
      /** `failed`: the database did not say whether the mark was set; the email has not left in any case. */
      state: () => state,
      async ask(): Promise<boolean> {
        faults?.('before-gate', trial.id, message.kind)
        // Until the answer is known, the mark may have been set.
        state = 'failed'
        state = (await mayLeave()) ? 'passed' : 'closed'
        if (state === 'closed') return false
        closedGates.delete(claim.key)
        faults?.('after-gate', trial.id, message.kind)
        return true
      },
    }
  }

  /** Facts changed: the next look decides again. An email that is refused again and again waits a while. */
  async function closed(current: Attempt): Promise<SendOutcome> {
    const { claim, signal } = current
    if (signal.aborted) return 'dropped'
    const times = (closedGates.get(claim.key) ?? 0) + 1
    closedGates.set(claim.key, times)
    if (times < maxClosedGates) return 'dropped'
    closedGates.delete(claim.key)
    return postpone(current, `The last check before the final dot refused the email ${times} times in a row.`)
  }

  function noteDestination(current: Attempt, result: SendResult): void {
    if (isRedirected(current)) return
    const { address } = current
    const now = clock.now()
    if (result.state === 'accepted') backoff.note(address, 'accepted', now)
    // A greeting or login refused by our own relay says nothing about the receiver.
    else if (result.state === 'deferred' && ['MAIL FROM', 'RCPT TO', 'DATA', 'dot'].includes(result.stage))
      backoff.note(address, { code: result.code, text: result.answer }, now)
  }

  function commandOf(current: Attempt, result: SendResult): SettleCommand {
    const { claim } = current
    const { random } = dependencies
    switch (result.state) {
      case 'accepted':
        return { type: 'sent', claim, answer: result.answer }
      case 'unknown':
        return { type: 'unknown', claim, answer: result.answer }
      case 'deferred':
        return { type: 'deferred', claim, answer: result.answer, jitter: random() }
      case 'refused':
        return {
          type: 'deferred',
          claim,
          answer: 'The database did not answer the last check.',
          jitter: random(),
        }
      case 'rejected': {
        const { class: found, isForNow } = refusalOf(result)
        const { answer } = result
        return isForNow
          ? { type: 'deferred', claim, answer, jitter: random() }
          : { type: 'failed', claim, answer, class: isRedirected(current) ? 'other' : found }
      }
    }
  }

  /** What a refusal says of an address holds for anyone who has it, also after this person is gone. */
  async function listRefused({ trial, address }: Attempt, as: BounceClass, now: Trial | null): Promise<void> {
    const known = now?.contact.suppressed
    const entry: Suppression | null =
      as === 'hard'
        ? { reason: 'hard_bounce', at: clock.now() }
        : as === 'soft' && known?.reason === 'soft_bounces'
          ? known
          : null
    if (entry) await suppressions.add(trial.workspaceId, address, entry, [trial.id])
  }

  /**
   * Records what came of it. Not bound to the lease: past the gate no one else may send this email, so a late answer
   * is still the truth about it.
   */
  async function settle(current: Attempt, command: SettleCommand): Promise<SendOutcome> {
    const { trial, message, claim } = current
    const settled = await persistently(() => changes.change(trial.id, command), log)
    if (command.type === 'failed') await listRefused(current, command.class, settled?.trial ?? null)
    faults?.('after-record', trial.id, message.kind)
    log.info({ trialId: trial.id, key: claim.key, kind: message.kind, outcome: command.type }, 'mail handled')
    return settled?.outcome.ok ? command.type : 'lost_lease'
  }
}

type SettleCommand = Extract<Command, { type: Settled }>

const recordDelaysMs = [50, 200, 1000, 3000, 10_000]

/** What the mail server answered is known only here: worth waiting for a database that comes back. */
async function persistently<T>(action: () => Promise<T>, log: Logger): Promise<T> {
  for (const delayMs of recordDelaysMs) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error
      log.warn({ err: error }, 'the outcome of an email could not be recorded yet')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }
  return action()
}
