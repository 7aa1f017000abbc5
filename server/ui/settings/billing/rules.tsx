import { call } from '../../shared/api.ts'
import { Submit } from '../../shared/form-parts.tsx'
import { useAction } from '../../shared/hooks.ts'
import { Dialog } from '../../shared/parts.tsx'
import type { Connection } from './types.ts'
import { providerWords } from './words.ts'

/** What the team decides about a connection. */
export function RulesDialog({
  connection,
  onClose,
  onDone,
}: {
  connection: Connection
  onClose: () => void
  onDone: (text: string) => void
}) {
  const { busy, error, run } = useAction()
  const { label } = providerWords[connection.provider]
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(form.get(name)).trim()
    const body = {
      truth: text('truth') as Connection['truth'],
      matchBy: text('matchBy') as Connection['matchBy'],
      pendingRestDays: Number(text('pendingRestDays')),
      products: text('products')
        .split(/[\s,]+/)
        .filter(Boolean),
    }
    void run(async () => {
      await call('PUT /api/billing/connections/{id}', { params: { id: connection.id }, body })
      onDone(`The rules of ${connection.name} were changed.`)
    })
  }
  return (
    <Dialog title={`Rules of ${connection.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          When the two trial end dates differ
          <select name="truth" defaultValue={connection.truth}>
            <option value="later">the latest change wins; extensions granted here stay</option>
            <option value="billing">the date from {label} wins</option>
            <option value="trialpace">the date here wins</option>
          </select>
        </label>
        <label>
          Products the trial is for
          <textarea
            name="products"
            rows={2}
            defaultValue={connection.products.join('\n')}
            aria-describedby="products-hint"
          />
          <small id="products-hint">
            IDs of products, plans or prices at {label}, one per line. If empty, every subscription counts.
          </small>
        </label>
        <label>
          Customer IDs at {label}
          <select name="matchBy" defaultValue={connection.matchBy}>
            <option value="reference">are the user IDs here</option>
            <option value="email">are different: match by email address</option>
          </select>
        </label>
        <label>
          Days to hold emails while a first payment is pending
          <input
            name="pendingRestDays"
            type="number"
            min={0}
            max={30}
            required
            defaultValue={connection.pendingRestDays}
          />
        </label>
        <Submit busy={busy} error={error} doing="Saving …">
          Save
        </Submit>
      </form>
    </Dialog>
  )
}
