import { parseEmailAddress } from '../../../shared/trial.ts'
import { monthlyMinor, mrrOf } from '../../domain/billing/mrr.ts'
import type { BillingStatus, BillingSubscription, PaymentProof } from '../../domain/billing/subscription.ts'
import { readRef } from './billing-provider.ts'
import {
  idsOf,
  integer,
  intervalOf,
  type Json,
  list,
  object,
  text,
  unixSeconds,
  userIdIn,
} from './provider-values.ts'

/** A subscription as Chargebee gives it, of product catalog 1 (a plan and add-ons) or 2 (items). */

const statuses: Readonly<Record<string, BillingStatus>> = {
  future: 'pending',
  in_trial: 'trialing',
  active: 'active',
  non_renewing: 'active',
  paused: 'paused',
  cancelled: 'canceled',
  transferred: 'void',
}

/** What is charged again and again, whole lines; null: a price is not fixed. */
function recurringAmounts(subscription: Json): (number | null)[] {
  const { subscription_items: items, addons } = subscription
  if (Array.isArray(items))
    return list(items)
      .filter(({ item_type }) => item_type !== 'charge')
      .map(({ amount, unit_price, quantity }) => amountOf(amount, unit_price, quantity))
  const { plan_amount, plan_unit_price, plan_quantity } = subscription
  return [
    amountOf(plan_amount, plan_unit_price, plan_quantity),
    ...list(addons).map(({ amount, unit_price, quantity }) => amountOf(amount, unit_price, quantity)),
  ]
}

function amountOf(amount: unknown, unitPrice: unknown, quantity: unknown): number | null {
  const whole = integer(amount)
  if (whole !== null) return whole
  const unit = integer(unitPrice)
  return unit === null ? null : unit * (integer(quantity) ?? 1)
}

const isDiscountedAway = ({ discounts }: Json): boolean =>
  list(discounts).some(({ percentage }) => percentage === 100)

/** Active with something due is dunning: nothing has come yet. */
function proofOf({ due_invoices_count, total_dues }: Json): PaymentProof {
  const owes = (integer(due_invoices_count) ?? 0) > 0 || (integer(total_dues) ?? 0) > 0
  return owes ? 'unpaid' : 'unknown'
}

function potentialOf(subscription: Json, amounts: readonly (number | null)[]): number | null {
  const native = integer(subscription.mrr)
  if (native !== null && native > 0) return native
  const interval = intervalOf(subscription.billing_period_unit)
  if (interval === null) return null
  const count = integer(subscription.billing_period) ?? 1
  return monthlyMinor(amounts.map((unitMinor) => ({ unitMinor, quantity: 1, interval, count })))
}

export function subscriptionOf(answer: Json): BillingSubscription {
  const subscription = object(answer.subscription)
  const customer = object(answer.customer)
  const items = list(subscription.subscription_items)
  const plan = items.find((item) => item.item_type === 'plan') ?? items[0]
  const activatedAt = unixSeconds(subscription.activated_at)
  const told = statuses[text(subscription.status) ?? ''] ?? 'pending'
  const status = told === 'canceled' && activatedAt === null ? 'expired' : told
  const isOver = told === 'canceled'
  const amounts = recurringAmounts(subscription)
  const canceledAt = unixSeconds(subscription.cancelled_at)
  return {
    ref: text(subscription.id) ?? '',
    customerRef: readRef(subscription.customer_id ?? customer.id),
    userId: userIdIn(subscription.meta_data) ?? userIdIn(customer.meta_data),
    email: parseEmailAddress(customer.email),
    status,
    isFree: (amounts.length > 0 && amounts.every((amount) => amount === 0)) || isDiscountedAway(subscription),
    proof: proofOf(subscription),
    startedAt: unixSeconds(subscription.started_at) ?? unixSeconds(subscription.created_at),
    trialEndsAt: unixSeconds(subscription.trial_end),
    endedAt: isOver ? canceledAt : null,
    pausedAt: unixSeconds(subscription.pause_date),
    activatedAt,
    // Before it takes effect, the same field tells when it will.
    cancelsAt: isOver ? null : canceledAt,
    planId: text(plan?.item_price_id) ?? text(subscription.plan_id),
    products: idsOf(
      subscription.plan_id,
      ...items.flatMap(({ item_price_id, item_id }) => [item_price_id, item_id]),
    ),
    currency: text(subscription.currency_code),
    mrr: mrrOf(status, potentialOf(subscription, amounts)),
    version: typeof subscription.resource_version === 'number' ? subscription.resource_version : null,
  }
}
