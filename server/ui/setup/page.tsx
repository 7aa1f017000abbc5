import { useState } from 'preact/hooks'
import { type ProductKind, productKinds, startingPoints } from '../../../shared/starting-points.ts'
import { Options } from '../settings/options.tsx'
import { call, type Session } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { useAction } from '../shared/hooks.ts'

const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

const kindOptions = productKinds.map((kind) => ({
  value: kind,
  label: startingPoints[kind].label,
  meaning: startingPoints[kind].meaning,
}))

/** What the form says, as the server takes it. */
function answersOf(form: FormData) {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const [upgradeUrl, address, days] = [text('upgradeUrl'), text('senderAddress'), text('trialDays')]
  return {
    token: text('token'),
    account: { name: text('name'), email: text('email'), password: String(form.get('password') ?? '') },
    kind: text('kind') as ProductKind,
    product: {
      name: text('productName'),
      url: text('productUrl'),
      ...(upgradeUrl && { upgradeUrl }),
      postalAddress: text('postalAddress'),
      timeZone: text('timeZone'),
    },
    sender: { name: text('senderName'), rep: text('rep'), ...(address && { address }) },
    trialDays: days === '' ? null : Number(days),
    events: form.getAll('event').map((event) => String(event).trim()),
  }
}

/** The first start: an account, a product and a playbook, behind the token from the console. */
export function SetupPage({ token, onDone }: { token: string; onDone: (session: Session) => void }) {
  const { busy, error, run } = useAction()
  const [kind, setKind] = useState<ProductKind>('team_tool')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const body = answersOf(new FormData(event.currentTarget as HTMLFormElement))
    void run(async () => {
      const session = await call('POST /api/setup', { body })
      window.location.hash = '#/connect'
      onDone(session)
    })
  }
  const choose = ({ target }: Event) => {
    if (target instanceof HTMLInputElement && target.name === 'kind') setKind(target.value as ProductKind)
  }
  return (
    <main class="setup">
      <h1 class="brand">
        <img src="/icon.svg" alt="" width="32" height="32" />
        Set up Trialpace
      </h1>
      <p class="quiet">
        About two minutes. No email goes to anyone before you release it, and all of this can be changed
        later.
      </p>
      <form onSubmit={submit} onChange={choose}>
        <Owner token={token} />
        <Product />
        <fieldset class="card">
          <legend>How it starts</legend>
          <Options name="kind" legend="Your product is closest to" options={kindOptions} chosen={kind} />
          <Start key={kind} kind={kind} />
        </fieldset>
        <Submit busy={busy} error={error} doing="Setting up …">
          Set up
        </Submit>
      </form>
    </main>
  )
}

function Owner({ token }: { token: string }) {
  return (
    <fieldset class="card">
      <legend>You</legend>
      <label>
        Set-up token
        <input
          name="token"
          required
          maxLength={100}
          defaultValue={token}
          autocomplete="off"
          spellcheck={false}
        />
        <small>Printed on the console of the server at its start.</small>
      </label>
      <div class="setup-grid">
        <label>
          Your name
          <input name="name" required maxLength={100} autocomplete="name" />
        </label>
        <label>
          Email address
          <input name="email" type="email" required maxLength={254} autocomplete="username" />
        </label>
      </div>
      <label>
        Password
        <input
          name="password"
          type="password"
          required
          minLength={12}
          maxLength={128}
          autocomplete="new-password"
        />
        <small>At least 12 characters.</small>
      </label>
    </fieldset>
  )
}

function Product() {
  return (
    <fieldset class="card">
      <legend>Your product and who writes</legend>
      <div class="setup-grid">
        <label>
          Product name
          <input name="productName" required maxLength={100} autocomplete="organization" />
        </label>
        <label>
          Time zone
          <input name="timeZone" required maxLength={64} defaultValue={browserZone()} />
          <small>For trialists whose own is unknown.</small>
        </label>
        <label>
          Address of the product
          <input name="productUrl" type="url" required maxLength={500} placeholder="https://" />
        </label>
        <label>
          Where people choose a plan
          <input name="upgradeUrl" type="url" maxLength={500} placeholder="https://" />
          <small>If different.</small>
        </label>
      </div>
      <label>
        Postal address
        <input name="postalAddress" required maxLength={200} autocomplete="street-address" />
        <small>In the footer of each email, as the law asks.</small>
      </label>
      <div class="setup-grid">
        <label>
          Sender name
          <input name="senderName" required maxLength={100} />
        </label>
        <label>
          Sender address
          <input name="senderAddress" type="email" maxLength={254} />
          <small>MAIL_FROM of the server when empty.</small>
        </label>
        <label>
          Who signs personal emails
          <input name="rep" required maxLength={100} />
          <small>A person of your team whom trialists may answer.</small>
        </label>
      </div>
    </fieldset>
  )
}

function Start({ kind }: { kind: ProductKind }) {
  const { trialDays, milestones } = startingPoints[kind]
  return (
    <>
      {trialDays === null ? (
        <p>The plan has no end: no email speaks of one.</p>
      ) : (
        <label class="days">
          Length of the trial in days
          <input name="trialDays" type="number" required min={1} max={365} defaultValue={String(trialDays)} />
        </label>
      )}
      <p>
        <strong>What shows that people reach value</strong>
        <small>Name the events of your product; keep the suggestion if you do not know yet.</small>
      </p>
      <div class="setup-grid">
        {milestones.map(({ name, event, threshold }) => (
          <label key={name}>
            {name}
            {threshold > 1 && ` (${threshold} times)`}
            <input name="event" required maxLength={100} defaultValue={event} />
          </label>
        ))}
      </div>
    </>
  )
}
