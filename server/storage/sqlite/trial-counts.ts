import type { Segment, WorkspaceId } from '../../../shared/trial.ts'
import type { TrialQuery } from '../port.ts'
import type { Reader } from './reader.ts'

/** How many trials there are of each kind, kept by triggers: counting a million of them takes half a second. */

const columns = ['workspace_id', 'segment', 'pace', 'status']
const kindOf = (row: 'old' | 'new'): string => columns.map((column) => `${row}.${column}`).join(', ')
const isKindOf = (row: 'old' | 'new'): string =>
  columns.map((column) => `${column} = ${row}.${column}`).join(' AND ')
const add = `
  INSERT OR IGNORE INTO trial_counts VALUES (${kindOf('new')}, 0);
  UPDATE trial_counts SET count = count + 1 WHERE ${isKindOf('new')};`
const remove = `UPDATE trial_counts SET count = count - 1 WHERE ${isKindOf('old')};`

/** Of a published step of the schema: never changed. */
export const trialCounts = `
  CREATE TABLE trial_counts (
    workspace_id TEXT NOT NULL,
    segment TEXT NOT NULL,
    pace TEXT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (${columns.join(', ')})
  ) WITHOUT ROWID;
  INSERT INTO trial_counts SELECT ${columns.join(', ')}, count(*) FROM trials GROUP BY ${columns.join(', ')};
  CREATE TRIGGER trials_count_insert AFTER INSERT ON trials BEGIN ${add} END;
  CREATE TRIGGER trials_count_update AFTER UPDATE OF ${columns.join(', ')} ON trials
    WHEN (${kindOf('new')}) <> (${kindOf('old')}) BEGIN ${remove} ${add} END;
  CREATE TRIGGER trials_count_delete AFTER DELETE ON trials BEGIN ${remove} END;
  DROP INDEX IF EXISTS trials_segment;
`

/** Anonymous ones are left out. */
export async function countBySegment(
  reader: Reader,
  workspaceId: WorkspaceId,
): Promise<Partial<Record<Segment, number>>> {
  const { counts } = await reader.one<{ counts: string }>(
    `SELECT json_group_object(segment, count) AS counts FROM (
      SELECT segment, sum(count) AS count FROM trial_counts
      WHERE workspace_id = ? AND status <> 'anonymous' GROUP BY segment)`,
    [workspaceId],
  )
  return JSON.parse(counts) as Partial<Record<Segment, number>>
}

type Filter = Pick<TrialQuery, 'workspaceId' | 'segment' | 'pace' | 'status'>

/** Whether a list would read all trials only to find that none is of the kind that is asked for. */
export async function isNoneLike(reader: Reader, filter: Filter): Promise<boolean> {
  const asked = (['segment', 'pace', 'status'] as const).filter((key) => filter[key] !== undefined)
  if (asked.length === 0) return false
  const { found } = await reader.one<{ found: number }>(
    `SELECT EXISTS (SELECT 1 FROM trial_counts WHERE workspace_id = ? AND count > 0
      ${filter.status === undefined ? "AND status <> 'anonymous'" : ''}
      ${asked.map((key) => `AND ${key} = ?`).join(' ')}) AS found`,
    [filter.workspaceId, ...asked.map((key) => filter[key] as string)],
  )
  return found === 0
}
