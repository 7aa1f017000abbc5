import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { BillingState } from '../../../shared/billing.ts'
import { currencyFormat, toMajor } from '../../../shared/currency.ts'
import { call } from '../shared/api.ts'
import { dateTimeText } from '../shared/format.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'
import { sentence } from '../shared/words.ts'
import type { TrialistParts } from './parts.ts'

/** How long the billing system is given before the page looks again. */
const settleMs = 1500
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const money = (amountMinor: number, currency: string): string =>
  new Intl.NumberFormat(undefined, currencyFormat(currency)).format(toMajor(amountMinor, currency))

const providerNames: Readonly<Record<string, string>> = {
  stripe: 'Stripe',
  chargebee: 'Chargebee',
  maxio: 'Maxio',
  recurly: 'Recurly',
  paddle: 'Paddle',
}

const paymentWords: Record<BillingState['payment'], string> = {
  paid: 'paid',
  unpaid: 'nothing paid so far',
  unknown: 'no payment known',
}

function revenueText({ currency, mrrMinor, potentialMrrMinor }: BillingState): string | null {
  if (currency === null || potentialMrrMinor === null) return null
  return mrrMinor
    ? `${money(mrrMinor, currency)} a month`
    : `would bring ${money(potentialMrrMinor, currency)} a month`
}

type Revenue = AnswerOf<'GET /api/trialists/{userId}/revenue'>

const Paid = ({ totalMinor, currency, payments }: Revenue) => (
  <p>
    Revenue so far: {money(totalMinor, currency)} in {payments.length}{' '}
    {payments.length === 1 ? 'payment' : 'payments'}, after refunds.
  </p>
)

/**
 * The subscription in the billing system, and what it has not taken, in words.
 * @param parts.userId whose it is; of a company any member
 */
export function Billing({ trialist, doors, userId }: TrialistParts & { userId: string }) {
  const { billing } = trialist
  const params = { userId }
  const { busy, error, run } = useAction()
  const revenue = useApi('GET /api/trialists/{userId}/revenue', { params })
  const paid = revenue.data && revenue.data.payments.length > 0 ? revenue.data : null
  if (!billing)
    return paid ? (
      <Section title="Revenue">
        <Paid {...paid} />
      </Section>
    ) : null
  const { provider, status, plan, payment, trialEndsAt, notes, writeBack, subscription } = billing
  const after = async (work: Promise<unknown>) => {
    await work
    await wait(settleMs)
    await doors.read()
  }
  const retry = (id: string) => run(() => after(call('POST /api/billing/outbox/retries', { body: { id } })))
  const accept = () => run(() => after(call('POST /api/billing/accepted-ends', { body: params })))
  const facts = [status?.replace('_', ' '), plan, revenueText(billing), paymentWords[payment]]
  return (
    <Section title={`Subscription at ${providerNames[provider] ?? provider}`}>
      <p class="facts">
        <span>
          <strong>{facts.filter(Boolean).join(' · ')}</strong>
          <br />
          <span class="quiet">
            {subscription}
            {trialEndsAt && `, trial there until ${dateTimeText(trialEndsAt)}`}
          </span>
        </span>
      </p>
      {paid && <Paid {...paid} />}
      {notes.length > 0 && (
        <ul class="reasons" data-billing={writeBack?.state ?? 'note'}>
          {notes.map((note) => (
            <li key={note}>{sentence(note)}</li>
          ))}
        </ul>
      )}
      {error && <ErrorNote error={error} />}
      {writeBack?.state === 'refused' && (
        <div class="row start">
          {writeBack.outboxId && (
            <button type="button" disabled={busy} onClick={() => retry(writeBack.outboxId as string)}>
              Send again
            </button>
          )}
          {trialEndsAt && (
            <button type="button" class="plain" disabled={busy} onClick={accept}>
              Use the date from {providerNames[provider] ?? provider}
            </button>
          )}
        </div>
      )}
    </Section>
  )
}
