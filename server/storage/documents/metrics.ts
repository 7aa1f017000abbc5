import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { Counters } from '../../domain/metrics/counters.ts'
import type { Rows } from '../../domain/metrics/measure-trial.ts'
import type { AnyDocuments } from '../port.ts'
import {
  attachedToTrial,
  define,
  type Place,
  type Traced,
  throughAttached,
  workspaceOwned,
} from './definition.ts'
import { counters, instant, texts, trialId } from './parts.ts'

export interface MoneyEntry {
  readonly externalId: string
  readonly at: number
  /** Smallest unit of `currency`; refunds are negative. */
  readonly amountMinor: number
  readonly currency: string
  /** The same in the base currency. */
  readonly baseMinor: number
}

export interface RevenueEntry extends MoneyEntry {
  readonly type: 'new' | 'expansion' | 'renewal' | 'refund' | 'chargeback'
  readonly userId: string | null
}

export interface CostEntry extends MoneyEntry {
  readonly category: 'staff' | 'tooling' | 'sending' | 'list'
  readonly note: string
}

/** What one trial has added to the roll-ups. */
export interface StoredMeasure {
  readonly rows: Rows
  readonly pending: { readonly id: string; readonly difference: Rows } | null
}

export interface MeasureState {
  readonly current: string
  readonly building: {
    readonly generation: string
    readonly until: number
    /** Counting went on elsewhere meanwhile, so what is built so far lacks something. */
    readonly stale?: true
    readonly hasTotal?: true
  } | null
  /** To be deleted. */
  readonly old: readonly string[]
  /** The sum of all days is counted with `current`; absent where an older release began it. */
  readonly hasTotal?: true
}

export interface StoredRollup {
  readonly counters: Counters
  /** The latest changes that are in it, so that one repeated after a crash is not counted twice. */
  readonly applied: readonly string[]
}

export interface StoredBrake {
  /** null: emails go out. */
  readonly pausedAt: number | null
  readonly why: string
  /** Emails up to that day have been answered for. */
  readonly resumedOn: string | null
}

export interface StoredPush {
  /** Last UTC day that was taken. */
  readonly day: string
  readonly failures: number
  readonly nextAt: number
}

export interface StoredTest {
  readonly subjects: readonly string[]
  readonly since: string
}

/** Smallest units of the base currency for one smallest unit of each other currency. */
export type Rates = Readonly<Record<string, number>>

const firstGeneration = '0'
/** A trial’s id names a person, so what it adds is stored under a hash. */
const measureId = (workspaceId: WorkspaceId, generation: string, trial: TrialId): string =>
  `${workspaceId}/${generation}/${createHash('sha256').update(trial).digest('base64url')}`

export const hashOf = (externalId: string): string =>
  createHash('sha256').update(externalId).digest('base64url').slice(0, 22)
/** Ordered by time. */
export const timeKey = (at: number): string => String(at).padStart(15, '0')
export const entryId = (workspaceId: WorkspaceId, { externalId }: Pick<MoneyEntry, 'externalId'>): string =>
  `${workspaceId}/${hashOf(externalId)}`
export const entryKey = (
  workspaceId: WorkspaceId,
  { at, externalId }: Pick<MoneyEntry, 'at' | 'externalId'>,
): string => `${workspaceId}/${timeKey(at)}/${hashOf(externalId)}`

const money = {
  externalId: z.string(),
  at: instant,
  amountMinor: z.int(),
  currency: z.string(),
  baseMinor: z.int(),
}
const revenueBody: z.ZodType<RevenueEntry> = z.strictObject({
  ...money,
  type: z.enum(['new', 'expansion', 'renewal', 'refund', 'chargeback']),
  userId: z.string().nullable(),
})
const costBody: z.ZodType<CostEntry> = z.strictObject({
  ...money,
  category: z.enum(['staff', 'tooling', 'sending', 'list']),
  note: z.string(),
})
/** A person is taken off their payments, whose sums stay. */
const revenue = (key: (workspaceId: WorkspaceId, entry: RevenueEntry) => string) =>
  define<RevenueEntry>({
    body: revenueBody,
    owner: {
      of: 'trialist',
      places: throughAttached<RevenueEntry>('payment', (entry, _, who) => [
        { id: key(who.workspaceId, entry) },
      ]),
      withoutPerson: (entry) => ({ ...entry, userId: null }),
      exportAs: null,
    },
    keep: 'forever',
  })

const rows: z.ZodType<Rows> = z.record(z.string(), counters)
const rollup = define<StoredRollup>({
  body: z.strictObject({ counters, applied: texts }),
  owner: workspaceOwned,
  keep: 'forever',
})

async function markPlaces({ trialIds }: Traced, documents: AnyDocuments): Promise<readonly Place[]> {
  const found: Place[] = []
  for (let after: string | undefined; ; ) {
    const page = await documents.list('measure-mark', { limit: marksRead, ...(after && { after }) })
    for (const { id, body } of page)
      if (trialIds.includes((body as { trialId: TrialId }).trialId)) found.push({ id })
    after = page.at(-1)?.id
    if (page.length < marksRead) return found
  }
}

