import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { accountMadeAt } from '../../domain/trial/described-dates.ts'
import { ProblemError } from '../../http/problem.ts'
import { manyTrials, type TrialStore } from '../../storage/port.ts'
import type { ImportRow, ReadRow } from './read-rows.ts'

/** Whether nothing of a row says when its person began. */
const isUndated = ({ patch: { trial, traits } }: ImportRow): boolean =>
  trial?.startsAt === undefined && trial?.endsAt === undefined && accountMadeAt(traits) === null

/**
 * The same rows. Whether someone new without a date starts today or is here already is not for us to guess: the first
 * one that is found ends the import before it begins.
 * @throws ProblemError
 */
export async function* refusingUndated(
  rows: AsyncIterable<ReadRow>,
  workspaceId: WorkspaceId,
  trials: Pick<TrialStore, 'getAll'>,
): AsyncGenerator<ReadRow> {
  let open = new Map<TrialId, ImportRow>()
  const dated = new Set<TrialId>()
  const check = async () => {
    const known = await trials.getAll([...open.keys()])
    for (const { id } of known) open.delete(id)
    const [first] = open.values()
    if (first)
      throw new ProblemError('invalid-request', {
        detail: `${first.userId} is someone new without a date. Say when such people began: undated=today if they start now and are to be welcomed, undated=2026-03-01 if they are here since that day, or quiet=true to send them nothing. Or name trial.startsAt, trial.endsAt or createdAt in the file.`,
      })
    open = new Map()
  }
  for await (const row of rows) {
    if ('patch' in row) {
      const id = trialIdOfUser(workspaceId, row.userId)
      if (!isUndated(row)) {
        dated.add(id)
        open.delete(id)
      } else if (!dated.has(id)) open.set(id, row)
      if (open.size >= manyTrials) await check()
    }
    yield row
  }
  await check()
}
