import type Stripe from 'stripe'
import { readRef } from './billing-provider.ts'
import type { MoneyNews, Payment } from './payments.ts'
import { type Json, list, object, text } from './provider-values.ts'
import {
  disputeOf,
  payerOfCharge,
  paymentOfSession,
  refundsOf,
  sharesOfInvoice,
  subscriptionOfInvoice,
  withShares,
} from './stripe-payments.ts'

/** What Stripe’s events about refunds and disputes leave to be read: for which subscription the money was. */

/** Since API version 2025-03-31 a charge does not name its invoice any more; its payment intent leads there. */
async function invoiceOf(client: Stripe, charge: Json): Promise<Json | null> {
  const named = readRef(text(charge.invoice) ?? object(charge.invoice).id)
  const intent = readRef(text(charge.payment_intent) ?? object(charge.payment_intent).id)
  const id = named ?? (intent === null ? null : await invoiceOfIntent(client, intent))
  return id === null ? null : object(await client.invoices.retrieve(id))
}

async function invoiceOfIntent({ invoicePayments }: Stripe, intent: string): Promise<string | null> {
  const payment = { type: 'payment_intent', payment_intent: intent } as const
  const found = await invoicePayments.list({ payment, limit: 1 })
  const { invoice } = object(list(found.data)[0])
  return readRef(text(invoice) ?? object(invoice).id)
}

/** Without an invoice the customer’s only subscription is meant; of several no one knows which. */
async function onlySubscriptionOf({ subscriptions }: Stripe, charge: Json): Promise<string | null> {
  const customer = readRef(text(charge.customer) ?? object(charge.customer).id)
  if (customer === null) return null
  const found = list((await subscriptions.list({ customer, status: 'all', limit: 2 })).data)
  return found.length === 1 ? readRef(found[0]?.id) : null
}

async function sharesOf(client: Stripe, charge: Json): Promise<ReadonlyMap<string, number>> {
  // A charge whose invoice is unknown to the key’s rights is one without.
  const invoice = await invoiceOf(client, charge).catch(() => null)
  const shares = invoice ? sharesOfInvoice(invoice) : new Map<string, number>()
  if (shares.size > 0) return shares
  const ref = (invoice && subscriptionOfInvoice(invoice)) ?? (await onlySubscriptionOf(client, charge))
  return new Map(ref === null ? [] : [[ref, 1]])
}

/** All refunds of a charge, what became of a dispute, or what was paid at a checkout. */
export async function fetchMoney(client: Stripe, ask: string): Promise<MoneyNews> {
  const [kind, id = ''] = ask.split('/')
  if (kind === 'session')
    return { payments: paymentOfSession(object(await client.checkout.sessions.retrieve(id))), failures: [] }
  const dispute =
    kind === 'dispute' ? object(await client.disputes.retrieve(id, { expand: ['charge'] })) : null
  const charge = dispute
    ? object(dispute.charge)
    : object(await client.charges.retrieve(id, { expand: ['refunds'] }))
  const told: Payment[] = dispute ? disputeOf(dispute, payerOfCharge(charge)) : refundsOf(charge)
  return { payments: withShares(told, await sharesOf(client, charge)), failures: [] }
}
