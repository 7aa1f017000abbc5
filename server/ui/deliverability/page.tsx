import { SendingTrouble } from '../home/sending-trouble.tsx'
import type { Session } from '../shared/api.ts'
import { DnsRecords } from './records.tsx'
import { BrakeSection } from './sending-brake.tsx'
import { Suppressions } from './suppressions.tsx'

/** Whether email gets to the inbox: what the DNS says, what receivers say, and who gets none. */
export function DeliverabilityPage({ session }: { session: Session }) {
  return (
    <>
      <h1>Deliverability</h1>
      <SendingTrouble />
      <BrakeSection session={session} />
      <DnsRecords />
      <Suppressions session={session} />
    </>
  )
}
