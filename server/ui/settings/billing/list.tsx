import { call, serverNow } from '../../shared/api.ts'
import { Copyable } from '../../shared/copy.tsx'
import { dateText } from '../../shared/format.ts'
import { useAction } from '../../shared/hooks.ts'
import { Empty, ErrorNote, When } from '../../shared/parts.tsx'
import type { Asked, Connection } from './types.ts'
import { outcomeWords, whereOf } from './words.ts'

export function Connections({
  connections,
  onAsk,
  reload,
}: {
  connections: readonly Connection[]
  onAsk: (asked: Asked) => void
  reload: () => void
}) {
  if (connections.length === 0)
    return (
      <Empty title="No billing system yet">
        <p>Without one, send trials, conversions and payments through the API.</p>
      </Empty>
    )
  return (
    <ul class="plain-list">
      {connections.map((connection) => (
        <Row key={connection.id} connection={connection} onAsk={onAsk} reload={reload} />
      ))}
    </ul>
  )
}

function Row({
  connection,
  onAsk,
  reload,
}: {
  connection: Connection
  onAsk: (asked: Asked) => void
  reload: () => void
}) {
  const { id, name, status, paused } = connection
  const { busy, error, run } = useAction()
  const test = () =>
    run(async () => {
      await call('POST /api/billing/connections/{id}/tests', { params: { id } })
      reload()
    })
  const pause = () =>
    run(async () => {
      await call('PUT /api/billing/connections/{id}', { params: { id }, body: { paused: !paused } })
      reload()
    })
  const ask = (what: 'change' | 'remove' | 'set-up' | 'look', label: string) => (
    <button type="button" class="plain" onClick={() => onAsk({ what, connection })}>
      {label}
      <span class="sr"> of {name}</span>
    </button>
  )
  return (
    <li class="connection">
      <div class="row start">
        <div class="grow">
          <strong>{name}</strong>
          <small>
            {whereOf(connection)}, since {dateText(connection.createdAt)}
          </small>
        </div>
        <State connection={connection} />
      </div>
      {status.says.length > 0 && (
        <div data-says={status.state}>
          {status.says.map((words) => (
            <p key={words}>{words}</p>
          ))}
        </div>
      )}
      <Facts connection={connection} />
      <Copyable label={`Webhook URL of ${name}`} text={connection.webhookUrl} />
      {error && <ErrorNote error={error} />}
      <div class="row start">
        <button type="button" class="plain" disabled={busy} onClick={test}>
          Test the key<span class="sr"> of {name}</span>
        </button>
        <button type="button" class="plain" disabled={busy} onClick={pause}>
          {paused ? 'Resume' : 'Pause'}
          <span class="sr"> {name}</span>
        </button>
        {ask('look', 'Events and comparison')}
        {ask('set-up', 'Rules')}
        {ask('change', 'Change keys')}
        {ask('remove', 'Disconnect')}
      </div>
    </li>
  )
}

/** What was heard of it last, whatever that says. */
function Facts({ connection: { status } }: { connection: Connection }) {
  const { check, lastEvent } = status
  const now = serverNow()
  if (!check && !lastEvent) return null
  return (
    <p class="quiet">
      {lastEvent && (
        <>
          Last webhook <code>{lastEvent.type}</code> <When at={lastEvent.at} now={now} />:{' '}
          {outcomeWords(lastEvent.outcome)}.{' '}
        </>
      )}
      {check?.ok && (
        <>
          The key worked <When at={check.at} now={now} />.
        </>
      )}
    </p>
  )
}

const stateWords: Record<Connection['status']['state'], string> = {
  ok: 'Working',
  paused: 'Paused',
  failing: 'The test of the key failed',
  refusing: 'Webhooks are refused',
  stuck: 'Needs attention',
  retrying: 'Retrying',
  silent: 'No webhook yet',
}

function State({ connection: { status } }: { connection: Connection }) {
  const isOk = status.state === 'ok'
  return (
    <span class={`state state-${isOk ? 'ok' : 'warning'}`} role="status">
      <span class="mark" aria-hidden="true">
        {isOk ? '✓' : '!'}
      </span>
      {stateWords[status.state]}
    </span>
  )
}
