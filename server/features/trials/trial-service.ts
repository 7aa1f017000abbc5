import { isoInstant, parseDay, parseInstant } from '../../../shared/clock.ts'
import { type EmailAddress, type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { endInstant, startInstant } from '../../domain/time/end-instant.ts'
import type { Command, PersonPatch } from '../../domain/trial/command.ts'
import type { Actor, Trial } from '../../domain/trial/model.ts'
import { type Caller, pseudonym } from '../../http/caller.ts'
import type { TrialChange } from '../../http/trial-problem.ts'
import type { Ids } from '../../ports.ts'
import type { Suppression } from '../../storage/documents/email.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from './change-trial.ts'
import { ofUser, ownDocument } from './follow-former.ts'

/** null where there is no such trialist. */
export interface TrialService {
  /** Under a former id, the one that the person goes by now. */
  get(caller: Caller, userId: string): Promise<Trial | null>
  /** The document of that very id, which may be a former one. */
  stored(caller: Caller, userId: string): Promise<Trial | null>
  put(
    caller: Caller,
    userId: string,
    patch: TrialistPatch,
  ): Promise<(TrialChange & { readonly created: boolean }) | null>
  /**
   * Many at once, for imports: at most {@link manyTrials} different people.
   * @param options.quiet nothing is sent to them until someone ends their pause
   * @param options.undatedSince the day on which new people began of whom no dates are said; default: now
   * @returns for each row, in order: null, or why it was refused; and how many were not known before
   */
  putAll(
    workspaceId: WorkspaceId,
    by: Actor,
    rows: readonly { readonly userId: string; readonly patch: TrialistPatch }[],
    options: ImportOptions,
  ): Promise<{
    readonly refusals: readonly (string | null)[]
    readonly counts: { readonly created: number }
  }>
  /** What {@link putAll} would come to, row by row; the same person may be in several. Nothing is saved. */
  rehearseAll(
    workspaceId: WorkspaceId,
    by: Actor,
    rows: readonly { readonly userId: string; readonly patch: TrialistPatch }[],
    options: ImportOptions,
  ): Promise<readonly { readonly before: Trial; readonly trial: Trial; readonly why: string | null }[]>
  extend(caller: Caller, userId: string, request: ExtensionRequest): Promise<TrialChange | null>
  undoExtension(caller: Caller, userId: string, id: string): Promise<TrialChange | null>
  /** @param until null: go on. */
  pause(caller: Caller, userId: string, until: number | null): Promise<TrialChange | null>
  skipNext(caller: Caller, userId: string, ruleId: string): Promise<TrialChange | null>
  /** Any command that needs no more than an audit row. */
  apply(caller: Caller, userId: string, action: string, command: Command): Promise<TrialChange | null>
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
    readonly startsAt?: string
    readonly endsAt?: string | null
    /** The end the caller saw; with it an end may take back an extension. */
    readonly expectedEnd?: number | null
  }
}

export interface ImportOptions {
  readonly quiet: boolean
  readonly undatedSince?: string
}

export interface ExtensionRequest {
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

/** @param zone in which a plain day begins */
export const patchOfDates = ({ startsAt, endsAt }: NonNullable<TrialistPatch['trial']>, zone: string) => ({
  ...(startsAt !== undefined && { startsAt: startInstant(startsAt, zone) }),
  ...endOf(endsAt),
})

/** @param zone in which a plain day ends */
export const extensionCommand = (
  { id, days, until, reason, note, expectedEnd }: ExtensionRequest,
  { by, zone, newId }: { by: Actor; zone: string; newId: () => string },
): Command => ({
  type: 'extend',
  id: id ?? newId(),
  ...(days !== undefined && { days }),
  ...(until !== undefined && { until: endInstant(until, zone) }),
  reason,
  note,
  by,
  ...(expectedEnd !== undefined && { expectedEnd }),
})

const iso = (at: number | null) => (at === null ? null : isoInstant(at))

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

  const productZone = (workspaceId: WorkspaceId): string =>
    playbooks.current(workspaceId).playbook.product.timeZone
  const zoneOf = (caller: Caller, trial: Trial): string =>
    trial.person.timeZone ?? productZone(caller.workspace.id)

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

  const stored = (caller: Caller, userId: string) => storage.trials.get(idOf(caller, userId))

  async function get(caller: Caller, userId: string): Promise<Trial | null> {
    const own = await ownDocument(storage.trials, idOf(caller, userId))
    const company = own?.mergedInto ? await storage.trials.get(own.mergedInto) : null
    return own && company ? ofUser(company, own.userId) : own
  }

