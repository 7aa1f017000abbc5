import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { createHotTrials, type HotTrial } from '../hot-trials.ts'
import { lastSeen, sameIndexedFields, trialFields } from '../trial-fields.ts'
import type { Connection } from './connection.ts'

/** Reading and writing trial rows inside a transaction that someone else has begun. */
export interface TrialRows {
  load(id: TrialId): Trial | null
  /** Those that are there, in any order. */
  loadAll(ids: readonly TrialId[]): Trial[]
  /** Of a `body` just selected. */
  parse(body: string): Trial
  /** What was read or written last; may be out of date. */
  recent(id: TrialId): Trial | null
  /**
   * Compare and set on `trial.version`.
   * @param before the trial as stored, when the caller knows it: spares the indexes that did not change.
   * @returns what to hand to {@link remember} after the commit, or null when the version was another.
   */
  save(trial: Trial, before?: Trial | null): Written | null
  remember(written: Written): void
  forget(id: TrialId): void
}

export interface Written extends HotTrial {
  /** What {@link restOf} gave, null as long as no one needed it. */
  readonly rest: string | null
}

export function createTrialRows(connection: Connection): TrialRows {
  const hot = createHotTrials<Written>()
  const selectVersion = connection.prepare('SELECT version FROM trials WHERE id = ?')
  const selectBody = connection.prepare('SELECT body FROM trials WHERE id = ?')
  const selectVersions = connection.prepare(
    'SELECT id, version FROM trials WHERE id IN (SELECT value FROM json_each(?))',
  )
  const insert = connection.prepare(`
    INSERT OR IGNORE INTO trials (id, workspace_id, version, body, last_seen_at, next_at, segment, pace, status,
      email, domain, company, ends_at, score, created_at, search, last_seen_hour)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const set = 'UPDATE trials SET version = ?, body = ?, last_seen_at = ?'
  const where = 'WHERE id = ? AND version = ?'
  const updateUsage = connection.prepare(`${set} ${where}`)
  const updateNext = connection.prepare(`${set}, next_at = ? ${where}`)
  const updateAll = connection.prepare(`
    ${set}, next_at = ?, segment = ?, pace = ?, status = ?, email = ?, domain = ?, company = ?, ends_at = ?, score = ?, created_at = ?,
      search = ?, last_seen_hour = ? ${where}`)

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

  const parse = (body: string): Trial => {
    const trial = JSON.parse(body) as Trial
    hot.set({ trial, chars: body.length, rest: null })
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
    const row = selectBody.get<{ body: string }>([id])
    if (!row) return null
    return parse(row.body)
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
      const known = hot.get(trial.id)
      const isKnown = known !== undefined && known.trial === before
      const rest = isKnown && known.rest && sameRest(known.trial, saved) ? known.rest : restOf(saved)
      const body = `{"version":${saved.version},"usage":${JSON.stringify(saved.usage)},${rest}`
      const usage = [saved.version, body, lastSeen(saved)]
      const key = [trial.id, trial.version]
      let changes: number
      if (trial.version === 0) {
        changes = insert.run([trial.id, trial.workspaceId, ...usage, ...listed(saved)]).changes
      } else if (before?.version === trial.version && sameIndexedFields(before, saved)) {
        changes =
          before.nextAt === saved.nextAt
            ? updateUsage.run([...usage, ...key]).changes
            : updateNext.run([...usage, saved.nextAt, ...key]).changes
      } else {
        changes = updateAll.run([...usage, ...listed(saved), ...key]).changes
      }
      return changes === 1 ? { trial: saved, chars: body.length + rest.length, rest } : null
    },
    remember: hot.set,
    forget: (id) => hot.delete(id),
  }
}

/**
 * The JSON of all but version and usage, without its first brace. Most events only count, and then more than half of
 * the text is the one of last time.
 */
const restOf = (trial: Trial): string =>
  JSON.stringify({ ...trial, version: undefined, usage: undefined }).slice(1)

function sameRest(before: Trial, after: Trial): boolean {
  for (const key of Object.keys(after) as (keyof Trial)[])
    if (after[key] !== before[key] && key !== 'version' && key !== 'usage') return false
  return true
}
