import type { MessageKind, WorkspaceId } from '../../../shared/trial.ts'
import { classifyHits, type Hit } from '../../domain/metrics/classify-hit.ts'
import { addCounters, type Counters } from '../../domain/metrics/counters.ts'
import type { RowId } from '../../domain/metrics/measure-trial.ts'
import type { DocumentStore, Storage } from '../../storage/port.ts'
import { tokenPattern } from './mail-record.ts'

/**
 * The mails of one day, rule, variant and language whose links are the same: document of kind `aggregate-mail`,
 * id = a token that all of them share, so that a hit says nothing about a person.
 */
export interface AggregateMail {
  readonly workspaceId: WorkspaceId
  readonly row: RowId
  readonly kind: MessageKind
  readonly links: readonly string[]
}

export const aggregateMailKind = 'aggregate-mail'
/** Sums of such hits: documents of kind `aggregate`, id `<workspace>/<row>`. They are the raw data: there is no other. */
export const aggregateKind = 'aggregate'

export async function findAggregateMail(storage: Storage, token: string): Promise<AggregateMail | null> {
  if (!tokenPattern.test(token)) return null
  return (await storage.documents.get<AggregateMail>(aggregateMailKind, token))?.body ?? null
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
  const id = `${workspaceId}/${row}`
  for (;;) {
    const found = await documents.get<Counters>(aggregateKind, id)
    const next = addCounters(found?.body ?? {}, countersOf(hit))
    if ((await documents.put(aggregateKind, id, next, found?.version ?? 0)) !== null) return
  }
}
