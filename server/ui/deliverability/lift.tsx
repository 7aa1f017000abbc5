import { call } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { useAction } from '../shared/hooks.ts'
import { Dialog } from '../shared/parts.tsx'
import { type Suppression, suppressionName, suppressionWords } from './suppression.ts'

/** Asks before email goes to someone again; what the person said themselves needs a note. */
export function LiftDialog({
  entry,
  onClose,
  onLifted,
}: {
  entry: Suppression
  onClose: () => void
  onLifted: (entry: Suppression) => void
}) {
  const { busy, error, run } = useAction()
  const isObjection = entry.liftedBy === 'admin'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '').trim()
    void run(async () => {
      // With the address also what stands on the trials alone is lifted.
      await call('DELETE /api/suppressions/{id}', {
        params: { id: entry.address ?? entry.id },
        query: note ? { note } : {},
      })
      onLifted(entry)
    })
  }
  return (
    <Dialog title={`Let mail go to ${suppressionName(entry)} again?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          {suppressionWords[entry.reason].meaning}
          {entry.address === null &&
            ' The address itself is not kept, so this cannot be undone: it would have to be typed in.'}
        </p>
        <label>
          {isObjection ? 'How do you know that they want mail again?' : 'Note'}
          <input
            name="note"
            maxLength={500}
            required={isObjection}
            placeholder={isObjection ? 'asked for it on the phone on 3 May' : 'address was corrected'}
          />
        </label>
        {isObjection && (
          <p class="note">
            Mail against somebody’s word harms the delivery of all your mail, and may be against the law. Your
            note goes into the audit log.
          </p>
        )}
        <Submit busy={busy} error={error} doing="Lifting …">
          Let mail go again
        </Submit>
      </form>
    </Dialog>
  )
}
