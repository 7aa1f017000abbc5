import type { TrialId } from '../../shared/trial.ts'
import { attachedTo } from './attached-to.ts'
import type { DocumentBodies } from './document-registry.ts'
import { refKey } from './documents/billing.ts'
import { eachDocument } from './each.ts'
import type { DocumentStore } from './port.ts'
import { updateDocument } from './update-document.ts'

/**
 * What colleagues and the billing system say of a person, moved from a user id that is no longer used to the one that
 * stays. Copied before it is deleted, so that a crash loses nothing and a second call ends the same.
 */
export async function moveDocuments(documents: DocumentStore, from: TrialId, into: TrialId): Promise<void> {
  if (from === into) return
  for (const kind of ['note', 'reply-label', 'payment'] as const)
    await moveAttached(documents, kind, from, into)
  const owner = await documents.get('owner', from)
  if (owner) {
    await documents.put('owner', into, owner.body, 0)
    await documents.delete('owner', from)
  }
  await moveLink(documents, from, into)
}

async function moveAttached<Kind extends 'note' | 'reply-label' | 'payment'>(
  documents: DocumentStore,
  kind: Kind,
  from: TrialId,
  into: TrialId,
): Promise<void> {
  const prefix = attachedTo(from)
  for await (const { id, body } of eachDocument(documents, kind, { prefix })) {
    await documents.put(kind, `${attachedTo(into)}${id.slice(prefix.length)}`, body, 0)
    await documents.delete(kind, id)
  }
}

type Link = DocumentBodies['billing-link']

/** Of two people who are one now, both subscriptions count; which one is the trial’s is chosen at the next reading. */
async function moveLink(documents: DocumentStore, from: TrialId, into: TrialId): Promise<void> {
  const link = (await documents.get('billing-link', from))?.body
  if (!link) return
  for (const { key } of candidatesOf(link))
    await updateDocument(documents, 'billing-ref', key, (record) =>
      record?.trialId === from ? { ...record, trialId: into } : null,
    )
  await updateDocument(
    documents,
    'billing-link',
    into,
    (there): Link =>
      there ? { ...there, candidates: united(there, link) } : { ...link, trialId: into, leasedUntil: 0 },
  )
  await documents.delete('billing-link', from)
}

/** Links of older versions name their one subscription alone. */
function candidatesOf({
  connectionId,
  ref,
  status,
  startedAt,
  candidates,
}: Link): NonNullable<Link['candidates']> {
  const known = (status ?? 'trialing') as NonNullable<Link['candidates']>[number]['status']
  return candidates ?? [{ connectionId, ref, status: known, startedAt, key: refKey(connectionId, ref) }]
}

function united(there: Link, moved: Link): NonNullable<Link['candidates']> {
  const all = [...candidatesOf(there), ...candidatesOf(moved)]
  return all.filter(({ key }, index) => all.findIndex((other) => other.key === key) === index)
}
