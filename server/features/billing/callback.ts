import { createHash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { isoInstant, minuteMs } from '../../../shared/clock.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { wantedEnd } from '../../domain/billing/agreement.ts'
import { nextAttemptAt } from '../../domain/billing/retry.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { postJson } from '../../http/post-json.ts'
import type { Clock, Random } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { DocumentBodies } from '../../storage/document-registry.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage, Versioned } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Vault } from '../workspaces/vault.ts'
import { signedHeaders } from './callback-signature.ts'
import { createDueIndex } from './due-index.ts'
import type { SubscriptionLinks } from './subscription-links.ts'
import { createWorkQueue } from './work-queue.ts'

type StoredCallback = DocumentBodies['trial-callback']
type CallbackDelivery = DocumentBodies['callback-delivery']

export interface TrialCallback {
  get(workspaceId: WorkspaceId): Promise<{ url: string; isPaused: boolean } | null>
  /** New ends wait until it goes on. @returns false when there is none. */
  pause(workspaceId: WorkspaceId, isPaused: boolean): Promise<boolean>
  /** Posts an event that changes nothing, now. @returns what went wrong; null: it was taken, undefined: there is none. */
  test(workspaceId: WorkspaceId): Promise<string | null | undefined>
  /** @returns the secret that deliveries are signed with from now on, beside the one before it. */
  set(workspaceId: WorkspaceId, url: string): Promise<string>
  remove(workspaceId: WorkspaceId): Promise<boolean>
  list(workspaceId: WorkspaceId, limit: number): Promise<Versioned<CallbackDelivery>[]>
  /** After the encryption key was changed. */
  renewSecrets(): Promise<void>
  work(): Promise<void>
  idle(): Promise<void>
}

const kind = 'trial-callback'
const deliveryKind = 'callback-delivery'
const dueKind = 'callback-due'
const maxDue = 200
const pausedMs = 5 * minuteMs
const maxRemembered = 10_000
const place = (workspaceId: WorkspaceId): string => `${kind}/${workspaceId}`

export function createTrialCallback({
  storage: { documents, trials },
  changes,
  links,
  vault,
  clock,
  random,
  log,
  canWork,
  allowsLoopback,
}: {
  storage: Storage
  changes: TrialChanges
  links: Pick<SubscriptionLinks, 'ofTrial'>
  vault: Vault
  clock: Clock
  random: Random
  log: Pick<Logger, 'warn'>
  canWork: () => boolean
  allowsLoopback: boolean
}): TrialCallback {
  const due = createDueIndex(documents, dueKind)
  const stored = async (workspaceId: WorkspaceId) => (await documents.get(kind, workspaceId))?.body ?? null
  const secretsOf = ({ sealed }: StoredCallback, workspaceId: WorkspaceId) =>
    JSON.parse(vault.open(sealed, place(workspaceId))) as string[]

  async function save(id: string, before: Versioned<CallbackDelivery> | null, next: CallbackDelivery) {
    const was = before?.body.state === 'waiting' ? before.body.nextAttemptAt : null
    if (next.nextAttemptAt !== null && next.nextAttemptAt !== was)
      await due.move(id, null, next.nextAttemptAt)
    const saved = await documents.put(deliveryKind, id, next, before?.version ?? 0)
    if (saved !== null && was !== null && was !== next.nextAttemptAt) await due.move(id, was, null)
  }

  /** A trial with a subscription is the billing system’s to hear of. */
  async function enter(trial: Trial, endsAt: number) {
    if (!(await stored(trial.workspaceId)) || (await links.ofTrial(trial.id))) return null
    const id = attachedTo(trial.id) + endsAt
    const found = await documents.get(deliveryKind, id)
    if (found && found.body.state !== 'superseded') return id
    const { workspaceId } = trial
    const now = clock.now()
    const state = { state: 'waiting', failures: 0, nextAttemptAt: now, detail: null } as const
    await save(id, found, { workspaceId, trialId: trial.id, endsAt, ...state, createdAt: now })
    return id
  }

  async function send(delivery: CallbackDelivery, trial: Trial): Promise<Partial<CallbackDelivery>> {
    const callback = await stored(delivery.workspaceId)
    if (!callback) return { state: 'dead', nextAttemptAt: null, detail: 'The callback was removed.' }
    if (callback.isPaused) return { nextAttemptAt: clock.now() + pausedMs, detail: 'The callback is paused.' }
    if (trial.clock.endsAt !== delivery.endsAt)
      return { state: 'superseded', nextAttemptAt: null, detail: 'A newer end date replaced it.' }
    const now = clock.now()
    // The same for each attempt: a product that heard it twice knows by it.
    const text = `${delivery.trialId}/${delivery.endsAt}/${delivery.createdAt}`
    const id = `msg_${createHash('sha256').update(text).digest('base64url').slice(0, 27)}`
    const last = trial.clock.extensions.findLast(({ undoneAt }) => undoneAt === null)
    const body = JSON.stringify({
      type: 'trial.end_changed',
      timestamp: isoInstant(delivery.createdAt),
      data: {
        userId: trial.userId,
        endsAt: isoInstant(delivery.endsAt),
        extension: last?.after === delivery.endsAt ? { days: last.days, reason: last.reason } : null,
      },
    })
    try {
      const headers = signedHeaders({ id, at: now, body }, secretsOf(callback, delivery.workspaceId))
      await postJson(new URL(callback.url), body, headers, allowsLoopback)
      return { state: 'sent', nextAttemptAt: null, detail: null }
    } catch (error) {
      const failures = delivery.failures + 1
      const next = nextAttemptAt(failures, now, random())
      const detail = (error as Error).message.slice(0, 300)
      return { state: next === null ? 'dead' : 'waiting', failures, nextAttemptAt: next, detail }
    }
  }

  async function run(id: string) {
    const found = await documents.get(deliveryKind, id)
    const { state, nextAttemptAt: at = null } = found?.body ?? {}
    if (!found || state !== 'waiting' || at === null || at > clock.now()) return due.drop(id, clock.now())
    const trial = await trials.get(found.body.trialId)
    if (!trial) return void (await documents.delete(deliveryKind, id))
    await save(id, found, { ...found.body, ...(await send(found.body, trial)) })
  }

  const sending = createWorkQueue(async (id) => {
    if (canWork()) await run(id)
  }, log)
  const entering = createWorkQueue(async (trialId) => {
    const trial = await trials.get(trialId as TrialId)
    const wanted = trial && wantedEnd(trial)
    const id = trial && wanted !== null ? await enter(trial, wanted) : null
    if (id !== null) sending.add(id)
  }, log)
  const seen = new LRUCache<TrialId, number>({ max: maxRemembered })
  changes.onSaved((trial) => {
    if (trial.clock.extensions.length === 0) return
    const wanted = wantedEnd(trial)
    if (wanted === null || seen.get(trial.id) === wanted) return
    seen.set(trial.id, wanted)
    entering.add(trial.id)
  })

  return {
    async get(workspaceId) {
      const callback = await stored(workspaceId)
      return callback && { url: callback.url, isPaused: callback.isPaused ?? false }
    },
    async pause(workspaceId, isPaused) {
      const { state } = await updateDocument(documents, kind, workspaceId, (before) =>
        before && (before.isPaused ?? false) !== isPaused ? { ...before, isPaused } : null,
      )
      if (!isPaused && state === 'changed')
        for (const { id, body } of await documents.list(deliveryKind, {
          prefix: `${workspaceId}:`,
          limit: maxDue,
        }))
          if (body.state === 'waiting') sending.add(id)
      return (await stored(workspaceId)) !== null
    },
    async test(workspaceId) {
      const callback = await stored(workspaceId)
      if (!callback) return undefined
      const at = clock.now()
      const body = JSON.stringify({ type: 'trial.callback_test', timestamp: isoInstant(at), data: {} })
      try {
        const headers = signedHeaders(
          { id: `msg_${randomBytes(20).toString('base64url')}`, at, body },
          secretsOf(callback, workspaceId),
        )
        await postJson(new URL(callback.url), body, headers, allowsLoopback)
        return null
      } catch (error) {
        return (error as Error).message.slice(0, 300)
      }
    },
    async set(workspaceId, url) {
      const before = await documents.get(kind, workspaceId)
      const secret = `whsec_${randomBytes(32).toString('base64')}`
      const older = before ? secretsOf(before.body, workspaceId).slice(0, 1) : []
      const sealed = vault.seal(JSON.stringify([secret, ...older]), place(workspaceId))
      const isPaused = before?.body.isPaused ?? false
      await documents.put(kind, workspaceId, { url, sealed, ...(isPaused && { isPaused }) })
      return secret
    },
    remove: (workspaceId) => documents.delete(kind, workspaceId),
    list: (workspaceId, limit) => documents.list(deliveryKind, { prefix: `${workspaceId}:`, limit }),
    async renewSecrets() {
      for await (const { id, body } of eachDocument(documents, kind)) {
        const sealed = vault.renew(body.sealed, place(id as WorkspaceId))
        if (sealed !== body.sealed) await documents.put(kind, id, { ...body, sealed })
      }
    },
    async work() {
      if (!canWork()) return
      for (const id of await due.due(clock.now(), maxDue)) await run(id)
    },
    async idle() {
      await entering.idle()
      await sending.idle()
    },
  }
}
