import type { ExportedList } from '../../shared/api/trialists.ts'
import { type DocumentKind, documentDefinitions } from './document-registry.ts'
import type { DocumentDefinition, Traced } from './documents/definition.ts'
import { eachDocument } from './each.ts'
import { type AnyDocuments, anyDocuments, type DocumentStore, type Versioned } from './port.ts'
import { updateDocument } from './update-document.ts'

/** What the registry says about a person: which documents are theirs, what an export calls them, what an erasure leaves. */

type Owned = Extract<DocumentDefinition<unknown>['owner'], { of: 'trialist' }>

const owned = documentDefinitions.flatMap(([kind, { owner }]) =>
  owner.of === 'trialist' ? [{ kind, owner }] : [],
)
const exported = owned.flatMap(({ kind, owner }) =>
  owner.exportAs === null ? [] : [{ kind, owner, name: owner.exportAs }],
)

/** Most documents of one kind an export holds. */
const maxExported = 10_000

async function* documentsOf(
  documents: AnyDocuments,
  kind: DocumentKind,
  owner: Owned,
  who: Traced,
): AsyncGenerator<Versioned<unknown>, void> {
  for (const place of await owner.places(who, documents)) {
    if ('prefix' in place) yield* eachDocument(documents, kind, place)
    else {
      const found = await documents.get(kind, place.id)
      if (found) yield found
    }
  }
}

/** Everything that is stored about a person, each kind under its own name. */
export async function exportPerson(
  documents: DocumentStore,
  who: Traced,
): Promise<Record<ExportedList, readonly unknown[]>> {
  const any = anyDocuments(documents)
  const lists: Partial<Record<ExportedList, readonly unknown[]>> = {}
  for (const { kind, owner, name } of exported) {
    const bodies: unknown[] = []
    for await (const { body } of documentsOf(any, kind, owner, who)) {
      if (bodies.length >= maxExported) break
      bodies.push(body)
    }
    lists[name] = bodies
  }
  return lists as Record<ExportedList, readonly unknown[]>
}

/**
 * Removes a person from all documents; one by which others are found goes after those, so that a crash leaves nothing
 * behind that a second call could not find.
 * @param stage `mark`: the mark of the erasure itself, for when all else is done.
 * @returns how many documents of each kind were deleted.
 */
export async function erasePerson(
  documents: DocumentStore,
  who: Traced,
  stage: 'content' | 'mark' = 'content',
): Promise<Partial<Record<DocumentKind, number>>> {
  const any = anyDocuments(documents)
  const deleted: Partial<Record<DocumentKind, number>> = {}
  const steps = stage === 'mark' ? (['mark'] as const) : ([undefined, 'pointer'] as const)
  for (const step of steps)
    for (const { kind, owner } of owned.filter(({ owner: { last } }) => last === step))
      for await (const { id } of documentsOf(any, kind, owner, who)) {
        const { withoutPerson } = owner
        if (withoutPerson)
          await updateDocument(any, kind, id, (body) => (body === null ? null : withoutPerson(body, who)))
        else if (await any.delete(kind, id)) deleted[kind] = (deleted[kind] ?? 0) + 1
      }
  return deleted
}
