import { companyIdOf, type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { newTrial, reduceAll, unplannedTrial } from '../../domain/reducer/reduce.ts'
import { isBehind } from '../../domain/reducer/refresh.ts'
import type { Command, Outcome } from '../../domain/trial/command.ts'
import { adoptedLimit, type Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import { breathe } from '../../storage/breathe.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { manyTrials, type Storage, StorageUnavailable } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { asAdopted, leadsToCompany, ofMember, ofUser, personBehind } from './follow-former.ts'

type Options = NonNullable<Parameters<TrialChanges['change']>[2]>

interface NewTrial {
  readonly workspaceId: WorkspaceId
  readonly userId: string | null
  readonly anonymousId: string | null
  readonly companyId?: string
}

interface Changed {
  readonly trial: Trial
  /** What the commands were applied to: the trial just before this change, not as the caller had seen it. */
  readonly before: Trial
  readonly outcome: Outcome
}

/** One of many changes that need no lease, see {@link TrialChanges.changeAll}. */
interface TrialChange {
  readonly id: TrialId
  readonly commands: readonly Command[]
  readonly create?: NewTrial
}

/** The one way in which a trial changes outside of event folding: load, reduce, compare and set, again on conflict. */
export interface TrialChanges {
  /**
   * @param commands one after the other on the same trial; the first refusal ends it and nothing is saved, unless
   * the refused command itself changed the trial.
   * A change of a former user id is one of the id that the person goes by now. Of a member of a company it is one of
   * the company’s trial, which comes back as that member sees it.
   * @param options.create who this is, when the trial may have to be made first.
   * @param options.fence only while this lease holds.
   * @returns null when there is no such trial and it may not be made.
   * @throws StorageUnavailable
   */
  change(
    id: TrialId,
    commands: Command | readonly Command[],
    options?: {
      create?: NewTrial
      fence?: number
    },
  ): Promise<Changed | null>
  /** As many changes, of different trials, in one group of saves: for imports. */
  changeAll(changes: readonly TrialChange[]): Promise<(Changed | null)[]>
  /** What changes would come to, each on top of those before it of the same trial. Nothing is saved. */
  rehearse(changes: readonly Required<TrialChange>[]): Promise<Changed[]>
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

const isUnchanged = (before: Trial, after: Trial, outcome: Outcome): boolean =>
  after === before && (before.version > 0 || !outcome.ok)

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

  /** Another process may have planned this trial by a playbook that we have yet to read. */
  const playbookFor = async (trial: Trial): Promise<CompiledPlaybook> => {
    const known = playbooks.current(trial.workspaceId)
    return isBehind(known, trial) ? playbooks.newest(trial.workspaceId) : known
  }

  /** The change goes to the id that the person goes by now. */
  const changeBehind = async (
    former: Trial,
    into: TrialId,
    commands: readonly Command[],
    { create, ...options }: Options,
    step: number,
  ): ReturnType<TrialChanges['change']> => {
    if (leadsToCompany(former))
      return changeCompany(former, into, commands, { ...options, ...(create && { create }) }, step)
    const person = await storage.trials.get(into)
    const userId = into.slice(trialIdOfUser(former.workspaceId, '').length)
    return changeAt(
      into,
      person ? asAdopted(commands, former.id, person) : commands,
      { ...options, ...(create && { create: { ...create, userId, anonymousId: null } }) },
      step + 1,
    )
  }

  /** A device of a member is theirs, and what was done on it is the company’s. */
  const changeCompany = async (
    member: Trial,
    into: TrialId,
    commands: readonly Command[],
    { create, ...options }: Options,
    step: number,
  ) => {
    const devices = commands.flatMap((command): Command[] =>
      command.type === 'absorb' && !command.ofUser
        ? [{ type: 'noteVisitor', anonymousId: command.anonymousId }]
        : [],
    )
    if (devices.length > 0) await changeAt(member.id, devices, {}, step + 1)
    const companyId = companyIdOf(into, member.workspaceId) ?? ''
    const changed = await changeAt(
      into,
      ofMember(commands, member, into),
      { ...options, ...(create && { create: { ...create, userId: null, anonymousId: null, companyId } }) },
      step + 1,
    )
    const { userId } = member
    return (
      changed && {
        ...changed,
        trial: ofUser(changed.trial, userId),
        before: ofUser(changed.before, userId),
      }
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
      const into = step < adoptedLimit ? personBehind(trial, commands) : null
      if (into) return changeBehind(trial, into, commands, options, step)
      const { trial: reduced, outcome } = reduceAll(trial, commands, await playbookFor(trial), now)
      if (isUnchanged(trial, reduced, outcome)) return { trial, before: trial, outcome }
      const saved = await storage.trials.save(reduced, fence)
      if (saved) {
        announce(saved, trial)
        return { trial: saved, before: trial, outcome }
      }
      if (fence !== undefined && !(await storage.trials.holds(id, fence)))
        return {
          trial,
          before: trial,
          outcome: {
            ok: false,
            reason: 'stale_fence',
            detail: 'Another worker has taken over this trial.',
          },
        }
    }
    throw new StorageUnavailable(`trial ${id} could not be saved: ${maxConflicts} conflicts in a row`)
  }

  const change: TrialChanges['change'] = (id, commands, options = {}) =>
    changeAt(id, [commands].flat() as Command[], options, 0)

  /** What a change makes of the trial as it was just loaded; null: alone, see {@link change}. */
  function prepare({ id, commands, create }: TrialChange, loaded: Trial | undefined) {
    const now = clock.now()
    if (loaded ? personBehind(loaded, commands) !== null : !create) return null
    const { workspaceId } = create ?? (loaded as Trial)
    const playbook = playbooks.current(workspaceId)
    if (loaded && isBehind(playbook, loaded)) return null
    const before = loaded ?? unplannedTrial({ id, ...(create as NewTrial) }, playbook, now)
    const { trial: reduced, outcome } = reduceAll(before, commands, playbook, now)
    return { before, reduced, outcome }
  }

  async function changeAll(wanted: readonly TrialChange[]): Promise<(Changed | null)[]> {
    const loaded = new Map(
      (await storage.trials.getAll(wanted.map(({ id }) => id))).map((trial) => [trial.id, trial]),
    )
    const prepared: ReturnType<typeof prepare>[] = []
    for (const each of wanted) {
      prepared.push(prepare(each, loaded.get(each.id)))
      await breathe()
    }
    const moved = prepared.filter(
      (each) => each !== null && !isUnchanged(each.before, each.reduced, each.outcome),
    )
    const saved = await storage.trials.saveAll(moved.flatMap((each) => each?.reduced ?? []))
    const savedById = new Map(saved.flatMap((trial) => (trial ? [[trial.id, trial] as const] : [])))
    return Promise.all(
      wanted.map(async ({ id, commands, create }, index) => {
        const mine = prepared[index]
        const { before, outcome } = mine ?? {}
        const trial = mine && (moved.includes(mine) ? savedById.get(id) : mine.before)
        // Someone else was faster, or the person goes by another id now: alone and again.
        if (!trial || !before || !outcome) return change(id, commands, create ? { create } : {})
        if (trial !== before) announce(trial, before)
        return { trial, before, outcome }
      }),
    )
  }

  /** The trial that a change would be made to: of the person that a former id leads to. */
  async function behind(stored: Trial | undefined): Promise<Trial | undefined> {
    let trial = stored
    for (let step = 0; trial?.mergedInto && step < adoptedLimit; step++)
      trial = (await storage.trials.get(trial.mergedInto)) ?? undefined
    return trial
  }

  async function rehearse(wanted: readonly Required<TrialChange>[]): Promise<Changed[]> {
    const ids = [...new Set(wanted.map(({ id }) => id))]
    const trials = new Map<TrialId, Trial>()
    for (const some of inGroups(ids, manyTrials))
      for (const trial of await storage.trials.getAll(some)) trials.set(trial.id, trial)
    const rehearsed: Changed[] = []
    for (const { id, commands, create } of wanted) {
      const now = clock.now()
      const playbook = playbooks.current(create.workspaceId)
      const own = trials.get(id)
      const before = (await behind(own)) ?? unplannedTrial({ id, ...create }, playbook, now)
      const said = own && before.company ? ofMember(commands, own, before.id) : commands
      const { trial: reduced, outcome } = reduceAll(before, said, playbook, now)
      const trial = outcome.ok ? reduced : before
      trials.set(id, trial)
      rehearsed.push({ trial, before, outcome })
      await breathe()
    }
    return rehearsed
  }

  return { announce, rehearse, onSaved: (listener) => void listeners.push(listener), change, changeAll }
}
