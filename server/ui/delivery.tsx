import type { Session } from './api.ts'
import { DnsRecords } from './delivery-records.tsx'
import { Suppressions } from './delivery-suppressions.tsx'
import { BrakeSection } from './mail-brake.tsx'

/** Whether mail gets to the inbox: what the DNS says, what receivers say, and who gets none. */
export function DeliveryPage({ session }: { session: Session }) {
  return (
    <>
      <h1>Delivery</h1>
      <BrakeSection session={session} />
      <DnsRecords />
      <Suppressions session={session} />
    </>
  )
}
