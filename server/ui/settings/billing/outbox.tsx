import { useEffect, useState } from 'preact/hooks'
import { call, serverNow } from '../../shared/api.ts'
import { dateTimeText } from '../../shared/format.ts'
import { useAction } from '../../shared/hooks.ts'
import { ErrorNote, When } from '../../shared/parts.tsx'
import { sentence } from '../../shared/words.ts'
import type { OutboxRow } from './types.ts'

/** How long after a new try its outcome is asked for, again and again. */
const lookAgainMs = 1500

/** New ends of trials that the billing system did not take. */
export function Outbox({ rows, reload }: { rows: readonly OutboxRow[]; reload: () => void }) {
  const [tried, setTried] = useState<ReadonlySet<string>>(new Set())
  const { busy, error, run } = useAction()
  const isOpen = (row: OutboxRow) => row.state === 'waiting' && row.failures === 0
  const isTrying = rows.some((row) => tried.has(row.id) && isOpen(row))
  useEffect(() => {
    if (!isTrying) return
    const timer = setInterval(reload, lookAgainMs)
    return () => clearInterval(timer)
  }, [isTrying, reload])
  const shown = rows.filter(
    (row) => row.state === 'dead' || (row.state === 'waiting' && row.failures > 0) || tried.has(row.id),
  )
  const retry = ({ id }: OutboxRow) =>
    run(async () => {
      await call('POST /api/billing/outbox/retries', { body: { id } })
      setTried((before) => new Set(before).add(id))
      reload()
    })
  if (shown.length === 0) return null
  return (
    <>
      <h3>Trial end dates not accepted</h3>
      {error && <ErrorNote error={error} />}
      <ul class="plain-list stuck">
        {shown.map((row) => (
          <li key={row.id} class="row start" data-outbox={row.state}>
            <div class="grow">
              <Trialist row={row} /> should end on {dateTimeText(row.endsAt)}
              {row.detail && <small>{sentence(row.detail)}</small>}
            </div>
            <span role="status">{outcome(row, isOpen(row))}</span>
            {row.state === 'dead' && (
              <button type="button" disabled={busy} onClick={() => retry(row)}>
                Try again<span class="sr"> for {row.userId ?? row.subscription}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function outcome(row: OutboxRow, isOpen: boolean) {
  if (row.state === 'dead') return 'Given up'
  if (row.state === 'sent') return 'Accepted'
  if (row.state === 'superseded') return 'No longer needed'
  if (isOpen || row.nextAttemptAt === null) return 'Trying …'
  return (
    <>
      Next try <When at={row.nextAttemptAt} now={serverNow()} />
    </>
  )
}

const Trialist = ({ row: { userId, subscription } }: { row: OutboxRow }) =>
  userId === null ? (
    <strong>{subscription}</strong>
  ) : (
    <a href={`#/trialists/${encodeURIComponent(userId)}`}>{userId}</a>
  )
