import { LRUCache } from 'lru-cache'
import { secondMs } from '../../../shared/clock.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { knownAs, knownAsKey } from '../../domain/trial/known-as.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import { hashOf, type RevenueEntry, revenueWho } from '../../storage/documents/metrics.ts'
import { trialOfUser } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { Measures, WarnLog } from './measures.ts'
import type { Money } from './money.ts'

/** Who paid, as it was said; none of them is a trialist so far. */
type Payer = { readonly userId: string } | { readonly email: string }

interface UnmatchedRevenue {
  readonly entry: RevenueEntry
  readonly userId: string | null
  /** `k…@example.com` */
  readonly emailHint: string | null
}

/** Payments whose payer has no trial here (yet): each is found when its person appears, or linked by hand. */
export interface EarlyRevenue {
  note(workspaceId: WorkspaceId, externalId: string, payer: Payer): Promise<void>
  list(workspaceId: WorkspaceId): Promise<UnmatchedRevenue[]>
  /** @returns false when there is no such payment of no one. */
  link(workspaceId: WorkspaceId, externalId: string, trialId: TrialId): Promise<boolean>
  /** Called at each save of a trial, so that it must cost next to nothing. */
  onSaved(trial: Trial): void
  /** Resolves when no work started here is under way. */
  settled(): Promise<void>
}

const kind = 'revenue-unmatched'
const maxListed = 500
const maxOfOne = 200
/** Whom we have looked for already; one that was forgotten costs a needless read. */
const maxRemembered = 20_000
const hasAnyMs = 10 * secondMs

export function createEarlyRevenue({
  storage: { documents, trials },
  money,
  measures,
  clock,
  log,
}: {
  storage: Storage
  money: Pick<Money, 'attach' | 'findRevenue'>
  measures: Pick<Measures, 'mark'>
  clock: Clock
  log: WarnLog
}): EarlyRevenue {
  const known = new LRUCache<TrialId, string>({ max: maxRemembered })
  const anyWaits = new LRUCache<WorkspaceId, boolean>({ max: 1000, ttl: hasAnyMs })
  let work: Promise<void> = Promise.resolve()

  async function hasAny(workspaceId: WorkspaceId): Promise<boolean> {
    const cached = anyWaits.get(workspaceId)
    if (cached !== undefined) return cached
    const any = (await documents.list(kind, { prefix: `${workspaceId}/`, limit: 1 })).length > 0
    anyWaits.set(workspaceId, any)
    return any
  }

  async function attach(id: string, workspaceId: WorkspaceId, externalId: string, to: TrialId) {
    await money.attach(workspaceId, externalId, { to, from: null })
    await documents.delete(kind, id)
    measures.mark(to)
  }

  async function welcome(trial: Trial) {
    const { id: trialId, workspaceId } = trial
    if (!(await hasAny(workspaceId))) return
    const payers: Payer[] = knownAs(trial).flatMap(({ userId, email }): Payer[] => [
      ...(userId === null ? [] : [{ userId }]),
      ...(email === null ? [] : [{ email }]),
    ])
    for (const payer of payers) {
      const prefix = `${workspaceId}/${revenueWho(payer)}/`
      for (const { id, body } of await documents.list(kind, { prefix, limit: maxOfOne }))
        await attach(id, workspaceId, body.externalId, trialId)
    }
  }

  return {
    async note(workspaceId, externalId, payer) {
      const id = `${workspaceId}/${revenueWho(payer)}/${hashOf(externalId)}`
      const userId = 'userId' in payer ? payer.userId : null
      const emailHint =
        'email' in payer
          ? `${payer.email.slice(0, 1)}…${payer.email.slice(payer.email.lastIndexOf('@'))}`
          : null
      await documents.put(kind, id, { externalId, userId, emailHint, since: clock.now() })
      anyWaits.set(workspaceId, true)
      // The person may have appeared in between.
      const trial = userId === null ? null : await trialOfUser(trials, trialIdOfUser(workspaceId, userId))
      if (trial) await attach(id, workspaceId, externalId, trial.id)
    },
    async list(workspaceId) {
      const found = await documents.list(kind, { prefix: `${workspaceId}/`, limit: maxListed })
      const listed = await Promise.all(
        found.map(async ({ body: { externalId, userId, emailHint } }) => {
          const entry = await money.findRevenue(workspaceId, externalId)
          return entry ? [{ entry, userId, emailHint }] : []
        }),
      )
      return listed.flat()
    },
    async link(workspaceId, externalId, trialId) {
      const found = await documents.list(kind, { prefix: `${workspaceId}/`, limit: maxListed })
      const one = found.find(({ body }) => body.externalId === externalId)
      if (!one) return false
      await attach(one.id, workspaceId, externalId, trialId)
      return true
    },
    onSaved(trial) {
      const key = knownAsKey(trial)
      if (key === null || known.get(trial.id) === key) return
      known.set(trial.id, key)
      work = work
        .then(() => welcome(trial))
        .catch((error: unknown) => {
          known.delete(trial.id)
          log.warn({ err: error }, 'payments of someone who has appeared could not be attached')
        })
    },
    settled: () => work,
  }
}
