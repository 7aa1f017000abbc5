import { useState } from 'preact/hooks'
import { call } from '../shared/api.ts'
import { Copyable } from '../shared/copy.tsx'
import { Submit } from '../shared/form-parts.tsx'
import { useAction } from '../shared/hooks.ts'
import { Dialog } from '../shared/parts.tsx'
import { Options } from './options.tsx'
import { type Account, readRole, roleOptions } from './roles.ts'
import { randomSecret } from './secret.ts'

/** Makes the account with a password of the browser’s making, which is then shown this once. */
export function AddPersonDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const [added, setAdded] = useState<{ account: Account; password: string } | null>(null)
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(form.get(name)).trim()
    const password = randomSecret()
    const body = { name: text('name'), email: text('email'), role: readRole(form.get('role')), password }
    void run(async () => {
      setAdded({ account: await call('POST /api/accounts', { body }), password })
      onAdded()
    })
  }
  if (added)
    return (
      <Dialog title={`${added.account.name} can sign in now`} onClose={onClose}>
        <p>
          Pass this on in person or through a secure channel. The password is shown only once; they can change
          it under Settings.
        </p>
        <Copyable
          label="Sign-in details"
          text={`${window.location.origin}\n${added.account.email}\n${added.password}`}
        />
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </Dialog>
    )
  return (
    <Dialog title="Add a colleague" onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          Name
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <label>
          Email address
          <input name="email" type="email" required maxLength={254} autocomplete="off" />
        </label>
        <Options name="role" legend="Role" options={roleOptions} chosen="rep" />
        <Submit busy={busy} error={error} doing="Adding …">
          Add
        </Submit>
      </form>
    </Dialog>
  )
}
