import { call } from '../../shared/api.ts'
import { ConfirmDialog, Submit } from '../../shared/form-parts.tsx'
import { useAction } from '../../shared/hooks.ts'
import { Dialog } from '../../shared/parts.tsx'
import type { Connection } from './types.ts'
import { providerWords } from './words.ts'

interface DialogProps {
  connection: Connection
  onClose: () => void
  onDone: (text: string) => void
}

/** What is left empty stays as it is. */
export function ChangeConnectionDialog({ connection, onClose, onDone }: DialogProps) {
  const { busy, error, run } = useAction()
  const { keyLabel, secretLabel } = providerWords[connection.provider]
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(form.get(name)).trim()
    const [apiKey, ...secrets] = [text('apiKey'), text('secret'), text('otherSecret')]
    const webhookSecrets = secrets.filter(Boolean)
    const body = {
      name: text('name'),
      ...(apiKey && { apiKey }),
      ...(webhookSecrets.length > 0 && { webhookSecrets }),
    }
    void run(async () => {
      await call('PUT /api/billing/connections/{id}', { params: { id: connection.id }, body })
      onDone(`${body.name} was changed.`)
    })
  }
  const secretProps = { type: 'password', minLength: 6, maxLength: 500, autocomplete: 'off' } as const
  return (
    <Dialog title={`Change ${connection.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          Name
          <input name="name" required maxLength={100} defaultValue={connection.name} autocomplete="off" />
        </label>
        <p class="quiet">Keys are never shown again. Leave a field empty to keep its current value.</p>
        <label>
          {keyLabel}
          <input name="apiKey" {...secretProps} />
        </label>
        <label>
          {secretLabel}
          <input name="secret" {...secretProps} />
        </label>
        <label>
          Second secret, while you replace the first
          <input name="otherSecret" {...secretProps} />
        </label>
        <Submit busy={busy} error={error} doing="Saving …">
          Save
        </Submit>
      </form>
    </Dialog>
  )
}

export function RemoveConnectionDialog({ connection, onClose, onDone }: DialogProps) {
  const remove = async () => {
    await call('DELETE /api/billing/connections/{id}', { params: { id: connection.id } })
    onDone(`${connection.name} was disconnected.`)
  }
  return (
    <ConfirmDialog
      title={`Disconnect ${connection.name}?`}
      label="Disconnect"
      doing="Disconnecting …"
      act={remove}
      onClose={onClose}
    >
      <p>
        Webhooks will be refused, and extensions will no longer be passed on to{' '}
        {providerWords[connection.provider].label}. Trials keep their dates, metrics keep their payments.
      </p>
    </ConfirmDialog>
  )
}
