import { useEffect, useState } from 'preact/hooks'
import { call, serverNow } from '../../shared/api.ts'
import { dateTimeText } from '../../shared/format.ts'
import { useAction, useApi } from '../../shared/hooks.ts'
import { Dialog, ErrorNote, Loading, When } from '../../shared/parts.tsx'
import type { BillingEvent, Connection, DriftReport } from './types.ts'
import { outcomeWords, providerWords } from './words.ts'

const lookAgainMs = 4000

/** The last webhooks of a connection, live, and the comparison of all trials. */
export function LookDialog({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const params = { id: connection.id }
  const events = useApi('GET /api/billing/connections/{id}/events', { params })
  const drift = useApi('GET /api/billing/connections/{id}/drift', { params })
  const [isAsked, setAsked] = useState(false)
  const { busy, error, run } = useAction()
  const { reload } = events
  const { reload: reloadDrift } = drift
  useEffect(() => {
    const timer = setInterval(() => {
      reload()
      if (isAsked) reloadDrift()
    }, lookAgainMs)
    return () => clearInterval(timer)
  }, [reload, reloadDrift, isAsked])
  const compare = () =>
    run(async () => {
      await call('POST /api/billing/connections/{id}/reconciliations', { params })
      setAsked(true)
      reloadDrift()
    })
  return (
    <Dialog title={`${connection.name}: events and comparison`} onClose={onClose}>
      <h3>Comparison</h3>
      <p class="quiet">
        All trials at {providerWords[connection.provider].label} are compared with the trials here once a day.
      </p>
      {error && <ErrorNote error={error} />}
      {drift.data?.report && <Drift report={drift.data.report} />}
      <button type="button" disabled={busy} onClick={compare}>
        Compare now
      </button>
      <h3>Last webhooks</h3>
      {!events.data && <Loading what="the webhooks" />}
      {events.data && <Events events={events.data.events} />}
    </Dialog>
  )
}

function Events({ events }: { events: readonly BillingEvent[] }) {
  const now = serverNow()
  if (events.length === 0) return <p class="quiet">None in the last seven days.</p>
  return (
    <ul class="plain-list stuck">
      {events.map(({ id, type, subscription, at, outcome }) => (
        <li key={id}>
          <code>{type}</code> <When at={at} now={now} />
          <small>
            {subscription && `${subscription}: `}
            {outcomeWords(outcome)}
          </small>
        </li>
      ))}
    </ul>
  )
}

const driftWords: Record<DriftReport['drifts'][number]['what'], string> = {
  unknown: 'was unknown here; it is being imported',
  unmatched: 'belongs to no one here',
  end: 'has a different end date; it is being updated',
  gone: 'is no longer in trial there; it is being updated',
}

function Drift({ report }: { report: DriftReport }) {
  const { seen, agreed, drifted, drifts, error, startedAt } = report
  return (
    <>
      <p>
        {error ??
          `${seen} in trial there; ${agreed} match here, ${drifted} ${drifted === 1 ? 'differs' : 'differ'}.`}{' '}
        <span class="quiet">{dateTimeText(startedAt)}</span>
      </p>
      {drifts.length > 0 && (
        <ul class="plain-list stuck">
          {drifts.slice(0, 50).map(({ what, subscription, userId, theirs, ours }) => (
            <li key={`${what} ${subscription}`}>
              {userId ?? subscription} {driftWords[what]}
              {theirs && (
                <small>
                  There {dateTimeText(theirs)}
                  {ours && `, here ${dateTimeText(ours)}`}
                </small>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
