import { isoInstant, parseDay, parseInstant } from '../../../shared/clock.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { endInstant } from '../../domain/time/end-instant.ts'
import type { Command, Outcome, PersonPatch } from '../../domain/trial/command.ts'
import type { Actor, Trial } from '../../domain/trial/model.ts'
import { type Caller, pseudonym } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from './change-trial.ts'
import { maxFormerIds } from './follow-former.ts'

export interface TrialService {
  /** Under a former id, the one that the person goes by now. */
  get(caller: Caller, userId: string): Promise<Trial>
  /** The document of that very id, which may be a former one. */
  stored(caller: Caller, userId: string): Promise<Trial>
  put(caller: Caller, userId: string, patch: TrialistPatch): Promise<{ trial: Trial; created: boolean }>
  /**
   * Many at once, for imports: at most {@link manyTrials} different people.
   * @param options.quiet nothing is sent to them until someone ends their pause
   * @returns for each row, in order: null, or why it was refused
   */
  putAll(
    workspaceId: WorkspaceId,
    by: Actor,
    rows: readonly { readonly userId: string; readonly patch: TrialistPatch }[],
    options: { readonly quiet: boolean },
  ): Promise<(string | null)[]>
  extend(caller: Caller, userId: string, request: ExtensionRequest): Promise<Trial>
  undoExtension(caller: Caller, userId: string, id: string): Promise<Trial>
  /** @param until null: go on. */
  pause(caller: Caller, userId: string, until: number | null): Promise<Trial>
  skipNext(caller: Caller, userId: string, ruleId: string): Promise<Trial>
  /** Any command that needs no more than an audit row. */
  apply(caller: Caller, userId: string, action: string, command: Command): Promise<Trial>
  /** An audit row of a change that is not the trial’s own, such as a note on the person. */
  record(
    caller: Caller,
    userId: string,
    action: string,
    change: { before?: unknown; after?: unknown },
  ): Promise<unknown>
}

export type TrialistPatch = Omit<PersonPatch, 'trial'> & {
  readonly trial?: {
    readonly startsAt?: number
    readonly endsAt?: string | null
    /** The end the caller saw; with it an end may take back an extension. */
    readonly expectedEnd?: number | null
  }
}

interface ExtensionRequest {
  /** The caller’s name for it: the same one again grants nothing more. */
  readonly id?: string | undefined
  readonly days?: number | undefined
  readonly until?: string | undefined
  readonly reason: string
  readonly note: string
  readonly expectedEnd?: number | null | undefined
  /** Where the extension was asked for, for the audit. */
  readonly source?: { readonly app: string; readonly threadId: string | null } | undefined
}

/** A day means its end where the person lives, wherever that turns out to be. */
const endOf = (text: string | null | undefined) => {
  if (text === undefined) return {}
  if (text === null) return { endsAt: null }
  return parseDay(text) === null ? { endsAt: parseInstant(text) as number } : { endsOn: text }
}

const iso = (at: number | null) => (at === null ? null : isoInstant(at))
const noTrialist = () => new ProblemError('not-found', { detail: 'There is no such trialist.' })

/** @throws ProblemError what a refused command means to a caller of the API. */
function assertDone(outcome: Outcome, trial: Trial): void {
  if (outcome.ok) return
  const detail = outcome.detail
  switch (outcome.reason) {
    case 'conflict':
      throw new ProblemError('conflict', {
        detail,
        currentEnd: iso(trial.clock.endsAt),
        version: trial.version,
      })
    case 'policy':
      throw new ProblemError('policy-refused', { detail, currentEnd: iso(trial.clock.endsAt) })
    case 'not_found':
      throw new ProblemError('not-found', { detail })
    case 'invalid':
      throw new ProblemError('invalid-request', { detail, errors: [{ pointer: '', detail }] })
    default:
      throw new ProblemError('conflict', { detail, version: trial.version })
  }
}

