import { isoInstant } from '../../../shared/clock.ts'
import { isSameEnd } from '../../domain/billing/agreement.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore, TrialStore } from '../../storage/port.ts'
import { BillingError } from './billing-provider.ts'
import type { Connection, Connections } from './connections.ts'
import type { SubscriptionLinks } from './subscription-links.ts'
import type { SubscriptionRecords } from './subscription-records.ts'

/**
 * - `unknown`: in trial there, never heard of here. - `unmatched`: no one here has it.
 * - `end`: both have a date, and they differ. - `gone`: in trial here, not among those in trial there.
 */
interface Drift {
  readonly what: 'unknown' | 'unmatched' | 'end' | 'gone'
  readonly subscription: string
  readonly trialId: string | null
  readonly theirs: string | null
  readonly ours: string | null
}

export interface DriftReport {
  readonly startedAt: number
  readonly finishedAt: number | null
  /** Subscriptions in trial there. */
  readonly seen: number
  readonly agreed: number
  readonly drifted: number
  /** The first {@link maxShown}. */
  readonly drifts: readonly Drift[]
  readonly error: string | null
}

export interface Reconciler {
  /** Lists what is in trial there, compares, and has everything that differs read; the setting says whose word holds. */
  run(connection: Connection, signal?: AbortSignal): Promise<DriftReport>
  report(connectionId: string): Promise<DriftReport | null>
}

const kind = 'billing-drift'
const pageSize = 100
const maxPages = 2000
const maxShown = 200

export function createReconciler({
  documents,
  trials,
  connections,
  links,
  records,
  read,
  clock,
}: {
  documents: DocumentStore
  trials: Pick<TrialStore, 'get'>
  connections: Pick<Connections, 'open'>
  links: Pick<SubscriptionLinks, 'scan'>
  records: Pick<SubscriptionRecords, 'get'>
  read: (connection: Connection, ref: string, why: string) => Promise<void>
  clock: Clock
}): Reconciler {
  const iso = (at: number | null) => (at === null ? null : isoInstant(at))

  async function compare(connection: Connection, ref: string, theirs: number | null): Promise<Drift | null> {
    const record = await records.get(connection.id, ref)
    const base = { subscription: ref, theirs: iso(theirs), ours: null, trialId: record?.trialId ?? null }
    if (!record?.seen) return { ...base, what: 'unknown' }
    const trial = record.trialId && (await trials.get(record.trialId))
    if (!trial) return { ...base, what: 'unmatched' }
    const ours = trial.clock.endsAt
    return isSameEnd(ours, theirs) ? null : { ...base, what: 'end', ours: iso(ours) }
  }

  async function* missing(connection: Connection, listed: ReadonlySet<string>): AsyncGenerator<Drift> {
    for (let after: string | null = null; ; ) {
      const page = await links.scan(after, pageSize)
      for (const { connectionId, ref, status, trialId } of page)
        if (connectionId === connection.id && status === 'trialing' && !listed.has(ref))
          yield { what: 'gone', subscription: ref, trialId, theirs: null, ours: null }
      after = page.at(-1)?.trialId ?? null
      if (page.length < pageSize) return
    }
  }

  return {
    report: async (connectionId) => (await documents.get(kind, connectionId))?.body ?? null,
    async run(connection, signal) {
      const drifts: Drift[] = []
      const listed = new Set<string>()
      const startedAt = clock.now()
      let [drifted, agreed] = [0, 0]
      const note = async (drift: Drift) => {
        drifted++
        if (drifts.length < maxShown) drifts.push(drift)
        if (drift.what !== 'unmatched') await read(connection, drift.subscription, 'reconcile')
      }
      const save = async (finished: Pick<DriftReport, 'finishedAt' | 'error'>): Promise<DriftReport> => {
        const report = { startedAt, seen: listed.size, agreed, drifted, drifts, ...finished }
        await documents.put(kind, connection.id, report)
        return report
      }
      try {
        const opened = await connections.open(connection.id)
        if (!opened)
          return await save({ finishedAt: clock.now(), error: 'The billing system was disconnected.' })
        let cursor: string | null = null
        for (let pages = 0; pages < maxPages; pages++) {
          if (signal?.aborted)
            return await save({ finishedAt: null, error: 'Stopped; it begins again later.' })
          const page: Awaited<ReturnType<typeof opened.provider.listTrialing>> =
            await opened.provider.listTrialing(cursor, pageSize)
          for (const { ref, trialEndsAt } of page.trials) {
            if (ref === '' || listed.has(ref)) continue
            listed.add(ref)
            const drift = await compare(connection, ref, trialEndsAt)
            if (drift) await note(drift)
            else agreed++
          }
          cursor = page.cursor
          if (cursor === null) break
        }
        for await (const drift of missing(connection, listed)) await note(drift)
        return await save({ finishedAt: clock.now(), error: null })
      } catch (error) {
        if (!(error instanceof BillingError)) throw error
        return save({ finishedAt: clock.now(), error: error.message })
      }
    },
  }
}
