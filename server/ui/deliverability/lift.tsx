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
    <Dialog title={`Send to ${suppressionName(entry)} again?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          {suppressionWords[entry.reason].meaning}
          {entry.address === null &&
            ' Only a hash of the address is stored, so Undo is not possible: to block it again, type it in.'}
        </p>
        <label>
          {isObjection ? 'How do you know that they want emails again?' : 'Note'}
          <input
            name="note"
            maxLength={500}
            required={isObjection}
            placeholder={isObjection ? 'asked for it by phone on 3 May' : 'address was corrected'}
          />
        </label>
        {isObjection && (
          <p class="note">
            Sending to someone who objected hurts the deliverability of all your emails and may be illegal.
            Your note goes into the audit log.
          </p>
        )}
        <Submit busy={busy} error={error} doing="Removing …">
          Allow emails again
        </Submit>
      </form>
    </Dialog>
  )
}
