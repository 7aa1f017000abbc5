import type { BillingState } from '../../../shared/billing.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { isSameEnd } from '../../domain/billing/agreement.ts'
import { dateWords } from '../../domain/billing/date-words.ts'
import { isReturned } from '../../domain/billing/subscription.ts'
import type { Versioned } from '../../storage/port.ts'
import type { BillingOutbox, OutboxRow } from './billing-outbox.ts'
import type { Connection, Connections } from './connections.ts'
import { providerNames } from './providers.ts'
import type { SubscriptionLink, SubscriptionLinks } from './subscription-links.ts'
import type { SubscriptionRecord, SubscriptionRecords } from './subscription-records.ts'

const iso = (at: number | null | undefined): string | null => (at == null ? null : isoInstant(at))

/** The row that tells of an end which has not been taken, if there is one. */
function openRow({ agreement }: SubscriptionLink, rows: readonly Versioned<OutboxRow>[]) {
  const { refused } = agreement
  const dead = rows.find(
    ({ body }) => body.state === 'dead' && refused !== null && isSameEnd(body.endsAt, refused.endsAt),
  )
  return dead ?? rows.find(({ body }) => body.state === 'waiting') ?? null
}

function writeBackOf(link: SubscriptionLink, row: Versioned<OutboxRow> | null): BillingState['writeBack'] {
  const { refused } = link.agreement
  if (refused)
    return {
      state: 'refused',
      endsAt: isoInstant(refused.endsAt),
      nextAttemptAt: null,
      detail: refused.why,
      outboxId: row?.body.state === 'dead' ? row.id : null,
    }
  if (row?.body.state !== 'waiting') return null
  const { endsAt, nextAttemptAt, detail } = row.body
  return {
    state: 'waiting',
    endsAt: isoInstant(endsAt),
    nextAttemptAt: iso(nextAttemptAt),
    detail,
    outboxId: row.id,
  }
}

function waitingNote(name: string, writeBack: NonNullable<BillingState['writeBack']>): string {
  const { endsAt, detail, nextAttemptAt } = writeBack
  return [
    `${name} does not know the new end date (${dateWords(Date.parse(endsAt))}) yet.`,
    detail && (/[.!?]$/.test(detail) ? detail : `${detail}.`),
    nextAttemptAt && `It will be sent again on ${dateWords(Date.parse(nextAttemptAt))}.`,
  ]
    .filter(Boolean)
    .join(' ')
}

function notesOf(
  name: string,
  { agreement, status }: SubscriptionLink,
  seen: SubscriptionRecord['seen'],
  writeBack: BillingState['writeBack'],
  payment: BillingState['payment'],
): string[] {
  const notes: string[] = []
  if (writeBack?.state === 'refused')
    notes.push(
      writeBack.detail?.includes('granted here')
        ? writeBack.detail.replaceAll(/\b[Tt]he billing system\b/g, name)
        : `${name} did not accept the end date ${dateWords(Date.parse(writeBack.endsAt))}. ${writeBack.detail}`,
    )
  if (writeBack?.state === 'waiting') notes.push(waitingNote(name, writeBack))
  if (seen?.cancelsAt && status !== 'canceled' && status !== 'expired')
    notes.push(
      `The subscription is set to be canceled on ${dateWords(seen.cancelsAt)} at ${name}. An extension does not undo that.`,
    )
  if (agreement.isProvisional)
    notes.push(`Converted for the time being: ${name} has told of no payment so far.`)
  const isDue = payment === 'unpaid' && (status === 'active' || status === 'past_due')
  if (isDue) notes.push(`The trial at ${name} is over, but no payment has come so far.`)
  if (status === 'paused') notes.push(`The subscription is paused at ${name}.`)
  return notes
}

/** The picture of one trialist’s subscription. */
export function createBillingState({
  connections,
  links,
  records,
  outbox,
}: {
  connections: Pick<Connections, 'get'>
  links: Pick<SubscriptionLinks, 'ofTrial'>
  records: Pick<SubscriptionRecords, 'get'>
  outbox: Pick<BillingOutbox, 'ofTrial'>
}) {
  function stateOf(
    link: SubscriptionLink,
    { id, name: connection, provider }: Connection,
    record: SubscriptionRecord | null,
    rows: readonly Versioned<OutboxRow>[],
  ): BillingState {
    const seen = record?.seen ?? null
    const isRefunded = record !== null && isReturned(record.money)
    const payment = isRefunded
      ? 'unpaid'
      : record?.money.hasPaid
        ? 'paid'
        : record?.money.failedAt
          ? 'unpaid'
          : (seen?.proof ?? 'unknown')
    const writeBack = writeBackOf(link, openRow(link, rows))
    return {
      provider,
      connection,
      connectionId: id,
      subscription: link.ref,
      status: link.status,
      plan: seen?.planId ?? null,
      currency: seen?.currency ?? null,
      mrrMinor: seen?.mrrMinor ?? null,
      potentialMrrMinor: seen?.potentialMrrMinor ?? null,
      trialEndsAt: iso(seen?.trialEndsAt),
      cancelsAt: iso(seen?.cancelsAt),
      payment,
      isProvisional: link.agreement.isProvisional ?? false,
      readAt: iso(link.readAt),
      writeBack,
      notes: [
        ...(isRefunded ? ['Everything paid was refunded, so this does not count as a conversion.'] : []),
        ...notesOf(providerNames[provider], link, seen, writeBack, isRefunded ? 'unknown' : payment),
      ],
    }
  }

  return async (trialId: TrialId): Promise<BillingState | null> => {
    const link = await links.ofTrial(trialId)
    const connection = link && (await connections.get(link.connectionId))
    if (!link || !connection) return null
    const [record, rows] = await Promise.all([
      records.get(link.connectionId, link.ref),
      outbox.ofTrial(trialId),
    ])
    return stateOf(link, connection, record, rows)
  }
}
