import { useState } from 'preact/hooks'
import { call } from '../../shared/api.ts'
import { Copyable } from '../../shared/copy.tsx'
import { Submit } from '../../shared/form-parts.tsx'
import { useAction } from '../../shared/hooks.ts'
import { Dialog } from '../../shared/parts.tsx'
import { randomSecret } from '../secret.ts'
import type { Connection, Provider } from './types.ts'
import { providers, providerWords } from './words.ts'

const webhookUser = 'trialpace'

/**
 * Two steps, because most providers show the secret of a webhook only once they know its URL: until then the connection
 * has one that no one knows, so that it takes no webhook. Chargebee is told ours.
 */
export function ConnectDialog({ onClose, onChanged }: { onClose: () => void; onChanged: () => void }) {
  const [made, setMade] = useState<{ connection: Connection; secret: string } | null>(null)
  const connected = (connection: Connection, secret: string) => {
    setMade({ connection, secret })
    onChanged()
  }
  return made ? (
    <Dialog
      title={`Set up the webhook at ${providerWords[made.connection.provider].label}`}
      onClose={onClose}
    >
      <WebhookStep {...made} onClose={onClose} />
    </Dialog>
  ) : (
    <Dialog title="Connect a billing system" onClose={onClose}>
      <AccountStep onConnected={connected} />
    </Dialog>
  )
}

function AccountStep({ onConnected }: { onConnected: (connection: Connection, secret: string) => void }) {
  const [provider, setProvider] = useState<Provider>('stripe')
  const { busy, error, run } = useAction()
  const words = providerWords[provider]
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(form.get(name)).trim()
    const secret = provider === 'chargebee' ? `${webhookUser}:${randomSecret()}` : randomSecret()
    const body = {
      provider,
      name: text('name'),
      apiKey: text('apiKey'),
      webhookSecrets: [secret],
      ...(form.has('site') && { site: text('site') }),
      ...(form.has('region') && { region: text('region') as Connection['region'] }),
    }
    void run(async () => onConnected(await call('POST /api/billing/connections', { body }), secret))
  }
  return (
    <form onSubmit={submit}>
      <label>
        System
        <select
          name="provider"
          value={provider}
          onChange={(event) => setProvider(event.currentTarget.value as Provider)}
        >
          {providers.map((value) => (
            <option key={value} value={value}>
              {providerWords[value].label}
            </option>
          ))}
        </select>
      </label>
      <label>
        Name
        <input name="name" required maxLength={100} placeholder="Live" autocomplete="off" />
      </label>
      {words.siteBefore && (
        <label>
          Site
          <input name="site" required maxLength={62} autocomplete="off" aria-describedby="site-hint" />
          <small id="site-hint">The part before {words.siteBefore} in your address there.</small>
        </label>
      )}
      {words.regions.length > 0 && (
        <label>
          Region of your account
          <select name="region">
            {words.regions.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {words.keyLabel}
        <input
          name="apiKey"
          type="password"
          required
          minLength={6}
          maxLength={500}
          autocomplete="off"
          aria-describedby="key-hint"
        />
        <small id="key-hint">{words.keyHint} It is stored encrypted and never shown again.</small>
      </label>
      <Submit busy={busy} error={error} doing="Connecting …">
        Connect
      </Submit>
    </form>
  )
}

function WebhookStep({
  connection,
  secret,
  onClose,
}: {
  connection: Connection
  secret: string
  onClose: () => void
}) {
  const { place, moneyEvents } = providerWords[connection.provider]
  return (
    <>
      <p>
        Under {place}, create a webhook with this URL. Choose all subscription events and, for revenue
        metrics, {moneyEvents.join(', ')}.
      </p>
      <Copyable label="Webhook URL" text={connection.webhookUrl} />
      {connection.provider === 'chargebee' ? (
        <>
          <p>
            Protect it with basic authentication, using the user <code>{webhookUser}</code> and this password.
            It is shown only once.
          </p>
          <Copyable label="Webhook password" text={secret.slice(webhookUser.length + 1)} />
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        </>
      ) : (
        <SecretForm connection={connection} onSaved={onClose} />
      )}
    </>
  )
}

function SecretForm({ connection, onSaved }: { connection: Connection; onSaved: () => void }) {
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const secret = String(new FormData(event.currentTarget as HTMLFormElement).get('secret')).trim()
    void run(async () => {
      await call('PUT /api/billing/connections/{id}', {
        params: { id: connection.id },
        body: { webhookSecrets: [secret] },
      })
      onSaved()
    })
  }
  return (
    <form onSubmit={submit}>
      <label>
        {providerWords[connection.provider].secretLabel}
        <input
          name="secret"
          type="password"
          required
          minLength={6}
          maxLength={500}
          autocomplete="off"
          aria-describedby="secret-hint"
        />
        <small id="secret-hint">
          Webhooks are refused until you enter it. You can also do that later, under “Change keys”.
        </small>
      </label>
      <Submit busy={busy} error={error} doing="Saving …">
        Save
      </Submit>
    </form>
  )
}
