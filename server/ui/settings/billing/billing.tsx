import { useState } from 'preact/hooks'
import { useApi, useLoad } from '../../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../../shared/parts.tsx'
import { ChangeConnectionDialog, RemoveConnectionDialog } from './change.tsx'
import { ConnectDialog } from './connect.tsx'
import { Connections } from './list.tsx'
import { Outbox } from './outbox.tsx'
import { type Asked, type Connection, loadOutbox, type PendingPayment, type PendingRead } from './types.ts'
import { WaitingList } from './waiting.tsx'

/** Billing systems, and what they could not be told or did not tell. */
export function BillingSection() {
  const list = useApi<{ connections: Connection[] }>('/api/billing/connections')
  const outbox = useLoad(loadOutbox)
  const reads = useApi<{ reads: PendingRead[] }>('/api/billing/reads')
  const payments = useApi<{ payments: PendingPayment[] }>('/api/billing/payments')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const parts = [list, outbox, reads, payments]
  const failed = parts.find((part) => part.state === 'failed')
  const reload = () => {
    for (const part of parts) part.reload()
  }
  const close = () => setAsked(null)
  const done = (text: string) => {
    close()
    setSaid(text)
    reload()
  }
  return (
    <Section title="Billing">
      <div class="row start settings-head">
        <p class="grow">
          A subscription that moves there moves the trial here, and an extension made here is told there.
        </p>
        <button type="button" onClick={() => setAsked({ what: 'connect' })}>
          Connect a billing system
        </button>
      </div>
      <div role="status">{said && <p class="note note-good">{said}</p>}</div>
      {failed?.state === 'failed' && <ErrorNote error={failed.error} retry={reload} />}
      {!list.data && list.state === 'loading' && <Loading what="the connections" />}
      {list.data && (
        <Connections
          connections={list.data.connections}
          trouble={[
            ...(outbox.data ?? []).filter(({ state }) => state === 'dead'),
            ...[...(reads.data?.reads ?? []), ...(payments.data?.payments ?? [])].filter(
              ({ failures }) => failures > 0,
            ),
          ]}
          onAsk={setAsked}
        />
      )}
      {outbox.data && <Outbox rows={outbox.data} reload={outbox.reload} />}
      {reads.data && payments.data && (
        <WaitingList reads={reads.data.reads} payments={payments.data.payments} />
      )}
      {asked?.what === 'connect' && <ConnectDialog onClose={close} onChanged={reload} />}
      {asked?.what === 'change' && (
        <ChangeConnectionDialog connection={asked.connection} onClose={close} onDone={done} />
      )}
      {asked?.what === 'remove' && (
        <RemoveConnectionDialog connection={asked.connection} onClose={close} onDone={done} />
      )}
    </Section>
  )
}
