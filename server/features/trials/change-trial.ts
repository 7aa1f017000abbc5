import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { newTrial, reduce } from '../../domain/reducer/reduce.ts'
import type { Command, Outcome } from '../../domain/trial/command.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import { type Storage, StorageUnavailable } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { asAdopted, maxFormerIds, personBehind } from './follow-former.ts'

type Options = NonNullable<Parameters<TrialChanges['change']>[2]>

/** The one way in which a trial changes outside of event folding: load, reduce, compare and set, again on conflict. */
export interface TrialChanges {
  /**
   * @param commands one after the other on the same trial; the first refusal ends it and nothing is saved, unless
   * the refused command itself changed the trial.
   * A change of a former user id is one of the id that the person goes by now.
   * @param options.create who this is, when the trial may have to be made first.
   * @param options.fence only while this lease holds.
   * @returns null when there is no such trial and it may not be made.
   * @throws StorageUnavailable
   */
  change(
    id: TrialId,
    commands: Command | readonly Command[],
    options?: {
      create?: { workspaceId: WorkspaceId; userId: string | null; anonymousId: string | null }
      fence?: number
    },
  ): Promise<{ trial: Trial; outcome: Outcome } | null>
  /**
   * Called after each save, so that the due loop can look again at once.
   * @param listener gets what was there before too; null where that is not known (event folding).
   */
  onSaved(listener: (trial: Trial, before: Trial | null) => void): void
  /** For savers beside this one (event folding). */
  announce(trial: Trial): void
}

/** Each try loses only to a writer that won, so this many losses in a row mean something else is wrong. */
const maxConflicts = 100

export function createTrialChanges({
  storage,
  playbooks,
  clock,
}: {
  storage: Storage
  playbooks: Playbooks
  clock: Clock
}): TrialChanges {
  const listeners: ((trial: Trial, before: Trial | null) => void)[] = []
  const announce = (trial: Trial, before: Trial | null = null) => {
    for (const listener of listeners) listener(trial, before)
  }

  /** The change goes to the id that the person goes by now. */
  const changeBehind = async (
    former: Trial,
    into: TrialId,
    commands: readonly Command[],
    { create, ...options }: Options,
    step: number,
  ) => {
    const person = await storage.trials.get(into)
    const userId = into.slice(trialIdOfUser(former.workspaceId, '').length)
    return changeAt(
      into,
      person ? asAdopted(commands, former.id, person) : commands,
      { ...options, ...(create && { create: { ...create, userId, anonymousId: null } }) },
      step + 1,
    )
  }

  const changeAt = async (
    id: TrialId,
    commands: readonly Command[],
    options: Options,
    step: number,
  ): ReturnType<TrialChanges['change']> => {
    const { create, fence } = options
    for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
      const now = clock.now()
      let trial = await storage.trials.get(id)
      if (!trial) {
        if (!create) return null
        trial = newTrial({ id, ...create }, playbooks.current(create.workspaceId), now)
      }
      const into = step < maxFormerIds ? personBehind(trial, commands) : null
      if (into) return changeBehind(trial, into, commands, options, step)
      const playbook = playbooks.current(trial.workspaceId)
      let outcome: Outcome = { ok: true }
      let reduced = trial
      for (const command of commands) {
        const step = reduce(reduced, command, playbook, now)
        outcome = step.outcome.ok ? { ...outcome, ...step.outcome } : step.outcome
        if (!step.outcome.ok) {
          // A refusal may itself be a change: a gate that says no takes the mail back and says why.
          reduced = step.trial === reduced ? trial : step.trial
          break
        }
        reduced = step.trial
      }
      if (reduced === trial && (trial.version > 0 || !outcome.ok)) return { trial, outcome }
      const saved = await storage.trials.save(reduced, fence)
      if (saved) {
        announce(saved, trial)
        return { trial: saved, outcome }
      }
      if (fence !== undefined && !(await storage.trials.holds(id, fence)))
        return {
          trial,
          outcome: {
            ok: false,
            reason: 'stale_fence',
            detail: 'Another worker has taken over this trial.',
          },
        }
    }
    throw new StorageUnavailable(`trial ${id} could not be saved: ${maxConflicts} conflicts in a row`)
  }

  return {
    announce,
    onSaved: (listener) => void listeners.push(listener),
    change: (id, commands, options = {}) => changeAt(id, [commands].flat() as Command[], options, 0),
  }
}
