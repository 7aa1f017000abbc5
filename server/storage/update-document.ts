import { type DocumentStore, StorageUnavailable } from './port.ts'

/** What an update found and left behind. `version` is the stored one; 0 while there is no document. */
export type DocumentUpdate<T> =
  | { readonly state: 'changed'; readonly before: T | null; readonly after: T; readonly version: number }
  /** `next` returned null or the body it was given: nothing was written, `after` is `before`. */
  | {
      readonly state: 'unchanged'
      readonly before: T | null
      readonly after: T | null
      readonly version: number
    }

/** Each try loses only to a writer that won, so this many losses in a row mean that something else is wrong. */
const maxConflicts = 100

/**
 * Changes one document: read, decide, write only if no one else wrote in between, else again.
 * @param next pure and quick; called again after a conflict, with what is stored by then (null: there is no such
 * document). It returns the new body, or null or the same object to leave everything as it is.
 * @throws StorageUnavailable also after {@link maxConflicts} conflicts in a row
 */
export function updateDocument<Bodies extends object, Kind extends keyof Bodies & string>(
  documents: DocumentStore<Bodies>,
  kind: Kind,
  id: string,
  next: (before: Bodies[Kind] | null) => Bodies[Kind] | null,
): Promise<DocumentUpdate<Bodies[Kind]>> {
  return untilStored<DocumentUpdate<Bodies[Kind]>>(documents, `${kind} ${id}`, async () => {
    const found = await documents.get(kind, id)
    const before = found?.body ?? null
    const after = next(before)
    if (after === null || after === before)
      return { state: 'unchanged', before, after: before, version: found?.version ?? 0 }
    const version = await documents.put(kind, id, after, found?.version ?? 0)
    return version === null ? null : { state: 'changed', before, after, version }
  })
}

/**
 * Repeats a compare-and-set, for the few that are more than one document: an id that follows from what is stored, say.
 * @param what is changed; in this process one attempt on it runs at a time
 * @param attempt null: someone else was faster
 * @throws StorageUnavailable also after {@link maxConflicts} conflicts in a row
 */
export function untilStored<T>(
  documents: object,
  what: string,
  attempt: () => Promise<T | null>,
): Promise<T> {
  return inTurn(documents, what, async () => {
    for (let conflicts = 0; conflicts < maxConflicts; conflicts++) {
      const done = await attempt()
      if (done !== null) return done
    }
    throw new StorageUnavailable(`${what} could not be saved: ${maxConflicts} conflicts in a row`)
  })
}

/** The last work on each thing that is under way in this process; empty when nothing is. */
const underWay = new WeakMap<object, Map<string, Promise<unknown>>>()

/** One after the other in this process: then only other processes can be in the way, and a burst of changes runs out of no tries. */
async function inTurn<T>(documents: object, what: string, work: () => Promise<T>): Promise<T> {
  const tails = underWay.get(documents) ?? new Map<string, Promise<unknown>>()
  underWay.set(documents, tails)
  const mine = (tails.get(what) ?? Promise.resolve()).then(work, work)
  tails.set(what, mine)
  try {
    return await mine
  } finally {
    if (tails.get(what) === mine) tails.delete(what)
  }
}