  async function apply(
    caller: Caller,
    userId: string,
    action: string,
    command: Command,
    why: object = {},
  ): Promise<TrialChange | null> {
    const changed = await changes.change(idOf(caller, userId), command)
    if (!changed) return null
    const { trial, before, outcome } = changed
    if (outcome.ok && trial !== before)
      await record(caller, userId, action, {
        before: clockRow(before),
        after: { ...clockRow(trial), ...why },
      })
    return { trial, outcome }
  }

  /** What a description of a person does to their trial; an address on the suppression list brings its reason along. */
  function commandsFor(
    by: Actor,
    { trial: dates, ...rest }: TrialistPatch,
    productZone: string,
    objectionOf: (email: EmailAddress) => Suppression | null,
    undatedSince?: string,
  ) {
    const zone = rest.timeZone ?? productZone
    const patch: PersonPatch = { ...rest, ...(dates && { trial: patchOfDates(dates, zone) }) }
    const email = patch.email ?? null
    const objection = email ? objectionOf(email) : null
    const describe: Command = {
      type: 'describe',
      patch,
      by,
      ...(dates?.expectedEnd !== undefined && { expectedEnd: dates.expectedEnd }),
      ...(undatedSince !== undefined && { startIfNew: startInstant(undatedSince, zone) }),
    }
    const commands: Command[] = objection
      ? [describe, { type: 'suppress', reason: objection.reason }]
      : [describe]
    return { commands, objection, email }
  }

  async function wantedBy(
    ...[workspaceId, by, rows, { quiet, undatedSince }]: Parameters<TrialService['putAll']>
  ) {
    const addresses = rows.flatMap(({ patch }) => patch.email ?? [])
    const objections = await suppressions.findAll(workspaceId, addresses)
    const zone = productZone(workspaceId)
    return rows.map(({ userId, patch }) => {
      const { commands, ...found } = commandsFor(
        by,
        patch,
        zone,
        (email) => objections.get(email) ?? null,
        undatedSince,
      )
      return {
        id: trialIdOfUser(workspaceId, userId),
        create: { workspaceId, userId, anonymousId: null },
        // What has passed is settled in the same save, so that the due loop need not take up each of them.
        commands: [
          ...commands,
          ...(quiet ? [{ type: 'silence' } as const] : []),
          { type: 'advance' } as const,
        ],
        ...found,
      }
    })
  }

  return {
    get,
    stored,
    apply,
    record,

    async rehearseAll(workspaceId, by, rows, options) {
      const changed = await changes.rehearse(await wantedBy(workspaceId, by, rows, options))
      return changed.map(({ outcome, ...each }) => ({ ...each, why: outcome.ok ? null : outcome.detail }))
    },

    async putAll(workspaceId, by, rows, options) {
      const wanted = await wantedBy(workspaceId, by, rows, options)
      const changed = await changes.changeAll(wanted)
      for (const { id, email, objection } of wanted)
        if (email && objection) await suppressions.add(workspaceId, email, objection, [id])
      return {
        refusals: changed.map((each) => (each && !each.outcome.ok ? each.outcome.detail : null)),
        counts: {
          created: changed.filter((each) => each?.outcome.ok && each.before.version === 0).length,
        },
      }
    },

    async put(caller, userId, patch) {
      const id = idOf(caller, userId)
      const said = patch.email ? await suppressions.find(caller.workspace.id, patch.email) : null
      const { commands, objection, email } = commandsFor(
        caller.actor,
        patch,
        productZone(caller.workspace.id),
        () => said,
      )
      const changed = await changes.change(id, commands, {
        create: { workspaceId: caller.workspace.id, userId, anonymousId: null },
      })
      if (!changed) return null
      const { trial, before, outcome } = changed
      const created = before.version === 0
      if (!outcome.ok) return { trial, outcome, created }
      if (objection && email) await suppressions.add(caller.workspace.id, email, objection, [id])
      if (created || before.clock.endsAt !== trial.clock.endsAt)
        await record(caller, userId, created ? 'trial.create' : 'trial.dates', {
          before: created ? null : clockRow(before),
          after: clockRow(trial),
        })
      return { trial, outcome, created }
    },

    async extend(caller, userId, request) {
      const before = await get(caller, userId)
      if (!before) return null
      const { reason, source } = request
      const command = extensionCommand(request, {
        by: caller.actor,
        zone: zoneOf(caller, before),
        newId: () => ids.uuid(now()),
      })
      return apply(caller, userId, 'trial.extend', command, { reason, ...(source && { source }) })
    },

    undoExtension: (caller, userId, id) =>
      apply(caller, userId, 'trial.extension.undo', { type: 'undoExtension', id, by: caller.actor }),

    pause: (caller, userId, until) => apply(caller, userId, 'trial.pause', { type: 'pause', until }),

    skipNext: (caller, userId, ruleId) =>
      apply(caller, userId, 'trial.skip', { type: 'skipNext', ruleId, by: caller.actor }),
  }
}
