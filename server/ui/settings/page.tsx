import { isAdmin, isAtLeast, type Session } from '../shared/api.ts'
import { BillingSection } from './billing/billing.tsx'
import { CallbackSection } from './billing/callback.tsx'
import { CompaniesSection } from './companies.tsx'
import { IdentitySection } from './identity.tsx'
import { ImportSection } from './import.tsx'
import { InstallSection } from './install.tsx'
import { KeysSection } from './keys.tsx'
import { MeasuringSection } from './measuring.tsx'
import { PasswordSection } from './password.tsx'
import { PeopleSection } from './people.tsx'
import { SessionsSection } from './sessions.tsx'

/** Each part is there for whom the server answers it; one’s own password and sessions for everyone. */
export function SettingsPage({ session }: { session: Session }) {
  return (
    <>
      <h1>Settings</h1>
      {isAtLeast(session, 'rep') && (
        <p>
          <a href="#/release">Where emails go</a>: to people, to a test address, or nowhere.
        </p>
      )}
      {isAtLeast(session, 'rep') && <InstallSection />}
      {isAtLeast(session, 'rep') && <IdentitySection session={session} />}
      {isAtLeast(session, 'rep') && <MeasuringSection session={session} />}
      {isAtLeast(session, 'owner') && <PeopleSection session={session} />}
      {isAdmin(session) && <ImportSection />}
      {isAdmin(session) && <CompaniesSection />}
      {isAdmin(session) && <BillingSection />}
      {isAdmin(session) && <CallbackSection />}
      {isAdmin(session) && <KeysSection />}
      <PasswordSection session={session} />
      <SessionsSection />
    </>
  )
}
