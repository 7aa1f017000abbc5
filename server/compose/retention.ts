import type { Clock } from '../ports.ts'
import { type DocumentKind, documentDefinitions } from '../storage/document-registry.ts'
import type { DocumentDefinition } from '../storage/documents/definition.ts'
import { anyDocuments, type DocumentStore } from '../storage/port.ts'

/** Bodies of emails are large and reading them blocks: a few at a time, and others in between. */
const pageSize = 50
const pagesPerStep = 10

/** Keeps what would grow for ever to the time that the registry of documents names. */
export interface Retention {
  /** Goes through the next few hundred documents of each kind, from the first again after the last. */
  step(signal?: AbortSignal): Promise<void>
}

type Rule = Exclude<DocumentDefinition<unknown>['keep'], 'forever'>

const rules = documentDefinitions.flatMap(([kind, { keep }]) =>
  keep === 'forever' ? [] : [{ kind, rule: keep }],
)

export function createRetention({
  documents,
  clock,
  wallClock,
}: {
  documents: DocumentStore
  clock: Clock
  wallClock: Clock
}): Retention {
  const any = anyDocuments(documents)
  /** Where each kind goes on, in this process; starting over costs nothing but time. */
  const reached = new Map<DocumentKind, string>()

  async function page(kind: DocumentKind, { forMs, since, rest, clock: by }: Rule): Promise<'more' | 'end'> {
    const now = by === 'wall' ? wallClock.now() : clock.now()
    const after = reached.get(kind)
    const found = await any.list(kind, { limit: pageSize, ...(after && { after }) })
    for (const { id, version, body } of found) {
      const from = since(body)
      if (from === null || from + forMs >= now) continue
      if (rest) await any.put(kind, id, rest(body), version)
      else await any.delete(kind, id)
    }
    const last = found.at(-1)
    if (last === undefined || found.length < pageSize) {
      reached.delete(kind)
      return 'end'
    }
    reached.set(kind, last.id)
    return 'more'
  }

  return {
    async step(signal) {
      for (const { kind, rule } of rules)
        for (let pages = 0; pages < pagesPerStep && !signal?.aborted; pages++)
          if ((await page(kind, rule)) === 'end') break
    },
  }
}
