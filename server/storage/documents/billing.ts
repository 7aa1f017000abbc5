import { createHash } from 'node:crypto'
import * as z from 'zod'
import { dayMs } from '../../../shared/clock.ts'
import { attachedTo } from '../attached-to.ts'
import type { AnyDocuments } from '../port.ts'
import {
  type DriftReport,
  delivery,
  driftReport,
  givenUpSince,
  link,
  outboxRow,
  provider,
  record,
  subscription,
  work,
} from './billing-bodies.ts'
import {
  attachedToTrial,
  byTrialId,
  define,
  type Place,
  type Traced,
  throughTrialId,
  workspaceOwned,
} from './definition.ts'
import { instant, texts, workspaceId } from './parts.ts'

/** Under which documents about a subscription are kept; holds no further slash. */
export const refKey = (connectionId: string, ref: string): string =>
  `${connectionId}/${ref.replaceAll(/[^\w.@:~+-]/g, (character) => encodeURIComponent(character))}`

/** By which a subscription of no one here is found: a user id or an address, hashed. */
export const wantedHash = (what: 'u' | 'e', value: string): string =>
  createHash('sha256').update(`${what}:${value}`).digest('base64url').slice(0, 22)

const wantedPrefixes = ({ workspaceId: workspace, userIds, emails }: Traced): string[] =>
  [...userIds.map((userId) => wantedHash('u', userId)), ...emails.map((email) => wantedHash('e', email))].map(
    (hash) => `${workspace}/${hash}/`,
  )

const unmatchedRead = 1000
async function unmatchedOf(who: Traced, documents: AnyDocuments): Promise<readonly Place[]> {
  const places: Place[] = []
  for (const prefix of wantedPrefixes(who))
    for (const { id } of await documents.list('billing-wanted', { prefix, limit: unmatchedRead }))
      places.push({ id: id.slice(prefix.length) })
  return places
}

/** Chargebee repeats for 3 days and 7 hours, Stripe and Paddle for 3 days; replays by hand come later. */
const keepMs = 30 * dayMs
const keepLogMs = 7 * dayMs

/** Ids of the records of all subscriptions a trial has. */
const recordKeys = ({ connectionId, ref, candidates }: z.output<typeof link>): string[] => [
  ...new Set([refKey(connectionId, ref), ...(candidates ?? []).map(({ key }) => key)]),
]
const records = throughTrialId<z.output<typeof link>>('billing-link', (found) =>
  recordKeys(found).map((id) => ({ id })),
)
const reads = throughTrialId<z.output<typeof link>>('billing-link', (found) =>
  recordKeys(found).map((key) => ({ prefix: `${key}/` })),
)

async function customerPlaces(who: Traced, documents: AnyDocuments): Promise<readonly Place[]> {
  const ids = (await records(who, documents)).flatMap((place) => ('id' in place ? [place.id] : []))
  const found = await Promise.all(ids.map((id) => documents.get('billing-ref', id)))
  return found.flatMap((stored) => {
    const { connectionId, customerRef, ref } = (stored?.body ?? {}) as Partial<z.output<typeof record>>
    if (!connectionId || !customerRef || !ref) return []
    return [{ id: `${refKey(connectionId, customerRef)}/${refKey('', ref).slice(1)}` }]
  })
}

const rowsRead = 1000
/** Entries of an index by due time, for rows that are attached to the trial. */
const duePlaces =
  (kind: 'billing-outbox' | 'callback-delivery') =>
  async ({ trialIds }: Traced, documents: AnyDocuments): Promise<readonly Place[]> => {
    const pages = await Promise.all(
      trialIds.map((id) => documents.list(kind, { prefix: attachedTo(id), limit: rowsRead })),
    )
    return pages.flat().flatMap(({ id, body }) => {
      const { nextAttemptAt } = body as { nextAttemptAt: number | null }
      return nextAttemptAt === null ? [] : [{ id: `${String(nextAttemptAt).padStart(15, '0')}/${id}` }]
    })
  }

const isOf = ({ trialId: id }: DriftReport['drifts'][number], trialIds: readonly string[]) =>
  id !== null && trialIds.includes(id)

/** There is one report for each connection, and connections are few. */
async function driftPlaces({ trialIds }: Traced, documents: AnyDocuments): Promise<readonly Place[]> {
  const reports = await documents.list('billing-drift', { limit: rowsRead })
  return reports.flatMap(({ id, body }) =>
    (body as DriftReport).drifts.some((drift) => isOf(drift, trialIds)) ? [{ id }] : [],
  )
}

