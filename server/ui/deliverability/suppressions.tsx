import { useState } from 'preact/hooks'
import type { SuppressionReason } from '../../../shared/trial.ts'
import { call, type Session } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'
import { LiftDialog } from './lift.tsx'
import { type Suppression, suppressionName, suppressionWords } from './suppression.ts'
import { type Action, SuppressionRows } from './suppression-rows.tsx'

/** What was just done, with the way back. */
interface Done {
  text: string
  /** null: there is no way back, because no one knows the address any more. */
  undo: (() => Promise<void>) | null
}

const block = (address: string, reason: SuppressionReason) =>
  call('POST /api/suppressions', { body: { address, reason } })

/** The suppression list: see, look up, add, remove. */
export function Suppressions({ session }: { session: Session }) {
  const [reason, setReason] = useState<SuppressionReason | null>(null)
  const [asked, setAsked] = useState<string | null>(null)
  const [lifting, setLifting] = useState<Suppression | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const [round, setRound] = useState(0)
  const { busy, error, run, setError } = useAction()

  const finish = (what: Done | null) => {
    setDone(what)
    setRound((n) => n + 1)
  }
  const add = (address: string) =>
    run(async () => {
      const entry = await block(address, 'manual')
      const isOurs = entry.reason === 'manual'
      finish({
        text: `${entry.address ?? address} gets no more emails.`,
        undo: isOurs
          ? async () => void (await call('DELETE /api/suppressions/{id}', { params: { id: entry.id } }))
          : null,
      })
    })
  const lifted = (entry: Suppression) => {
    const { address } = entry
    setLifting(null)
    finish({
      text: `${suppressionName(entry)} can get emails again.`,
      undo: address === null ? null : async () => void (await block(address, entry.reason)),
    })
  }
  const undo = (work: () => Promise<void>) =>
    run(async () => {
      await work()
      finish({ text: 'Undone.', undo: null })
    })
  const show = (address: string | null) => {
    setError(null)
    setDone(null)
    setAsked(address)
    setRound((n) => n + 1)
  }
  return (
    <Section title="Suppression list">
      <p>
        Addresses that unsubscribed, complained or hard-bounced get no more emails, whatever trial they belong
        to. The list stores hashes instead of addresses, so it still holds after a person is erased.
      </p>
      <AddressForm busy={busy} onLookUp={show} onAdd={add} />
      {error && <ErrorNote error={error} />}
      <div role="status">
        {done && (
          <p class="note delivery-good">
            {done.text}{' '}
            {done.undo && (
              <button
                type="button"
                class="plain"
                disabled={busy}
                onClick={() => done.undo && undo(done.undo)}
              >
                Undo
              </button>
            )}
          </p>
        )}
      </div>
      {asked === null ? (
        <ReasonTabs key={`tabs ${round}`} chosen={reason} onChoose={setReason} />
      ) : (
        <p class="row start">
          <span>
            Showing only <strong>{asked}</strong>
          </span>
          <button type="button" class="plain" onClick={() => show(null)}>
            Show the whole list
          </button>
        </p>
      )}
      <SuppressionRows
        key={`${round} ${asked} ${reason}`}
        session={session}
        query={asked === null ? { reason } : { address: asked }}
        onLift={setLifting}
      />
      {lifting && <LiftDialog entry={lifting} onClose={() => setLifting(null)} onLifted={lifted} />}
    </Section>
  )
}

function AddressForm({
  busy,
  onLookUp,
  onAdd,
}: {
  busy: boolean
  onLookUp: Action<string>
  onAdd: Action<string>
}) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const address = String(new FormData(event.currentTarget as HTMLFormElement).get('address')).trim()
    const stop = (event.submitter as HTMLButtonElement | null)?.value === 'stop'
    if (stop) onAdd(address)
    else onLookUp(address)
  }
  return (
    <form class="row start delivery-form" onSubmit={submit}>
      <label class="grow">
        <span class="sr">Email address</span>
        <input name="address" type="email" required maxLength={254} placeholder="ann@example.com" />
      </label>
      <button type="submit" value="look" disabled={busy}>
        Look up
      </button>
      <button type="submit" value="stop" disabled={busy}>
        Add to the list
      </button>
    </form>
  )
}

function ReasonTabs({
  chosen,
  onChoose,
}: {
  chosen: SuppressionReason | null
  onChoose: Action<SuppressionReason | null>
}) {
  const { data } = useApi('GET /api/suppressions', { query: { limit: 1 } })
  const counts = data?.counts ?? {}
  const reasons = Object.keys(counts) as SuppressionReason[]
  if (reasons.length < 2 && chosen === null) return null
  const total = reasons.reduce((sum, why) => sum + (counts[why] ?? 0), 0)
  const choices = [{ why: null, label: 'All', count: total }].concat(
    reasons.map((why) => ({
      why: why as never,
      label: suppressionWords[why].label,
      count: counts[why] ?? 0,
    })),
  )
  return (
    <fieldset class="tabs">
      <legend class="sr">Reason</legend>
      {choices.map(({ why, label, count }) => (
        <label key={label} class="tab">
          <input type="radio" name="reason" checked={chosen === why} onChange={() => onChoose(why)} />
          <span>
            {label} <b>{count}</b>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
