import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../../shared/api/endpoints.ts'
import { call, serverNow } from '../../shared/api.ts'
import { Copyable } from '../../shared/copy.tsx'
import { Submit } from '../../shared/form-parts.tsx'
import { dateTimeText } from '../../shared/format.ts'
import { useAction, useApi } from '../../shared/hooks.ts'
import { ErrorNote, Loading, Section, When } from '../../shared/parts.tsx'
import { sentence } from '../../shared/words.ts'

type Callback = AnswerOf<'GET /api/billing/callback'>
const shownDeliveries = 10

const stateWords: Record<Callback['deliveries'][number]['state'], string> = {
  waiting: 'Waiting',
  sent: 'Taken',
  superseded: 'No longer needed',
  dead: 'Given up',
}

/** For products without a billing system: where new ends of trials are posted. */
export function CallbackSection() {
  const { data, state, reload, ...rest } = useApi('GET /api/billing/callback')
  return (
    <Section title="Signed callback">
      <p>
        Without a billing system, your product hears about new ends of trials here: each is posted to your
        address, signed by the Standard Webhooks specification, and sent again until you answer 2xx.
      </p>
      {state === 'failed' && 'error' in rest && <ErrorNote error={rest.error} retry={reload} />}
      {!data && state === 'loading' && <Loading what="the callback" />}
      {data && <AddressForm callback={data} reload={reload} />}
      {data?.url && <Controls callback={data} reload={reload} />}
      {data?.url && <Deliveries deliveries={data.deliveries} />}
    </Section>
  )
}

function AddressForm({ callback, reload }: { callback: Callback; reload: () => void }) {
  const { busy, error, run } = useAction()
  const [secret, setSecret] = useState<string | null>(null)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const url = String(new FormData(event.currentTarget as HTMLFormElement).get('url')).trim()
    void run(async () => {
      setSecret((await call('PUT /api/billing/callback', { body: { url } })).secret)
      reload()
    })
  }
  return (
    <form onSubmit={submit}>
      <label>
        Address of your endpoint
        <input
          name="url"
          type="url"
          required
          maxLength={2000}
          placeholder="https://api.example.com/trialpace"
          defaultValue={callback.url ?? ''}
        />
      </label>
      <Submit busy={busy} error={error} doing="Saving …">
        {callback.url ? 'Save with a new secret' : 'Save'}
      </Submit>
      {secret && (
        <div role="status">
          <p>
            Signing secret. It is shown this once. The secret before it goes on signing beside it, so that you
            can change over.
          </p>
          <Copyable label="Signing secret" text={secret} />
        </div>
      )}
    </form>
  )
}

function Controls({ callback, reload }: { callback: Callback; reload: () => void }) {
  const { busy, error, run } = useAction()
  const [said, setSaid] = useState<string | null>(null)
  const test = () =>
    run(async () => {
      const { taken, detail } = await call('POST /api/billing/callback/tests')
      setSaid(taken ? 'Your product took the test event.' : `Not taken: ${sentence(detail ?? '')}`)
    })
  const pause = () =>
    run(async () => {
      await call('POST /api/billing/callback/pause', { body: { paused: !callback.paused } })
      reload()
    })
  const remove = () =>
    run(async () => {
      await call('DELETE /api/billing/callback')
      setSaid(null)
      reload()
    })
  return (
    <>
      {callback.paused && <p class="note note-warn">Paused: new ends wait here until it goes on.</p>}
      <div class="row start">
        <button type="button" disabled={busy} onClick={test}>
          Send a test event
        </button>
        <button type="button" class="plain" disabled={busy} onClick={pause}>
          {callback.paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" class="plain" disabled={busy} onClick={remove}>
          Remove
        </button>
      </div>
      <div role="status">{said && <p class="note">{said}</p>}</div>
      {error && <ErrorNote error={error} />}
    </>
  )
}

function Deliveries({ deliveries }: { deliveries: Callback['deliveries'] }) {
  if (deliveries.length === 0) return <p class="quiet">No new end was posted so far.</p>
  const now = serverNow()
  const latest = deliveries
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
    .slice(0, shownDeliveries)
  return (
    <>
      <h3>Last answers</h3>
      <ul class="plain-list stuck">
        {latest.map(({ userId, endsAt, state, detail, createdAt, nextAttemptAt }) => (
          <li key={`${userId} ${endsAt}`} class="row start" data-callback={state}>
            <div class="grow">
              {userId && <a href={`#/trialists/${encodeURIComponent(userId)}`}>{userId}</a>} ends on{' '}
              {dateTimeText(endsAt)}
              <small>
                <When at={createdAt} now={now} />
                {detail && ` · ${sentence(detail)}`}
              </small>
            </div>
            <span>
              {stateWords[state]}
              {nextAttemptAt && (
                <>
                  , next try <When at={nextAttemptAt} now={now} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