/** In every generation of roll-ups there is. */
async function measurePlaces(
  { workspaceId, trialIds }: Traced,
  documents: AnyDocuments,
): Promise<readonly Place[]> {
  const state = (await documents.get('measure-state', workspaceId))?.body as MeasureState | undefined
  const { current = firstGeneration, building = null, old = [] } = state ?? {}
  const generations = [current, ...(building ? [building.generation] : []), ...old]
  return generations.flatMap((generation) =>
    trialIds.map((id) => ({ id: measureId(workspaceId, generation, id) })),
  )
}

const marksRead = 1000

const day = z.string()
const mode = z.enum(['off', 'aggregate', 'individual'])

/** By a hash of the user id or address that was named with it. */
export const revenueWho = (who: { readonly userId: string } | { readonly email: string }): string =>
  'userId' in who ? hashOf(`u:${who.userId}`) : hashOf(`e:${who.email}`)
const dayMs = 86_400_000
/** Longer than any trial: whoever has not appeared by then does not any more. */
const waitingMs = 400 * dayMs

/** Counting, money and what follows from them. */
export const metricsDocuments = {
  /** A trial has changed; folded within seconds, and then deleted. There is nothing left to fold of an erased one. */
  'measure-mark': define({
    body: z.strictObject({ trialId }),
    owner: { of: 'trialist', places: markPlaces, last: 'mark', exportAs: null },
    keep: 'forever',
  }),
  measure: define<StoredMeasure>({
    body: z.strictObject({
      rows,
      pending: z.strictObject({ id: z.string(), difference: rows }).nullable(),
    }),
    owner: { of: 'trialist', places: measurePlaces, exportAs: 'measures' },
    keep: 'forever',
  }),
  /** Id: workspace. */
  'measure-state': define<MeasureState>({
    body: z.strictObject({
      current: z.string(),
      building: z
        .strictObject({
          generation: z.string(),
          until: instant,
          stale: z.literal(true).exactOptional(),
          hasTotal: z.literal(true).exactOptional(),
        })
        .nullable(),
      old: texts,
      hasTotal: z.literal(true).exactOptional(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Sums by day, rule, kind, variant and language; id `<workspace>/<generation>/<row>`. */
  rollup,
  /** The same of what is about people. */
  'rollup-people': rollup,
  /** A payment whose payer is not known here so far; id `<workspace>/<hash of the payer>/<hash of the payment>`. */
  'revenue-unmatched': define({
    body: z.strictObject({
      externalId: z.string(),
      userId: z.string().nullable(),
      emailHint: z.string().nullable(),
      since: instant,
    }),
    owner: {
      of: 'trialist',
      places: async ({ workspaceId, userIds, emails }) =>
        [...userIds.map((userId) => ({ userId })), ...emails.map((email) => ({ email }))].map((payer) => ({
          prefix: `${workspaceId}/${revenueWho(payer)}/`,
        })),
      exportAs: null,
    },
    keep: { forMs: waitingMs, since: ({ since }) => since },
  }),
  /** Id: workspace. */
  'mail-brake': define<StoredBrake>({
    body: z.strictObject({ pausedAt: instant.nullable(), why: z.string(), resumedOn: day.nullable() }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id: workspace. Fields that an older release did not know are absent. */
  measuring: define({
    body: z
      .strictObject({
        opens: mode,
        clicks: mode,
        viewing: z.enum(['off', 'individual']),
        consent: z.enum(['assumed', 'required']),
        attributionDays: z.int(),
        spamScore: z.number().nullable(),
        spamScoreAt: z.string().nullable(),
      })
      .partial(),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id: workspace. */
  'metrics-push': define<StoredPush>({
    body: z.strictObject({ day, failures: z.int(), nextAt: instant }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id `<workspace>/<rule>`. */
  'subject-test': define<StoredTest>({
    body: z.strictObject({ subjects: texts, since: day }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id: workspace. */
  'exchange-rates': define<Rates>({
    body: z.record(z.string(), z.number()),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Something waits for the rate of this currency; id `<workspace>/<currency>`. */
  'exchange-rate-wanted': define({
    body: z.strictObject({ currency: z.string() }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** By trial, so that an erasure finds them; ids are attached to the trial. */
  payment: define<RevenueEntry>({
    body: revenueBody,
    owner: { of: 'trialist', places: attachedToTrial, last: 'pointer', exportAs: 'payments' },
    keep: 'forever',
  }),
  /** By time. */
  revenue: revenue(entryKey),
  /** By external id. */
  'revenue-id': revenue(entryId),
  cost: define<CostEntry>({ body: costBody, owner: workspaceOwned, keep: 'forever' }),
  'cost-id': define<CostEntry>({ body: costBody, owner: workspaceOwned, keep: 'forever' }),
}