/** What is shared with billing systems. What is found through another one stands before it. */
export const billingDocuments = {
  'billing-connection': define({
    body: z.strictObject({
      workspaceId,
      provider,
      name: z.string(),
      site: z.string().nullable(),
      region: z.enum(['us', 'eu', 'sandbox']),
      createdAt: instant,
      settings: z
        .strictObject({
          isPaused: z.boolean().exactOptional(),
          products: texts.exactOptional(),
          matchBy: z.enum(['reference', 'email']).exactOptional(),
          truth: z.enum(['later', 'billing', 'trialpace']).exactOptional(),
          pendingRestDays: z.number().exactOptional(),
        })
        .exactOptional(),
      sealed: z.string(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Whether the key of a connection works and its webhooks are taken; id: the connection. */
  'billing-status': define({
    body: z.strictObject({
      check: z.strictObject({ at: instant, ok: z.boolean(), detail: z.string().nullable() }).nullable(),
      refused: z.strictObject({ count: z.int(), at: instant, why: z.string() }).nullable(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Where trials and subscriptions differed when they were last compared; id: the connection. */
  'billing-drift': define({
    body: driftReport,
    owner: {
      of: 'trialist',
      places: driftPlaces,
      withoutPerson: (report, { trialIds }) => ({
        ...report,
        drifts: report.drifts.filter((drift) => !isOf(drift, trialIds)),
      }),
      exportAs: null,
    },
    keep: 'forever',
  }),
  /** Which subscriptions a customer there has; id `<connection>/<customer>/<ref>`. */
  'billing-customer': define({
    body: z.strictObject({ ref: z.string() }),
    owner: { of: 'trialist', places: customerPlaces, exportAs: null },
    keep: 'forever',
  }),
  /** What is known of one subscription; id `<connection>/<ref>`. */
  'billing-ref': define({
    body: record,
    owner: { of: 'trialist', places: records, exportAs: 'subscriptions' },
    keep: 'forever',
  }),
  /** A subscription that has to be read; id `<connection>/<ref>/<why>`. */
  'billing-read': define({
    body: z.strictObject({ ...work, ref: z.string(), why: z.string() }),
    owner: { of: 'trialist', places: reads, exportAs: 'billingReads' },
    keep: { forMs: keepMs, since: givenUpSince },
  }),
  /** Which subscription is the trial’s, and what both last agreed on; id: the trial’s. */
  'billing-link': define({
    body: link,
    owner: { of: 'trialist', places: byTrialId, last: 'pointer', exportAs: 'billingLink' },
    keep: 'forever',
  }),
  /** Waiting rows of the outbox by due time; id `<time>/<row>`. */
  'billing-outbox-due': define({
    body: z.strictObject({ id: z.string() }),
    owner: { of: 'trialist', places: duePlaces('billing-outbox'), exportAs: null },
    keep: 'forever',
  }),
  /** Rows of the outbox that someone should look at; id: the row’s. */
  'billing-outbox-trouble': define({
    body: z.strictObject({ connectionId: z.string(), trouble: z.enum(['dead', 'retrying']) }),
    owner: { of: 'trialist', places: attachedToTrial, exportAs: null },
    keep: 'forever',
  }),
  /** A new end that the billing system is to hear of; attached to the trial, then the end. */
  'billing-outbox': define({
    body: outboxRow,
    owner: { of: 'trialist', places: attachedToTrial, exportAs: 'billingOutbox' },
    keep: {
      forMs: keepMs,
      since: ({ state, createdAt }) => (state === 'waiting' ? null : createdAt),
    },
  }),
  /** Where a product without a billing system hears of new ends; id: the workspace. `sealed`: its secrets. */
  'trial-callback': define({
    body: z.strictObject({ url: z.string(), sealed: z.string(), isPaused: z.boolean().exactOptional() }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Waiting deliveries by due time; id `<time>/<delivery>`. */
  'callback-due': define({
    body: z.strictObject({ id: z.string() }),
    owner: { of: 'trialist', places: duePlaces('callback-delivery'), exportAs: null },
    keep: 'forever',
  }),
  /** A new end on its way to the product; attached to the trial, then the end. */
  'callback-delivery': define({
    body: delivery,
    owner: { of: 'trialist', places: attachedToTrial, exportAs: 'callbackDeliveries' },
    keep: {
      forMs: keepMs,
      since: ({ state, createdAt }) => (state === 'waiting' ? null : createdAt),
    },
  }),
  /** That a webhook came; id `<connection>/<event>`. Its ref is a subscription’s, which may be someone’s. */
  'billing-event': define({
    body: z.strictObject({
      provider,
      eventId: z.string(),
      type: z.string(),
      ref: z.string().nullable(),
      occurredAt: instant.nullable(),
      receivedAt: instant,
    }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: keepMs, since: ({ receivedAt }) => receivedAt },
  }),
  /** What came of it; id `<connection>/<time>/<event>`. */
  'billing-log': define({
    body: z.strictObject({
      eventId: z.string(),
      type: z.string(),
      ref: z.string().nullable(),
      at: instant,
      outcome: z.string(),
    }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: keepLogMs, since: ({ at }) => at },
  }),
  /** Money that an event told of; id `<connection>/<event>`. Its subscription, customer and reference may be someone’s. */
  'billing-payment': define({
    body: z.strictObject({
      ...work,
      payments: z
        .array(
          z.strictObject({
            externalId: z.string(),
            at: instant,
            amountMinor: z.int(),
            currency: z.string().nullable(),
            type: z.enum(['new', 'expansion', 'renewal', 'refund', 'chargeback']).nullable(),
            subscriptionRef: z.string().nullable(),
            customerRef: z.string().nullable().exactOptional(),
            userId: z.string().nullable().exactOptional(),
            paidFrom: instant,
          }),
        )
        .readonly(),
      ask: z.string().nullable(),
    }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: keepMs, since: givenUpSince },
  }),
  /** A subscription of no one here, whose person is known by a hash alone; id `<connection>/<ref>`. */
  'billing-unmatched': define({
    body: z.strictObject({ ...subscription, workspaceId, since: instant, keys: texts }),
    owner: { of: 'trialist', places: unmatchedOf, exportAs: 'unmatchedSubscriptions' },
    keep: 'forever',
  }),
  /** The same by that hash; id `<workspace>/<hash>/<connection>/<ref>`. Both go together, with their time. */
  'billing-wanted': define({
    body: z.strictObject(subscription),
    owner: {
      of: 'trialist',
      places: async (who) => wantedPrefixes(who).map((prefix) => ({ prefix })),
      last: 'pointer',
      exportAs: null,
    },
    keep: 'forever',
  }),
}
