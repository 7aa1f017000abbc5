import { useEffect, useState } from 'preact/hooks'
import { useApi, useLoad } from '../../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../../shared/parts.tsx'
import { ChangeConnectionDialog, RemoveConnectionDialog } from './change.tsx'
import { ConnectDialog } from './connect.tsx'
import { Connections } from './list.tsx'
import { LookDialog } from './look.tsx'
import { Outbox } from './outbox.tsx'
import { Rates } from './rates.tsx'
import { RulesDialog } from './rules.tsx'
import { type Asked, loadOutbox } from './types.ts'
import { UnmatchedList } from './unmatched.tsx'
import { UnmatchedRevenue } from './unmatched-revenue.tsx'
import { WaitingList } from './waiting.tsx'

/** How often it is looked whether a webhook has come. */
const lookAgainMs = 5000

/** Billing systems, and what they could not be told or did not tell. */
export function BillingSection() {
  const list = useApi('GET /api/billing/connections')
  const outbox = useLoad(loadOutbox)
  const reads = useApi('GET /api/billing/reads')
  const payments = useApi('GET /api/billing/payments')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const unmatched = useApi('GET /api/billing/unmatched')
  const parts = [list, outbox, reads, payments, unmatched]
  const failed = parts.find((part) => part.state === 'failed')
  const reload = () => {
    for (const part of parts) part.reload()
  }
  const { reload: reloadList } = list
  const hasConnections = (list.data?.connections.length ?? 0) > 0
  useEffect(() => {
    if (!hasConnections) return
    const timer = setInterval(reloadList, lookAgainMs)
    return () => clearInterval(timer)
  }, [hasConnections, reloadList])
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
          Trial dates stay in sync: a change in your billing system moves the trial here, and an extension
          here is passed on to it.
        </p>
        <button type="button" onClick={() => setAsked({ what: 'connect' })}>
          Connect a billing system
        </button>
      </div>
      <div role="status">{said && <p class="note note-good">{said}</p>}</div>
      {failed?.state === 'failed' && <ErrorNote error={failed.error} retry={reload} />}
      {!list.data && list.state === 'loading' && <Loading what="the connections" />}
      {list.data && <Connections connections={list.data.connections} onAsk={setAsked} reload={reload} />}
      {outbox.data && <Outbox rows={outbox.data} reload={outbox.reload} />}
      {reads.data && payments.data && (
        <WaitingList reads={reads.data.reads} payments={payments.data.payments} />
      )}
      {unmatched.data && (
        <UnmatchedList subscriptions={unmatched.data.subscriptions} reload={unmatched.reload} />
      )}
      <Rates onSaved={payments.reload} />
      <UnmatchedRevenue />
      {asked?.what === 'connect' && <ConnectDialog onClose={close} onChanged={reload} />}
      {asked?.what === 'change' && (
        <ChangeConnectionDialog connection={asked.connection} onClose={close} onDone={done} />
      )}
      {asked?.what === 'set-up' && (
        <RulesDialog connection={asked.connection} onClose={close} onDone={done} />
      )}
      {asked?.what === 'look' && <LookDialog connection={asked.connection} onClose={close} />}
      {asked?.what === 'remove' && (
        <RemoveConnectionDialog connection={asked.connection} onClose={close} onDone={done} />
      )}
    </Section>
  )
}
