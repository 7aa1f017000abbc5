import { classifyHits, type Hit } from '../../domain/metrics/classify-hit.ts'
import { addCounters, type Counters } from '../../domain/metrics/counters.ts'
import type { AggregateMail } from '../../storage/documents/email.ts'
import type { DocumentStore, Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import { tokenPattern } from './mail-record.ts'

export async function findAggregateMail(storage: Storage, token: string): Promise<AggregateMail | null> {
  if (!tokenPattern.test(token)) return null
  return (await storage.documents.get('aggregate-mail', token))?.body ?? null
}

/** Each hit is judged by itself: whose the others were is not known. */
function countersOf(hit: Hit): Counters {
  const verdict = classifyHits([hit], () => ({ acceptedAt: null, links: 99, otherMails: 0 })).get(hit.id)
  const isHuman = verdict?.actor === 'human'
  return hit.type === 'open'
    ? { opensRaw: 1, ...(isHuman && { opensHuman: 1 }) }
    : { clicksRaw: 1, ...(isHuman && { clicksHuman: 1 }) }
}

/** Counts a hit; neither address nor browser is kept. */
export async function countHit(
  documents: DocumentStore,
  { workspaceId, row }: AggregateMail,
  hit: Hit,
): Promise<void> {
  await updateDocument(documents, 'aggregate', `${workspaceId}/${row}`, (before) =>
    addCounters(before ?? {}, countersOf(hit)),
  )
}
