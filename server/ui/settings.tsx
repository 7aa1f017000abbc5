import { isAdmin, isAtLeast, type Session } from './api.ts'
import { BillingSection } from './settings-billing.tsx'
import { InstallSection } from './settings-install.tsx'
import { KeysSection } from './settings-keys.tsx'
import { MeasuringSection } from './settings-measuring.tsx'
import { PasswordSection } from './settings-password.tsx'
import { PeopleSection } from './settings-people.tsx'

/** Each part is there for whom the server answers it; one’s own password for everybody. */
export function SettingsPage({ session }: { session: Session }) {
  return (
    <>
      <h1>Settings</h1>
      {isAtLeast(session, 'rep') && <InstallSection />}
      {isAtLeast(session, 'rep') && <MeasuringSection session={session} />}
      {isAtLeast(session, 'owner') && <PeopleSection session={session} />}
      {isAdmin(session) && <BillingSection />}
      {isAdmin(session) && <KeysSection />}
      <PasswordSection session={session} />
    </>
  )
}
