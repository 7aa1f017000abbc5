import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { createHotTrials, type HotTrial } from '../hot-trials.ts'
import { lastSeen, sameIndexedFields, trialFields } from '../trial-fields.ts'
import type { Connection } from './connection.ts'
import { hasSameRest, parseTrial, restText, storedTrial, usageText } from './stored-trial.ts'

/** Reading and writing trial rows inside a transaction that someone else has begun. */
export interface TrialRows {
  load(id: TrialId): Trial | null
  /** Those that are there, in any order. */
  loadAll(ids: readonly TrialId[]): Trial[]
  /** Of a {@link storedTrial} just selected. */
  parse(stored: string): Trial
  /** What was read or written last; may be out of date. */
  recent(id: TrialId): Trial | null
  /**
   * Compare and set on `trial.version`.
   * @param before the trial as stored, when the caller knows it: spares the indexes that did not change.
   * @returns what to hand to {@link remember} after the commit, or null when the version was another.
   */
  save(trial: Trial, before?: Trial | null): HotTrial | null
  remember(written: HotTrial): void
  forget(id: TrialId): void
}

export function createTrialRows(connection: Connection): TrialRows {
  const hot = createHotTrials<HotTrial>()
  const selectVersion = connection.prepare('SELECT version FROM trials WHERE id = ?')
  const selectVersions = connection.prepare(
    'SELECT id, version FROM trials WHERE id IN (SELECT value FROM json_each(?))',
  )
  const selectStored = connection.prepare(`SELECT ${storedTrial} AS stored FROM trials WHERE id = ?`)
  const insert = connection.prepare(`
    INSERT OR IGNORE INTO trials (id, workspace_id, version, usage, last_seen_at, body, next_at, segment, pace, status,
      email, domain, company, ends_at, score, created_at, search, last_seen_hour)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const set = 'UPDATE trials SET version = ?, usage = ?, last_seen_at = ?'
  const where = 'WHERE id = ? AND version = ?'
  const updateUsage = connection.prepare(`${set} ${where} AND usage IS NOT NULL`)
  const updateRest = connection.prepare(`${set}, body = ?, next_at = ? ${where}`)
  const updateAll = connection.prepare(`
    ${set}, body = ?, next_at = ?, segment = ?, pace = ?, status = ?, email = ?, domain = ?, company = ?, ends_at = ?, score = ?, created_at = ?,
      search = ?, last_seen_hour = ? ${where}`)

  const deleteEmails = connection.prepare('DELETE FROM trial_emails WHERE trial_id = ?')
  const insertEmails = connection.prepare(
    'INSERT INTO trial_emails (trial_id, workspace_id, email) SELECT ?, ?, value FROM json_each(?)',
  )

  const listEmails = (trial: Trial, before: Trial | null | undefined) => {
    if (!trial.company && !before?.company) return
    deleteEmails.run([trial.id])
    insertEmails.run([trial.id, trial.workspaceId, JSON.stringify(trialFields(trial).emails)])
  }

  const listed = (trial: Trial) => {
    const fields = trialFields(trial)
    return [
      fields.nextAt,
      fields.segment,
      fields.pace,
      fields.status,
      fields.email,
      fields.domain,
      fields.company,
      fields.endsAt,
      fields.score,
      fields.createdAt,
      fields.search,
      fields.lastSeenHour,
    ]
  }

  const parse = (stored: string): Trial => {
    const [rest = '', usage = ''] = stored.split('\n')
    const trial = parseTrial(rest, usage)
    hot.set({ trial, chars: stored.length })
    return trial
  }

  const load = (id: TrialId): Trial | null => {
    const known = hot.get(id)?.trial
    if (known) {
      const row = selectVersion.get<{ version: number }>([id])
      if (row?.version === known.version) return known
      hot.delete(id)
      if (!row) return null
    }
    const row = selectStored.get<{ stored: string }>([id])
    return row ? parse(row.stored) : null
  }

  /** One question for all, and one more for each whose body is not at hand. */
  function loadAll(ids: readonly TrialId[]): Trial[] {
    return selectVersions.all<{ id: TrialId; version: number }>([JSON.stringify(ids)]).flatMap((row) => {
      const known = hot.get(row.id)?.trial
      return known?.version === row.version ? known : (load(row.id) ?? [])
    })
  }

  return {
    load,
    loadAll,
    parse,
    recent: (id) => hot.get(id)?.trial ?? null,
    save(trial, before) {
      const saved: Trial = { ...trial, version: trial.version + 1 }
      const usage = usageText(saved)
      const counted = [saved.version, usage, lastSeen(saved)]
      const key = [trial.id, trial.version]
      const isListedAlike =
        trial.version > 0 && before?.version === trial.version && sameIndexedFields(before, saved)
      if (isListedAlike && hasSameRest(before, saved) && updateUsage.run([...counted, ...key]).changes === 1)
        return { trial: saved, chars: hot.get(trial.id)?.chars ?? usage.length }
      const rest = restText(saved)
      const { changes } =
        trial.version === 0
          ? insert.run([trial.id, trial.workspaceId, ...counted, rest, ...listed(saved)])
          : isListedAlike
            ? updateRest.run([...counted, rest, saved.nextAt, ...key])
            : updateAll.run([...counted, rest, ...listed(saved), ...key])
      if (changes === 1 && !isListedAlike) listEmails(saved, before)
      return changes === 1 ? { trial: saved, chars: rest.length + usage.length } : null
    },
    remember: hot.set,
    forget: (id) => hot.delete(id),
  }
}
