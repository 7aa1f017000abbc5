import { type TrialId, trialIdOfCompany, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { memberOf } from '../../domain/trial/members.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { moveDocuments } from '../../storage/move-documents.ts'
import type { Storage } from '../../storage/port.ts'
import type { TrialChanges } from './change-trial.ts'
import { ownDocument } from './follow-former.ts'

/** Someone who may say so has named the company of a user. */
export interface MembershipWord {
  readonly workspaceId: WorkspaceId
  readonly userId: string
  readonly companyId: string
  /** When it was said: an earlier word does not outweigh a later one. */
  readonly at: number
}

/**
 * Who belongs to which company. The truth is the user’s own document: `enlist` names the company and what is still to
 * do in one save, so nothing can be half moved. Every other step is repeatable, and whoever comes next finishes what a
 * crash left: the former company keeps what was done there, the new one takes the person over.
 */
export interface Memberships {
  /** @returns the trial of the company that the user belongs to by then, which a later word may have named */
  assign(word: MembershipWord): Promise<TrialId | null>
  /** Carries out what a crash has left of a move of this user. */
  finish(own: Trial): Promise<void>
  /** Called with the document of each user who has come to another company, and the trial of that. */
  onMoved(listener: (own: TrialId, into: TrialId) => void): void
}

/** Each try loses only to a move of the same user that was finished meanwhile. */
const maxTries = 5

export function createMemberships({
  storage,
  changes,
}: {
  storage: Storage
  changes: TrialChanges
}): Memberships {
  const { trials } = storage
  const listeners: ((own: TrialId, into: TrialId) => void)[] = []

  /** What the former company has of them; frozen from then on. */
  async function frozenMember(from: TrialId, userId: string, at: number) {
    const left = await changes.change(from, { type: 'leave', userId, at })
    return (left?.trial.company && memberOf(left.trial.company, userId)) ?? undefined
  }

  async function finish(own: Trial): Promise<void> {
    const { membership, mergedInto, userId, workspaceId } = own
    if (!membership?.pending || mergedInto === null || userId === null) return
    const { at, pending } = membership
    const moved = pending.from === null ? undefined : await frozenMember(pending.from, userId, at)
    const companyId = mergedInto.slice(trialIdOfCompany(workspaceId, '').length)
    await changes.change(
      mergedInto,
      { type: 'join', userId, at, from: own, ...(moved && { moved }) },
      { create: { workspaceId, userId: null, anonymousId: null, companyId } },
    )
    if (pending.from === null) await moveDocuments(storage.documents, own.id, mergedInto)
    else await changes.change(pending.from, { type: 'forgetMember', userId })
    await changes.change(own.id, { type: 'enlisted', at })
    for (const listener of listeners) listener(own.id, mergedInto)
  }

  return {
    finish,
    onMoved: (listener) => void listeners.push(listener),

    async assign({ workspaceId, userId, companyId, at }) {
      const into = trialIdOfCompany(workspaceId, companyId)
      for (let tries = 0; tries < maxTries; tries++) {
        const own = await ownDocument(trials, trialIdOfUser(workspaceId, userId))
        if (own) await finish(own)
        const enlisted = await changes.change(
          own?.id ?? trialIdOfUser(workspaceId, userId),
          { type: 'enlist', into, at },
          { create: { workspaceId, userId, anonymousId: null } },
        )
        if (!enlisted) return null
        if (!enlisted.outcome.ok && enlisted.outcome.reason === 'conflict') continue
        await finish(enlisted.trial)
        return enlisted.trial.mergedInto
      }
      return null
    },
  }
}
