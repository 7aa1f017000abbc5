import type { TrialId } from '../../../shared/trial.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { type DocumentStore, manyDocuments } from '../../storage/port.ts'
import type { WarnLog } from './measures.ts'

export const markKind = 'measure-mark'

/** Writes the marks of one turn of the event loop together: an import makes hundreds of them in one. */
export function createMarkQueue({
  documents,
  newId,
  log,
}: {
  documents: Pick<DocumentStore, 'putAll'>
  newId: () => string
  log: WarnLog
}) {
  const writing = new Set<Promise<unknown>>()
  let waiting: TrialId[] = []

  async function write(trialIds: readonly TrialId[]): Promise<void> {
    try {
      await documents.putAll(
        markKind,
        trialIds.map((trialId) => ({ id: newId(), body: { trialId }, expected: 0 })),
      )
    } catch (error) {
      log.warn({ err: error, trialIds }, 'changes were not marked for the metrics')
    }
  }

  function flush(): void {
    const gathered = waiting
    waiting = []
    for (const some of inGroups(gathered, manyDocuments)) {
      const written = write(some).finally(() => writing.delete(written))
      writing.add(written)
    }
  }

  return {
    /** Never throws, waits for nothing. */
    mark(trialId: TrialId): void {
      if (waiting.push(trialId) === 1) setImmediate(flush)
    },
    /** Resolves when the marks made so far are stored. */
    async settled(): Promise<void> {
      flush()
      await Promise.all(writing)
    },
  }
}