export function createTrialService({
  storage,
  changes,
  playbooks,
  audit,
  suppressions,
  ids,
  now,
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
  audit: AuditLog
  suppressions: Suppressions
  ids: Ids
  now: () => number
}): TrialService {
  const idOf = (caller: Caller, userId: string): TrialId => trialIdOfUser(caller.workspace.id, userId)

  const zoneOf = (caller: Caller, trial: Trial): string => {
    return trial.person.timeZone ?? playbooks.current(caller.workspace.id).playbook.product.timeZone
  }

  const record: TrialService['record'] = (caller, userId, action, { before, after }) =>
    audit.write(caller.workspace.id, {
      by: caller.by,
      action,
      subject: pseudonym(caller.workspace, userId),
      before,
      after,
      ip: caller.ip,
    })

  const clockRow = ({ clock }: Trial) => ({ endsAt: iso(clock.endsAt), status: clock.status })

  async function stored(caller: Caller, userId: string): Promise<Trial> {
    const trial = await storage.trials.get(idOf(caller, userId))
    if (!trial) throw noTrialist()
    return trial
  }

  async function get(caller: Caller, userId: string): Promise<Trial> {
    let trial = await stored(caller, userId)
    for (let step = 0; trial.mergedInto !== null && step < maxFormerIds; step++) {
      const into = await storage.trials.get(trial.mergedInto)
      if (!into) return trial
      trial = into
    }
    return trial
  }

  async function apply(
    caller: Caller,
    userId: string,
    action: string,
    command: Command,
    why: object = {},
  ): Promise<Trial> {
    const changed = await changes.change(idOf(caller, userId), command)
    if (!changed) throw noTrialist()
    const { trial, before, outcome } = changed
    assertDone(outcome, trial)
    if (trial !== before)
      await record(caller, userId, action, {
        before: clockRow(before),
        after: { ...clockRow(trial), ...why },
      })
    return changed.trial
  }

  /** What a description of a person does to their trial; an address on the suppression list brings its reason along. */
  async function commandsFor(workspaceId: WorkspaceId, by: Actor, { trial: dates, ...rest }: TrialistPatch) {
    const patch: PersonPatch = {
      ...rest,
      ...(dates && {
        trial: {
          ...(dates.startsAt !== undefined && { startsAt: dates.startsAt }),
          ...endOf(dates.endsAt),
        },
      }),
    }
    const email = patch.email ?? null
    const objection = email ? await suppressions.find(workspaceId, email) : null
    const describe: Command = {
      type: 'describe',
      patch,
      by,
      ...(dates?.expectedEnd !== undefined && { expectedEnd: dates.expectedEnd }),
    }
    const commands: Command[] = objection
      ? [describe, { type: 'suppress', reason: objection.reason }]
      : [describe]
    return { commands, objection, email }
  }

  return {
    get,
    stored,
    apply,
    record,

    async putAll(workspaceId, by, rows, { quiet }) {
      const wanted = await Promise.all(
        rows.map(async ({ userId, patch }) => {
          const id = trialIdOfUser(workspaceId, userId)
          const { commands, ...found } = await commandsFor(workspaceId, by, patch)
          const create = { workspaceId, userId, anonymousId: null }
          return {
            id,
            create,
            commands: quiet ? [...commands, { type: 'silence' } as const] : commands,
            ...found,
          }
        }),
      )
      const changed = await changes.changeAll(wanted)
      for (const { id, email, objection } of wanted)
        if (email && objection) await suppressions.add(workspaceId, email, objection, [id])
      return changed.map((each) => (each && !each.outcome.ok ? each.outcome.detail : null))
    },

    async put(caller, userId, patch) {
      const id = idOf(caller, userId)
      const { commands, objection, email } = await commandsFor(caller.workspace.id, caller.actor, patch)
      const changed = await changes.change(id, commands, {
        create: { workspaceId: caller.workspace.id, userId, anonymousId: null },
      })
      if (!changed) throw noTrialist()
      const { trial, before, outcome } = changed
      assertDone(outcome, trial)
      if (objection && email) await suppressions.add(caller.workspace.id, email, objection, [id])
      const created = before.version === 0
      if (created || before.clock.endsAt !== trial.clock.endsAt)
        await record(caller, userId, created ? 'trial.create' : 'trial.dates', {
          before: created ? null : clockRow(before),
          after: clockRow(trial),
        })
      return { trial, created }
    },

    async extend(caller, userId, { id, days, until, reason, note, expectedEnd, source }) {
      const before = await get(caller, userId)
      const untilAt = until === undefined ? undefined : endInstant(until, zoneOf(caller, before))
      const command: Command = {
        type: 'extend',
        id: id ?? ids.uuid(now()),
        ...(days !== undefined && { days }),
        ...(untilAt !== undefined && { until: untilAt }),
        reason,
        note,
        by: caller.actor,
        ...(expectedEnd !== undefined && { expectedEnd }),
      }
      return apply(caller, userId, 'trial.extend', command, { reason, ...(source && { source }) })
    },

    undoExtension: (caller, userId, id) =>
      apply(caller, userId, 'trial.extension.undo', { type: 'undoExtension', id, by: caller.actor }),

    pause: (caller, userId, until) => apply(caller, userId, 'trial.pause', { type: 'pause', until }),

    skipNext: (caller, userId, ruleId) =>
      apply(caller, userId, 'trial.skip', { type: 'skipNext', ruleId, by: caller.actor }),
  }
}
