import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import { kindLabels } from '../../../shared/labels.ts'
import { Section, TableHead, When } from '../shared/parts.tsx'
import { outcomeWord } from '../shared/words.ts'

type Member = CompanyAnswer['members'][number]

const titles = ['Person', 'Role', 'What they did', 'Emails', 'Last seen']

/** Who belongs to a company, what each did there and which emails each got. */
export function Members({ company, now }: { company: CompanyAnswer; now: number }) {
  const { members, beyond, otherEvents } = company
  return (
    <Section title="People">
      {members.length === 0 ? (
        <p class="quiet">No one yet.</p>
      ) : (
        <div class="scroll">
          <table class="list">
            <TableHead titles={titles} />
            <tbody>
              {members.map((member) => (
                <Row
                  key={member.userId}
                  member={member}
                  emails={company.messages.filter(({ to }) => to === member.userId)}
                  now={now}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {beyond > 0 && <p class="quiet">And {beyond} more, of whom only what they do is counted.</p>}
      {otherEvents > 0 && (
        <p class="quiet">
          {otherEvents} {otherEvents === 1 ? 'event' : 'events'} by people who are no longer known.
        </p>
      )}
    </Section>
  )
}

function Row({ member, emails, now }: { member: Member; emails: CompanyAnswer['messages']; now: number }) {
  const { userId, name, email, role, isChampion, canBuy, leftAt, suppressed, lastSeenAt } = member
  return (
    <tr>
      <th scope="row">
        {leftAt === null ? (
          <a href={`#/trialists/${encodeURIComponent(userId)}`}>{name ?? email ?? userId}</a>
        ) : (
          (name ?? email ?? userId)
        )}
        <small>
          {[name ? email : null, leftAt !== null && 'left', suppressed && 'gets no emails']
            .filter(Boolean)
            .join(' · ')}
        </small>
      </th>
      <td data-label="Role">
        {role ?? <span class="quiet">none</span>}
        {isChampion && <span class="chip chip-role">Champion</span>}
        {canBuy && <span class="chip chip-role">Can buy</span>}
      </td>
      <td data-label="What they did">{workOf(member)}</td>
      <td data-label="Emails">{emailsOf(emails)}</td>
      <td data-label="Last seen">
        {lastSeenAt ? <When at={lastSeenAt} now={now} /> : <span class="quiet">never</span>}
      </td>
    </tr>
  )
}

const times = (count: number, what: string): string => `${count} ${count === 1 ? what : `${what}s`}`

function workOf({ events, activeDays, milestones }: Member) {
  if (events === 0) return <span class="quiet">nothing yet</span>
  const done = milestones.filter(({ count }) => count > 0).map(({ name, count }) => `${name} ${count}×`)
  return (
    <>
      {done.length > 0 ? done.join(', ') : times(events, 'event')}
      <small>
        {times(events, 'event')} on {times(activeDays, 'day')}
      </small>
    </>
  )
}

function emailsOf(emails: CompanyAnswer['messages']) {
  const shown = emails.filter(({ state }) => state !== 'superseded')
  if (shown.length === 0) return <span class="quiet">none</span>
  return (
    <ul class="lines">
      {shown.map(({ key, kind, state, openedAt, clickedAt }) => (
        <li key={key}>
          {kindLabels[kind]}
          <small>{clickedAt ? 'Clicked' : openedAt ? 'Opened' : outcomeWord(state)}</small>
        </li>
      ))}
    </ul>
  )
}
