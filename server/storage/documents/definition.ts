import type * as z from 'zod'
import type { ExportedList } from '../../../shared/api/trialists.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { attachedTo } from '../attached-to.ts'
import type { AnyDocuments } from '../port.ts'

/** A trialist as their documents are found. */
export interface Traced {
  readonly workspaceId: WorkspaceId
  /** Theirs, and those of anonymous visitors that turned out to be them. */
  readonly trialIds: readonly TrialId[]
  /** Of their mails. */
  readonly tokens: readonly string[]
  /** By which a billing system names them. */
  readonly userIds: readonly string[]
  readonly emails: readonly string[]
}

/** One document, or all whose ids begin like this. */
export type Place = { readonly id: string } | { readonly prefix: string }

/**
 * Whose a document is.
 * - `trialist`: a person in a trial. An erasure goes to each place.
 * - `trialist-soon`: about one, but not to be found by them; its retention is short.
 * - `colleague`: someone who signs in. - `workspace`, `server`: about no one.
 */
type Owner<T> =
  | {
      readonly of: 'trialist'
      /** @param documents to look up what points there */
      readonly places: (who: Traced, documents: AnyDocuments) => Promise<readonly Place[]>
      /** `pointer`: other documents of the person are found through it. `mark`: says that an erasure has begun. */
      readonly last?: 'pointer' | 'mark'
      /** What stays after an erasure, without the person; without this nothing does. */
      readonly withoutPerson?: (body: T, who: Traced) => T
      /** Its name in an export; `null`: an index that repeats what another kind says. */
      readonly exportAs: ExportedList | null
    }
  | { readonly of: 'trialist-soon' | 'colleague' | 'workspace' | 'server' }

/** How long it is kept; `forever` also where the feature itself deletes it when it is done. */
type Keeping<T> =
  | 'forever'
  | {
      readonly forMs: number
      /** The instant from which that counts; null: for good, or until that changes. */
      readonly since: (body: T) => number | null
      /** By which clock; the demo moves that of trials, and no one shall be signed out by it. */
      readonly clock?: 'wall'
      /** What stays of it then; without this nothing does. */
      readonly rest?: (body: T) => T
    }

/** All that is said about a kind of document. */
export interface DocumentDefinition<T> {
  readonly body: z.ZodType<T>
  readonly owner: Owner<T>
  readonly keep: Keeping<T>
}

export const define = <T>(definition: DocumentDefinition<T>): DocumentDefinition<T> => definition

export const workspaceOwned = { of: 'workspace' } as const
export const colleagueOwned = { of: 'colleague' } as const

/** The id is the trial’s. */
export const byTrialId = async ({ trialIds }: Traced): Promise<readonly Place[]> =>
  trialIds.map((id) => ({ id }))
/** See attached-to.ts. */
export const attachedToTrial = async ({ trialIds }: Traced): Promise<readonly Place[]> =>
  trialIds.map((id) => ({ prefix: attachedTo(id) }))

const pointersRead = 10_000

/** Found through documents attached to the trial. @param places of what one of them points at */
export const throughAttached =
  <P>(kind: string, places: (body: P, id: string, who: Traced) => readonly Place[]) =>
  async (who: Traced, documents: AnyDocuments): Promise<readonly Place[]> => {
    const found: Place[] = []
    for (const trialId of who.trialIds) {
      const prefix = attachedTo(trialId)
      for (const { id, body } of await documents.list(kind, { prefix, limit: pointersRead }))
        found.push(...places(body as P, id.slice(prefix.length), who))
    }
    return found
  }

/** Found through a document whose id is the trial’s. */
export const throughTrialId =
  <P>(kind: string, places: (body: P) => readonly Place[]) =>
  async (who: Traced, documents: AnyDocuments): Promise<readonly Place[]> => {
    const found = await Promise.all(who.trialIds.map((id) => documents.get(kind, id)))
    return found.flatMap((pointer) => (pointer ? places(pointer.body as P) : []))
  }
