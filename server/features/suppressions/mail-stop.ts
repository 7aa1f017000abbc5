import {
  type EmailAddress,
  parseEmailAddress,
  type SuppressionReason,
  type TrialId,
  type WorkspaceId,
} from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { peopleIn } from '../../domain/trial/recipient.ts'
import { inForce, type Suppressed, strongerOf } from '../../domain/trial/suppression.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Suppressions } from './suppression-list.ts'

/** Someone is to get no more email, by their own wish or because their mailbox says so. */
interface StopRequest {
  readonly workspaceId: WorkspaceId
  readonly trialId: TrialId
  readonly reason: SuppressionReason
}

/** An address without mail: what the list and the trials together say of it. */
export interface StoppedAddress extends Suppressed {
  readonly hash: string
  /** Known while someone who has it is here; the list itself holds only hashes. */
  readonly address: EmailAddress | null
  readonly trials: readonly Trial[]
}

/** Stops email for an address as a whole: the list that outlives the person, and every trial that has the address. */
export interface MailStop {
  /** Doing it again changes nothing. */
  stop(request: StopRequest): Promise<void>
  /** Takes it back where the list names that very reason (“this is not spam”). */
  lift(workspaceId: WorkspaceId, address: EmailAddress, reason: SuppressionReason): Promise<void>
  /** Stops email to an address, whether anyone has it or not. */
  block(workspaceId: WorkspaceId, address: EmailAddress, reason: SuppressionReason): Promise<void>
  /** @param key an address, or the hash of one. @returns null when it may be mailed. */
  find(workspaceId: WorkspaceId, key: string): Promise<StoppedAddress | null>
  /** Lets email go to it again. */
  release(workspaceId: WorkspaceId, stopped: StoppedAddress): Promise<void>
}

const pageSize = 100

const memberOfTrial = ({ recipient }: Trial) => (recipient ? { userId: recipient.userId } : {})

export function createMailStop({
  storage,
  suppressions,
  changes,
  clock,
}: {
  storage: Storage
  suppressions: Suppressions
  changes: TrialChanges
  clock: Clock
}): MailStop {
  const { trials } = storage
  const { hashOf } = suppressions
  const hasHash = ({ person }: Trial, hash: string): boolean =>
    person.email !== null && hashOf(person.email) === hash

  async function trialsWith(workspaceId: WorkspaceId, email: EmailAddress): Promise<Trial[]> {
    const found: Trial[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await trials.list({
        workspaceId,
        email,
        sort: 'createdAt',
        limit: pageSize,
        ...(cursor ? { cursor } : {}),
      })
      found.push(...page.trials)
      cursor = page.cursor
    }
    return found
  }

  async function block(workspaceId: WorkspaceId, address: EmailAddress, reason: SuppressionReason) {
    const ids = (await trialsWith(workspaceId, address)).map(({ id }) => id)
    await suppressions.add(workspaceId, address, { reason, at: clock.now() }, ids)
    for (const id of ids) await changes.change(id, { type: 'suppress', reason, address })
  }

  async function stop({ workspaceId, trialId, reason }: StopRequest): Promise<void> {
    // The trial itself first: it must stop even when its address was taken away meanwhile.
    const stopped = await changes.change(trialId, { type: 'suppress', reason })
    const address = stopped?.trial.person.email ?? null
    if (address) await block(workspaceId, address, reason)
  }

  /** Those the entry names, and those who have the address now. */
  async function peopleOf(
    workspaceId: WorkspaceId,
    named: readonly TrialId[],
    address: EmailAddress | null,
  ): Promise<Trial[]> {
    const people = new Map<TrialId, Trial>()
    if (address) for (const trial of await trialsWith(workspaceId, address)) people.set(trial.id, trial)
    for (const id of named) {
      const trial = people.has(id) ? null : await trials.get(id)
      if (trial) people.set(id, trial)
    }
    return [...people.values()]
  }

  async function find(workspaceId: WorkspaceId, key: string): Promise<StoppedAddress | null> {
    const asked = parseEmailAddress(key)
    const hash = asked ? hashOf(asked) : key
    const entry = await suppressions.findByHash(workspaceId, hash)
    const people = await peopleOf(workspaceId, entry?.trialIds ?? [], asked)
    const now = clock.now()
    // A person’s objection stays with them under another address, which the list does not know then.
    const own = people
      .flatMap(peopleIn)
      .filter((trial) => hasHash(trial, hash))
      .map(({ contact }) => inForce(contact.suppressed, now))
    const held = own.reduce<Suppressed | null>(
      (before, next) => (next ? strongerOf(before, next, now) : before),
      entry && { reason: entry.reason, at: entry.at },
    )
    const address =
      asked ?? people.flatMap(peopleIn).find((trial) => hasHash(trial, hash))?.person.email ?? null
    return held && { ...held, hash, address, trials: people }
  }

  return {
    block,
    find,

    stop,

    async lift(workspaceId, address, reason) {
      if ((await suppressions.find(workspaceId, address))?.reason !== reason) return
      await suppressions.removeByHash(workspaceId, hashOf(address))
      for (const { id } of await trialsWith(workspaceId, address))
        await changes.change(id, { type: 'unsuppress', address })
    },

    async release(workspaceId, { hash, address, reason, trials: named }) {
      const people = await peopleOf(
        workspaceId,
        named.map(({ id }) => id),
        address,
      )
      await suppressions.removeByHash(workspaceId, hash)
      // Someone who has moved to another address keeps what was said since about that one.
      for (const trial of people)
        for (const person of peopleIn(trial))
          if (hasHash(person, hash) || person.contact.suppressed?.reason === reason)
            await changes.change(trial.id, { type: 'unsuppress', ...memberOfTrial(person) })
    },
  }
}
