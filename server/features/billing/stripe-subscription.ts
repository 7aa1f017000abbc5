import { dayMs } from '../../../shared/clock.ts'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { monthlyMinor, mrrOf, type RecurringItem } from '../../domain/billing/mrr.ts'
import type { BillingStatus, BillingSubscription, PaymentProof } from '../../domain/billing/subscription.ts'
import { readRef } from './billing-provider.ts'
import { idsOf, intervalOf, type Json, list, object, text, unixSeconds, userIdIn } from './provider-values.ts'
import { amountOf } from './stripe-payments.ts'

/** A subscription as Stripe gives it, with its customer and, where asked for, its latest invoice. */

const statuses: Readonly<Record<string, BillingStatus>> = {
  incomplete: 'pending',
  incomplete_expired: 'void',
  trialing: 'trialing',
  active: 'active',
  past_due: 'past_due',
  unpaid: 'past_due',
  paused: 'paused',
  canceled: 'canceled',
}

const isZero = ({ unit_amount, unit_amount_decimal }: Json): boolean =>
  unit_amount === 0 || (unit_amount === undefined && Number(unit_amount_decimal) === 0)

const couponOf = (discount: Json): Json => {
  const { coupon } = object(discount.source)
  return object(discount.coupon ?? coupon)
}

/** A discount of 100 % that still runs. Expanded discounts only: of the others the invoices tell. */
const isDiscountedAway = ({ discount, discounts }: Json): boolean =>
  [object(discount), ...list(discounts)].some((one) => couponOf(one).percent_off === 100)

function recurringItem(item: Json, currency: string | null): RecurringItem[] {
  const price = object(item.price ?? item.plan)
  const recurring = object(price.recurring ?? price)
  const interval = intervalOf(recurring.interval)
  if (interval === null) return []
  const isMetered = recurring.usage_type === 'metered'
  const decimal = price.unit_amount ?? price.amount ?? Number(price.unit_amount_decimal ?? Number.NaN)
  const unit = amountOf(decimal, currency)
  return [
    {
      unitMinor: isMetered || !Number.isFinite(unit) ? null : unit,
      quantity: typeof item.quantity === 'number' ? item.quantity : 1,
      interval,
      count: typeof recurring.interval_count === 'number' ? recurring.interval_count : 1,
    },
  ]
}

const renewedAfterMs = 25 * dayMs

/**
 * Whether the latest invoice says that money came. One that renews a subscription says nothing of the payments before;
 * one over nothing, or a draft, is no payment.
 */
export function proofOfInvoice(invoice: Json, startedAt: number | null): PaymentProof {
  const { amount_paid, status, total } = invoice
  if (typeof amount_paid === 'number' && amount_paid > 0) return 'paid'
  if (status === 'paid' && typeof total === 'number' && total > 0) return 'paid'
  const madeAt = unixSeconds(invoice.created)
  const isRenewal = madeAt !== null && startedAt !== null && madeAt > startedAt + renewedAfterMs
  return isRenewal && status !== 'paid' ? 'unknown' : 'unpaid'
}

const periodEnd = ({ current_period_end, items }: Json): number | null =>
  unixSeconds(current_period_end) ?? unixSeconds(list(object(items).data)[0]?.current_period_end)

export function subscriptionOf(raw: unknown): BillingSubscription {
  const subscription = object(raw)
  const customer = object(subscription.customer)
  const items = list(object(subscription.items).data)
  const prices = items.map((item) => object(item.price ?? item.plan))
  const status = statuses[text(subscription.status) ?? ''] ?? 'pending'
  const trialEndsAt = unixSeconds(subscription.trial_end)
  const startedAt = unixSeconds(subscription.start_date) ?? unixSeconds(subscription.created)
  const currency = text(subscription.currency)
  const { latest_invoice: invoice } = subscription
  const hasInvoice = typeof invoice === 'object' && invoice !== null
  const isPausedCollecting =
    subscription.pause_collection !== undefined && subscription.pause_collection !== null
  const proof = hasInvoice ? proofOfInvoice(object(invoice), trialEndsAt ?? startedAt) : 'unknown'
  return {
    ref: text(subscription.id) ?? '',
    customerRef: readRef(customer.id ?? subscription.customer),
    userId: userIdIn(subscription.metadata) ?? userIdIn(customer.metadata),
    email: parseEmailAddress(customer.email),
    status,
    isFree: (prices.length > 0 && prices.every(isZero)) || isDiscountedAway(subscription),
    proof: proof === 'unknown' && (invoice === null || isPausedCollecting) ? 'unpaid' : proof,
    startedAt,
    trialEndsAt,
    endedAt: unixSeconds(subscription.ended_at) ?? unixSeconds(subscription.canceled_at),
    pausedAt: status === 'paused' ? trialEndsAt : null,
    activatedAt: null,
    cancelsAt:
      unixSeconds(subscription.cancel_at) ??
      (subscription.cancel_at_period_end === true
        ? status === 'trialing'
          ? trialEndsAt
          : periodEnd(subscription)
        : null),
    planId: text(prices[0]?.id),
    products: prices.flatMap((price) =>
      idsOf(price.id, price.lookup_key, price.product, object(price.product).id),
    ),
    currency,
    mrr: mrrOf(status, monthlyMinor(items.flatMap((item) => recurringItem(item, currency)))),
    version: null,
  }
}
