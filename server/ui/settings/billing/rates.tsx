import { majorRate, minorOfMajorRate } from '../../../../shared/currency.ts'
import { call } from '../../shared/api.ts'
import { Submit } from '../../shared/form-parts.tsx'
import { useAction, useApi } from '../../shared/hooks.ts'

/** What one unit of each other currency is worth: payments wait until it is said. */
export function Rates({ onSaved }: { onSaved: () => void }) {
  const { data, reload } = useApi('GET /api/rates')
  const { busy, error, run } = useAction()
  if (!data) return null
  const { currency: base, rates, wanted } = data
  const codes = [...new Set([...wanted, ...Object.keys(rates)])].sort()
  if (codes.length === 0) return null
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const said = codes.flatMap((code) => {
      const rate = Number(form.get(code))
      return rate > 0 ? [[code, minorOfMajorRate(rate, code, base)] as const] : []
    })
    void run(async () => {
      await call('PUT /api/rates', { body: { rates: Object.fromEntries(said) } })
      reload()
      onSaved()
    })
  }
  return (
    <details class="waiting" open={wanted.length > 0}>
      <summary>
        {wanted.length > 0
          ? `Payments in ${wanted.join(', ')} wait for an exchange rate`
          : 'Exchange rates of payments'}
      </summary>
      <form onSubmit={submit}>
        {codes.map((code) => (
          <label key={code}>
            One {code} in {base}
            <input
              name={code}
              type="number"
              step="any"
              min="0.000000001"
              required={wanted.includes(code)}
              defaultValue={rates[code] === undefined ? '' : String(majorRate(rates[code], code, base))}
            />
          </label>
        ))}
        <p class="quiet">Holds for payments recorded from now on and for those that wait.</p>
        <Submit busy={busy} error={error} doing="Saving …">
          Save the rates
        </Submit>
      </form>
    </details>
  )
}
