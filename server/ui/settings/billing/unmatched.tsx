import { useState } from 'preact/hooks'
import { call } from '../../shared/api.ts'
import { Submit } from '../../shared/form-parts.tsx'
import { useAction } from '../../shared/hooks.ts'
import { Dialog } from '../../shared/parts.tsx'
import type { Unmatched } from './types.ts'

/** Subscriptions of no one here, and the form that says whose one is. */
export function UnmatchedList({
  subscriptions,
  reload,
}: {
  subscriptions: readonly Unmatched[]
  reload: () => void
}) {
  const [chosen, setChosen] = useState<Unmatched | null>(null)
  if (subscriptions.length === 0) return null
  return (
    <details class="waiting">
      <summary>
        {subscriptions.length} {subscriptions.length === 1 ? 'subscription belongs' : 'subscriptions belong'}{' '}
        to no one here
      </summary>
      <p class="quiet">They are matched automatically when the person appears.</p>
      <ul class="plain-list stuck">
        {subscriptions.map((one) => (
          <li key={`${one.connectionId} ${one.subscription}`} class="row start">
            <div class="grow">
              {one.subscription}
              <small>
                {[one.userId && `user ID ${one.userId}`, one.email, one.plan, one.status]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </div>
            <button type="button" class="plain" onClick={() => setChosen(one)}>
              Assign<span class="sr"> {one.subscription}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && (
        <AssignDialog
          subscription={chosen}
          onClose={() => setChosen(null)}
          onDone={() => {
            setChosen(null)
            reload()
          }}
        />
      )}
    </details>
  )
}

function AssignDialog({
  subscription: { connectionId, subscription },
  onClose,
  onDone,
}: {
  subscription: Unmatched
  onClose: () => void
  onDone: () => void
}) {
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const userId = String(new FormData(event.currentTarget as HTMLFormElement).get('userId')).trim()
    void run(async () => {
      await call('PUT /api/billing/owners', { body: { connectionId, subscription, userId } })
      onDone()
    })
  }
  return (
    <Dialog title={`Whose subscription is ${subscription}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          User ID of the trialist
          <input name="userId" required maxLength={255} autocomplete="off" />
        </label>
        <Submit busy={busy} error={error} doing="Saving …">
          Assign
        </Submit>
      </form>
    </Dialog>
  )
}
