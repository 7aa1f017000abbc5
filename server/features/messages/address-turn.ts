import { minuteMs } from '../../../shared/clock.ts'
import type { EmailAddress, WorkspaceId } from '../../../shared/trial.ts'
import { type StandAside, standAsideFor } from '../../domain/messages/shared-address.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import { peopleIn } from '../../domain/trial/recipient.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/**
 * Several trials may have one address. Before an email leaves, the others are looked at; and between that look and the
 * final dot no one else may pass for the same address, so that of two twins exactly one gets through.
 */
export interface AddressTurns {
  /** What the other trials with this address say about an email; null: nothing. */
  standAside(question: Question): Promise<StandAside | null>
  /**
   * Asks again, alone for this address, and passes through `gate` if nothing speaks against it.
   * @returns what `gate` said; false when another trial goes first.
   */
  pass(question: Question, gate: () => Promise<boolean>): Promise<boolean>
}

interface Question {
  readonly trial: Trial
  readonly message: OutboxMessage
  readonly address: EmailAddress
  readonly playbook: CompiledPlaybook
  readonly now: number
}

const addressTurnKind = 'address-turn'
/** As long as the lease of a trial: anyone who was away longer has lost that too. */
const turnMs = minuteMs
/** More trials with one address than this are a test mailbox. */
const mostOthers = 50

export function createAddressTurns({
  storage,
  hashOf,
}: {
  storage: Storage
  hashOf: (address: EmailAddress) => string
}): AddressTurns {
  const { documents, trials } = storage

  async function othersOf(workspaceId: WorkspaceId, address: EmailAddress, mine: Trial): Promise<Trial[]> {
    const query = { workspaceId, email: address, sort: '-createdAt', limit: mostOthers } as const
    const { trials: found } = await trials.list(query)
    // Who shares an address within one company is known to its own plan.
    return found
      .filter(({ id }) => id !== mine.id)
      .flatMap(peopleIn)
      .filter(({ person }) => person.email === address)
  }

  function asked({ trial, message, playbook, now }: Question, others: readonly Trial[]): StandAside | null {
    const rule = playbook.ruleById.get(message.ruleId)
    return rule ? standAsideFor(rule, trial, others, playbook, now) : null
  }

  async function take(id: string, holder: string, now: number): Promise<boolean> {
    const turn = await updateDocument(documents, addressTurnKind, id, (before) =>
      before && before.holder !== holder && before.until > now ? null : { holder, until: now + turnMs },
    )
    return turn.state === 'changed'
  }

  return {
    standAside: async (question) =>
      asked(question, await othersOf(question.trial.workspaceId, question.address, question.trial)),

    async pass(question, gate) {
      const { trial, message, address, now } = question
      if ((await othersOf(trial.workspaceId, address, trial)).length === 0) return gate()
      const id = `${trial.workspaceId}:${hashOf(address)}`
      if (!(await take(id, message.key, now))) return false
      try {
        const others = await othersOf(trial.workspaceId, address, trial)
        return asked(question, others) === null && (await gate())
      } finally {
        await documents.delete(addressTurnKind, id)
      }
    },
  }
}
