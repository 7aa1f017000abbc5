import { useState } from 'preact/hooks'
import { dayMs } from '../../../shared/clock.ts'

import type { Trialist } from '../../../shared/trialist.ts'
import { serverNow } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { dateTimeText } from '../shared/format.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { Dialog } from '../shared/parts.tsx'
import type { TrialDoors } from './parts.ts'

/** Extends by the playbook’s options; sends the end that was seen, so that no one extends twice unawares. */
export function ExtendDialog({
  trialist,
  doors,
  onClose,
}: {
  trialist: Trialist
  doors: TrialDoors
  onClose: () => void
}) {
  const playbook = useApi('GET /api/playbook')
  const options = playbook.data?.playbook.extensions.options ?? []
  const [chosen, setChosen] = useState<number | null>(null)
  const [key] = useState(() => crypto.randomUUID())
  const { busy, error, run } = useAction()
  const days = chosen ?? options[1] ?? options[0] ?? 7
  const { endsAt } = trialist.trial
  const from = endsAt ? Math.max(Date.parse(endsAt), serverNow()) : serverNow()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    void run(async () => {
      const body = {
        days,
        reason: String(form.get('reason')).trim() || 'extended in the dashboard',
        note: String(form.get('note')),
        expectedEnd: endsAt,
      }
      await doors.extend(body, `${key}-${days}`)
      onClose()
    })
  }
  return (
    <Dialog title="Extend trial" onClose={onClose}>
      <form onSubmit={submit}>
        {trialist.billing?.cancelsAt && (
          <p class="note note-warning">
            Their subscription is set to be canceled on {dateTimeText(trialist.billing.cancelsAt)}. Extending
            the trial does not undo that.
          </p>
        )}
        <fieldset class="tabs">
          <legend>How many days?</legend>
          {options.map((option) => (
            <label key={option} class="tab">
              <input type="radio" name="days" checked={days === option} onChange={() => setChosen(option)} />
              <span>{option}</span>
            </label>
          ))}
        </fieldset>
        <p>
          New end: <strong>{dateTimeText(new Date(from + days * dayMs).toISOString())}</strong>. Emails,
          countdowns and nudges follow it.
        </p>
        <label>
          Reason
          <input name="reason" maxLength={200} placeholder="needs time to convince the team" />
        </label>
        <label>
          Note
          <textarea name="note" rows={2} maxLength={2000} />
        </label>
        <Submit busy={busy} error={error} doing="Extending …" disabled={options.length === 0}>
          {`Extend by ${days} days`}
        </Submit>
      </form>
    </Dialog>
  )
}
