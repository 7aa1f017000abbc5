import type { TrialId, WorkspaceId } from '../../shared/trial.ts'
import type { Trial } from '../domain/trial/model.ts'
import { breathe } from './breathe.ts'
import type { DocumentStore, TrialStore, Versioned } from './port.ts'

/** A page is parsed in one go, so it is small. */
const documentsPerPage = 200
const trialsPerPage = 50

/**
 * All documents of a kind in id order, read in pages. What is written meanwhile may or may not be seen; deleting what
 * was just seen is fine.
 * @param request.after begins behind this id
 */
export function eachDocument<Bodies extends object, Kind extends keyof Bodies & string>(
  documents: DocumentStore<Bodies>,
  kind: Kind,
  { prefix, after, pageSize = documentsPerPage }: { prefix?: string; after?: string; pageSize?: number } = {},
): AsyncGenerator<Versioned<Bodies[Kind]>, void> {
  const read = (behind: string | null) =>
    documents.list(kind, {
      limit: pageSize,
      ...(prefix !== undefined && { prefix }),
      ...(behind !== null && { after: behind }),
    })
  return inPages(read, pageSize, after ?? null)
}

/** All trials of a workspace in id order, anonymous ones too, read in pages. */
export function eachTrial(
  trials: Pick<TrialStore, 'scan'>,
  workspaceId: WorkspaceId,
  pageSize = trialsPerPage,
): AsyncGenerator<Trial, void> {
  return inPages((after: TrialId | null) => trials.scan(workspaceId, after, pageSize), pageSize, null)
}

/** A page that is not full is the last one. */
async function* inPages<Id extends string, Item extends { readonly id: Id }>(
  read: (after: Id | null) => Promise<readonly Item[]>,
  pageSize: number,
  start: Id | null,
): AsyncGenerator<Item, void> {
  for (let after = start; ; ) {
    const page = await read(after)
    for (const item of page) {
      yield item
      const others = breathe()
      if (others) await others
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}
