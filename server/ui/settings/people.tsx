import { useState } from 'preact/hooks'
import { call, type Session } from '../shared/api.ts'
import { ConfirmDialog, Submit } from '../shared/form-parts.tsx'
import { dateText } from '../shared/format.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'
import { AddPersonDialog } from './add-person.tsx'
import { Options } from './options.tsx'
import { type Account, readRole, roleOptions, roleWord } from './roles.ts'

type Asked = { what: 'add' } | { what: 'role' | 'remove'; account: Account }

/** Who may sign in. Only for owners, as on the server. */
export function PeopleSection({ session }: { session: Session }) {
  const people = useApi('GET /api/accounts')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const close = () => setAsked(null)
  const done = (text: string) => {
    close()
    setSaid(text)
    people.reload()
  }
  return (
    <Section title="People">
      <div class="row start settings-head">
        <p class="grow">Colleagues who can sign in, and what their role lets them do.</p>
        <button type="button" onClick={() => setAsked({ what: 'add' })}>
          Add a colleague
        </button>
      </div>
      <div role="status">{said && <p class="note note-good">{said}</p>}</div>
      {people.state === 'failed' && <ErrorNote error={people.error} retry={people.reload} />}
      {!people.data && people.state === 'loading' && <Loading what="the people" />}
      {people.data && <PeopleTable accounts={people.data.accounts} session={session} onAsk={setAsked} />}
      {asked?.what === 'add' && <AddPersonDialog onClose={close} onAdded={people.reload} />}
      {asked?.what === 'role' && <RoleDialog account={asked.account} onClose={close} onDone={done} />}
      {asked?.what === 'remove' && <RemoveDialog account={asked.account} onClose={close} onDone={done} />}
    </Section>
  )
}

function PeopleTable({
  accounts,
  session,
  onAsk,
}: {
  accounts: readonly Account[]
  session: Session
  onAsk: (asked: Asked) => void
}) {
  return (
    <table class="list people-list">
      <TableHead titles={['Name', 'Role', 'Since']} action="Change" />
      <tbody>
        {accounts.map((account) => (
          <tr key={account.id}>
            <th scope="row">
              {account.name}
              <small>{account.email}</small>
            </th>
            <td data-label="Role">{roleWord(account.role)}</td>
            <td data-label="Since">{dateText(account.createdAt)}</td>
            <td class="settings-actions">
              {account.id === session.account.id ? (
                <span class="quiet">You; another owner can change your role</span>
              ) : (
                <>
                  <button type="button" class="plain" onClick={() => onAsk({ what: 'role', account })}>
                    Change role<span class="sr"> of {account.name}</span>
                  </button>
                  <button type="button" class="plain" onClick={() => onAsk({ what: 'remove', account })}>
                    Remove<span class="sr"> {account.name}</span>
                  </button>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface DialogProps {
  account: Account
  onClose: () => void
  onDone: (text: string) => void
}

function RoleDialog({ account, onClose, onDone }: DialogProps) {
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const role = readRole(new FormData(event.currentTarget as HTMLFormElement).get('role'))
    void run(async () => {
      const changed = await call('PUT /api/accounts/{id}', { params: { id: account.id }, body: { role } })
      onDone(`The role of ${changed.name} is now ${roleWord(changed.role)}.`)
    })
  }
  return (
    <Dialog title={`Role of ${account.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <Options name="role" legend="Takes effect at once" options={roleOptions} chosen={account.role} />
        <Submit busy={busy} error={error} doing="Saving …">
          Save
        </Submit>
      </form>
    </Dialog>
  )
}

function RemoveDialog({ account, onClose, onDone }: DialogProps) {
  const remove = async () => {
    await call('DELETE /api/accounts/{id}', { params: { id: account.id } })
    onDone(`${account.name} can no longer sign in.`)
  }
  return (
    <ConfirmDialog
      title={`Remove ${account.name}?`}
      label="Remove"
      doing="Removing …"
      act={remove}
      onClose={onClose}
    >
      <p>
        {account.email} is signed out at once, including the Gmail companion, and can no longer sign in. Their
        past actions stay in the audit log.
      </p>
    </ConfirmDialog>
  )
}
