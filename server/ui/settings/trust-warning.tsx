import { isAdmin, type Session } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'

/** What a workspace risks that believes unsigned users, in the words of the choice. */
export function TrustingNote() {
  return (
    <div class="note note-warn">
      <p>
        <strong>Trusting:</strong> anyone who copies the write key from your pages can add usage to any user
        and see which nudges they get. Sign your users, then choose “Required”.
      </p>
    </div>
  )
}

/** On the first page, for those who can change it. */
export function TrustWarning({ session }: { session: Session }) {
  return isAdmin(session) ? <AskedTrustWarning /> : null
}

function AskedTrustWarning() {
  const { data } = useApi('GET /api/workspace/identity')
  if (data?.identity !== 'trusting') return null
  return (
    <>
      <TrustingNote />
      <p>
        <a href="#/settings">Settings, Signed users</a>
      </p>
    </>
  )
}
