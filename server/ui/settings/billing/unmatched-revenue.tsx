import type { AnswerOf } from '../../../../shared/api/endpoints.ts'
import { currencyFormat, toMajor } from '../../../../shared/currency.ts'
import { call } from '../../shared/api.ts'
import { Submit } from '../../shared/form-parts.tsx'
import { dateText } from '../../shared/format.ts'
import { useAction, useApi } from '../../shared/hooks.ts'

type Payment = AnswerOf<'GET /api/revenue/unmatched'>['revenue'][number]

const money = ({ amountMinor, currency }: Payment): string =>
  new Intl.NumberFormat(undefined, currencyFormat(currency)).format(toMajor(amountMinor, currency))

/** Payments that were reported for someone who is no trialist so far, each with a form that says whose it is. */
export function UnmatchedRevenue() {
  const { data, reload } = useApi('GET /api/revenue/unmatched')
  const payments = data?.revenue ?? []
  if (payments.length === 0) return null
  return (
    <details class="waiting">
      <summary>
        {payments.length} {payments.length === 1 ? 'payment belongs' : 'payments belong'} to no one here
      </summary>
      <p class="quiet">Each is found by itself when its person appears.</p>
      <ul class="plain-list stuck">
        {payments.map((payment) => (
          <li key={payment.externalId} class="row start">
            <Row payment={payment} reload={reload} />
          </li>
        ))}
      </ul>
    </details>
  )
}

function Row({ payment, reload }: { payment: Payment; reload: () => void }) {
  const { busy, error, run } = useAction()
  const { externalId, at, userId, email, type } = payment
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const owner = String(new FormData(event.currentTarget as HTMLFormElement).get('userId')).trim()
    void run(async () => {
      await call('PUT /api/revenue/owners', { body: { externalId, userId: owner } })
      reload()
    })
  }
  return (
    <>
      <div class="grow">
        {money(payment)} · {dateText(at)}
        <small>{[externalId, type, userId && `user id ${userId}`, email].filter(Boolean).join(' · ')}</small>
      </div>
      <form class="row" onSubmit={submit}>
        <label>
          <span class="sr">User id of the trialist who paid {externalId}</span>
          <input name="userId" required maxLength={255} placeholder="user id" autocomplete="off" />
        </label>
        <Submit busy={busy} error={error} doing="Saving …">
          Assign
        </Submit>
      </form>
    </>
  )
}
