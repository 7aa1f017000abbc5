import { Copyable } from '../../shared/copy.tsx'
import { dateText } from '../../shared/format.ts'
import { Empty } from '../../shared/parts.tsx'
import type { Asked, Connection } from './types.ts'
import { whereOf } from './words.ts'

export function Connections({
  connections,
  trouble,
  onAsk,
}: {
  connections: readonly Connection[]
  /** What went wrong with each, in no order. */
  trouble: readonly { connectionId: string }[]
  onAsk: (asked: Asked) => void
}) {
  if (connections.length === 0)
    return (
      <Empty title="No billing system yet">
        <p>Without one, tell trials, conversions and payments through the API.</p>
      </Empty>
    )
  return (
    <ul class="plain-list">
      {connections.map((connection) => (
        <li key={connection.id} class="connection">
          <div class="row start">
            <div class="grow">
              <strong>{connection.name}</strong>
              <small>
                {whereOf(connection)}, since {dateText(connection.createdAt)}
              </small>
            </div>
            <State faults={trouble.filter(({ connectionId }) => connectionId === connection.id).length} />
          </div>
          <Copyable label={`Webhook URL of ${connection.name}`} text={connection.webhookUrl} />
          <div class="row start">
            <button type="button" class="plain" onClick={() => onAsk({ what: 'change', connection })}>
              Change keys<span class="sr"> of {connection.name}</span>
            </button>
            <button type="button" class="plain" onClick={() => onAsk({ what: 'remove', connection })}>
              Disconnect<span class="sr"> {connection.name}</span>
            </button>
          </div>
        </li>
      ))}
    </ul>
  )
}

function State({ faults }: { faults: number }) {
  return (
    <span class={`state state-${faults === 0 ? 'ok' : 'warning'}`}>
      <span class="mark" aria-hidden="true">
        {faults === 0 ? '✓' : '!'}
      </span>
      {faults === 0 ? 'Nothing is stuck' : `${faults} ${faults === 1 ? 'thing is' : 'things are'} stuck`}
    </span>
  )
}
