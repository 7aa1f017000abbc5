import { createHash } from 'node:crypto'
import type { EmailAddress, SuppressionReason, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { inForce, strongerOf } from '../../domain/trial/suppression.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { Suppression } from '../../storage/documents/email.ts'
import { eachDocument } from '../../storage/each.ts'
import { inGroups } from '../../storage/in-groups.ts'
import { type DocumentStore, manyDocuments } from '../../storage/port.ts'
import { untilStored } from '../../storage/update-document.ts'
import { createSuppressionOrder } from './suppression-order.ts'

export interface SuppressionEntry extends Suppression {
  /** Keyed hash of the address, see {@link AddressHash}. */
  readonly hash: string
}

/** Where a list goes on: after the entry of that moment and hash. */
export type SuppressionPlace = Pick<SuppressionEntry, 'at' | 'hash'>

interface SuppressionPage {
  /** Newest first. */
  readonly entries: readonly SuppressionEntry[]
  /** null: there are no more. */
  readonly next: SuppressionPlace | null
  /** Of the whole list. */
  readonly counts: Readonly<Partial<Record<SuppressionReason, number>>>
}

const suppressionKind = 'suppression'
/** Says which entries name a trial: its id is {@link attachedTo} the trial, then the entry’s hash. */
const namedKind = 'suppression-name'

/**
 * What stands for an address on the list, 40 hexadecimal digits: the list survives an erasure request, and anyone who
 * reads the database without the key cannot try addresses against it.
 */
export type AddressHash = (address: EmailAddress) => string

/** Earlier versions kept this, 64 digits. It is what the key is applied to, so such entries can be taken over. */
const plainHash = (address: EmailAddress): string => createHash('sha256').update(address).digest('hex')

/** @param fingerprint keyed, of 40 hexadecimal digits */
export const keyedAddressHash =
  (fingerprint: (text: string) => string): AddressHash =>
  (address) =>
    fingerprint(plainHash(address))

/** Entries that hold. */
export interface Suppressions {
  readonly hashOf: AddressHash
  find(workspaceId: WorkspaceId, address: EmailAddress): Promise<Suppression | null>
  /** Of many addresses at once, those that are on the list. */
  findAll(
    workspaceId: WorkspaceId,
    addresses: readonly EmailAddress[],
  ): Promise<ReadonlyMap<EmailAddress, Suppression>>
  findByHash(workspaceId: WorkspaceId, hash: string): Promise<SuppressionEntry | null>
  /** Keeps the stronger reason, and the older entry of the same. @param trialIds who has the address */
  add(
    workspaceId: WorkspaceId,
    address: EmailAddress,
    suppression: Suppression,
    trialIds?: readonly TrialId[],
  ): Promise<void>
  removeByHash(workspaceId: WorkspaceId, hash: string): Promise<boolean>
  list(
    workspaceId: WorkspaceId,
    request: { limit: number; after?: SuppressionPlace; reason?: SuppressionReason },
  ): Promise<SuppressionPage>
}

/** What the entry becomes; the same object when nothing changes. */
function merged(
  before: Suppression | null,
  added: Suppression,
  trialIds: readonly TrialId[],
  now: number,
): Suppression {
  const { reason, at } = strongerOf(before, added, now)
  const known = before?.trialIds ?? []
  const named = [...new Set([...known, ...trialIds])]
  if (before && before.reason === reason && before.at === at && named.length === known.length) return before
  return { reason, at, ...(named.length > 0 && { trialIds: named }) }
}

export function createSuppressions(
  documents: DocumentStore,
  now: () => number,
  hashOf: AddressHash,
): Suppressions {
  const order = createSuppressionOrder(documents)
  /** Under way, one for each workspace. */
  const completing = new Map<WorkspaceId, Promise<void>>()
  const idOf = (workspaceId: WorkspaceId, address: EmailAddress): string =>
    `${workspaceId}:${hashOf(address)}`

  async function findByHash(workspaceId: WorkspaceId, hash: string): Promise<SuppressionEntry | null> {
    const found = await documents.get(suppressionKind, `${workspaceId}:${hash}`)
    const suppression = inForce(found?.body ?? null, now())
    return suppression && { ...suppression, hash }
  }

  async function* all(workspaceId: WorkspaceId): AsyncGenerator<SuppressionEntry> {
    const prefix = `${workspaceId}:`
    for await (const { id, body } of eachDocument(documents, suppressionKind, { prefix }))
      if (inForce(body, now())) yield { ...body, hash: id.slice(prefix.length) }
  }

  /** A list from before there was an order is put into it once, the first time someone looks at it. */
  const inOrder = async (workspaceId: WorkspaceId): Promise<void> => {
    if (await order.isComplete(workspaceId)) return
    let work = completing.get(workspaceId)
    if (!work) {
      work = order.complete(workspaceId, all(workspaceId)).finally(() => completing.delete(workspaceId))
      completing.set(workspaceId, work)
    }
    await work
  }

  return {
    hashOf,
    findByHash,
    find: (workspaceId, address) => findByHash(workspaceId, hashOf(address)),

    async findAll(workspaceId, addresses) {
      const byId = new Map(addresses.map((address) => [idOf(workspaceId, address), address]))
      const found = new Map<EmailAddress, Suppression>()
      for (const ids of inGroups([...byId.keys()], manyDocuments))
        for (const { id, body } of await documents.getAll(suppressionKind, ids)) {
          const [address, suppression] = [byId.get(id), inForce(body, now())]
          if (address !== undefined && suppression) found.set(address, suppression)
        }
      return found
    },

    async add(workspaceId, address, suppression, trialIds = []) {
      const id = idOf(workspaceId, address)
      // First the way back to the entry, so that an erasure finds it whatever happens in between.
      for (const trialId of trialIds)
        await documents.put(namedKind, `${attachedTo(trialId)}${hashOf(address)}`, { workspaceId })
      const hash = hashOf(address)
      await untilStored(documents, `${suppressionKind} ${id}`, async () => {
        const before = await documents.get(suppressionKind, id)
        const next = merged(before?.body ?? null, suppression, trialIds, now())
        if (next === before?.body) return true
        const isMoved = before?.body.at !== next.at || before.body.reason !== next.reason
        if (isMoved) await order.place(workspaceId, { ...next, hash })
        if ((await documents.put(suppressionKind, id, next, before?.version ?? 0)) === null) return null
        if (isMoved && before) await order.displace(workspaceId, { ...before.body, hash })
        return true
      })
    },

    async removeByHash(workspaceId, hash) {
      const entry = await findByHash(workspaceId, hash)
      for (const trialId of entry?.trialIds ?? [])
        await documents.delete(namedKind, `${attachedTo(trialId)}${hash}`)
      const found = await documents.get(suppressionKind, `${workspaceId}:${hash}`)
      const isRemoved = await documents.delete(suppressionKind, `${workspaceId}:${hash}`)
      if (found) await order.displace(workspaceId, { ...found.body, hash })
      return isRemoved
    },

    async list(workspaceId, { limit, after, reason }) {
      await inOrder(workspaceId)
      const entries: SuppressionEntry[] = []
      for await (const row of order.newest(workspaceId, reason ?? null, after ?? null)) {
        const entry = await findByHash(workspaceId, row.hash)
        if (!entry || entry.at !== row.at || (reason && entry.reason !== reason)) continue
        entries.push(entry)
        if (entries.length > limit) break
      }
      const last = entries[limit - 1]
      return {
        entries: entries.slice(0, limit),
        counts: await order.counts(workspaceId, now()),
        next: entries.length > limit && last ? { at: last.at, hash: last.hash } : null,
      }
    },
  }
}
