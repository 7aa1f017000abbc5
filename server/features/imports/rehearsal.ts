import type { EmailAddress, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { standAsideFor } from '../../domain/messages/shared-address.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { leavingEmails } from '../../domain/reducer/leaving.ts'
import type { Actor, OutboxMessage, Trial } from '../../domain/trial/model.ts'
import { startKey } from '../../domain/trial/person.ts'
import { breathe } from '../../storage/breathe.ts'
import type { PartResult } from '../../storage/documents/imports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { ImportOptions, TrialService } from '../trials/trial-service.ts'
import type { ImportRow } from './read-rows.ts'

/** What an import of these rows would do; whom it would email is asked of the plan that sends. */
export type Rehearse = (
  workspaceId: WorkspaceId,
  by: Actor,
  rows: readonly ImportRow[],
  options: ImportOptions,
) => Promise<{ readonly refusals: readonly (string | null)[]; readonly counts: Counts }>

type Counts = Required<Omit<PartResult, 'imported' | 'rejected'>>

/** More trials with one address than this are a test mailbox. */
const mostOthers = 50

export function createRehearsal({
  storage: { trials: stored },
  trials,
  playbooks,
  now,
}: {
  storage: Pick<Storage, 'trials'>
  trials: Pick<TrialService, 'rehearseAll'>
  playbooks: Playbooks
  now: () => number
}): Rehearse {
  /** Other trials with the address, as they would be after the import. */
  async function othersOf(
    { id, workspaceId }: Trial,
    email: EmailAddress,
    imported: ReadonlyMap<TrialId, Trial>,
  ): Promise<Trial[]> {
    const found = await stored.list({ workspaceId, email, sort: '-createdAt', limit: mostOthers })
    const all = new Map(found.trials.map((trial) => [trial.id, trial]))
    for (const trial of imported.values()) if (trial.person.email === email) all.set(trial.id, trial)
    all.delete(id)
    return [...all.values()]
  }

  async function leaves(
    message: OutboxMessage,
    trial: Trial,
    imported: ReadonlyMap<TrialId, Trial>,
    playbook: CompiledPlaybook,
  ): Promise<boolean> {
    const rule = playbook.ruleById.get(message.ruleId)
    const email = trial.person.email
    if (!rule || email === null) return false
    return standAsideFor(rule, trial, await othersOf(trial, email, imported), playbook, now()) === null
  }

  return async (workspaceId, by, rows, options) => {
    const rehearsed = await trials.rehearseAll(workspaceId, by, rows, options)
    const playbook = playbooks.current(workspaceId)
    const first = new Map<TrialId, Trial>()
    const last = new Map<TrialId, Trial>()
    for (const { before, trial, why } of rehearsed) {
      if (why !== null) continue
      if (!first.has(before.id)) first.set(before.id, before)
      last.set(trial.id, trial)
    }
    let [created, emailNow, emailWithinDay, undated] = [0, 0, 0, 0]
    const kinds: Record<string, number> = {}
    // Who shares a mailbox with someone before them does not get the same email again.
    const told = new Set<string>()
    for (const [id, trial] of last) {
      const before = first.get(id)
      if (before?.version === 0) {
        created++
        // Neither a start nor an end was said, nor when the account was made.
        if (trial.clock.said === undefined && trial.person.traitsAt[startKey] === undefined) undated++
      }
      const wouldAnyway = new Set(
        before && before.version > 0 ? leavingEmails(before, playbook, now()).now.map(({ key }) => key) : [],
      )
      const leaving = leavingEmails(trial, playbook, now())
      let leavesNow = false
      for (const message of leaving.now) {
        const inMailbox = `${trial.person.email} ${message.ruleId}`
        if (wouldAnyway.has(message.key) || told.has(inMailbox)) continue
        if (!(await leaves(message, trial, last, playbook))) continue
        told.add(inMailbox)
        leavesNow = true
        kinds[message.kind] = (kinds[message.kind] ?? 0) + 1
      }
      if (leavesNow) emailNow++
      else if (leaving.within) emailWithinDay++
      await breathe()
    }
    const refusals = rehearsed.map(({ why }) => why)
    return { refusals, counts: { created, emailNow, emailWithinDay, kinds, undated } }
  }
}
