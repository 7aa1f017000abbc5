import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { SuppressionReason } from '../../../shared/trial.ts'
import { isAtLeast, type Session, serverNow } from '../shared/api.ts'
import { dateText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { Empty, ErrorNote, Loading, TableHead, When } from '../shared/parts.tsx'
import { type Suppression, type SuppressionPage, suppressionName, suppressionWords } from './suppression.ts'

export type Action<T> = (value: T) => void

type Query = { address: string } | { reason: SuppressionReason | null }

interface RowsProps {
  session: Session
  query: Query
  onLift: Action<Suppression>
}

const pageOf = (query: Query, cursor?: string) => ({
  query: {
    limit: 50,
    ...('address' in query ? query : query.reason && { reason: query.reason }),
    ...(cursor && { cursor }),
  },
})

/** The first page, then one after the other as asked for. */
export function SuppressionRows(props: RowsProps) {
  const page = useApi('GET /api/suppressions', pageOf(props.query))
  if (page.state === 'failed') return <ErrorNote error={page.error} retry={page.reload} />
  if (!page.data) return <Loading what="the list" />
  if (page.data.suppressions.length === 0)
    return 'address' in props.query ? (
      <p class="note delivery-good">{props.query.address} is not on the list.</p>
    ) : (
      <Empty title="The list is empty">
        <p>Everyone with an email address can get emails.</p>
      </Empty>
    )
  return (
    <table class="list delivery-list">
      <TableHead titles={['Address', 'Reason', 'Since']} action="Remove" />
      <Entries {...props} page={page.data} />
    </table>
  )
}

function Entries({ page, ...props }: RowsProps & { page: SuppressionPage }) {
  const [open, setOpen] = useState(false)
  const { cursor } = page
  return (
    <>
      <tbody>
        {page.suppressions.map((entry) => (
          <Entry key={entry.id} entry={entry} {...props} />
        ))}
        {cursor && !open && (
          <LoneCell>
            <button type="button" onClick={() => setOpen(true)}>
              Show more
            </button>
          </LoneCell>
        )}
      </tbody>
      {cursor && open && <NextEntries {...props} cursor={cursor} />}
    </>
  )
}

function NextEntries({ cursor, ...props }: RowsProps & { cursor: string }) {
  const page = useApi('GET /api/suppressions', pageOf(props.query, cursor))
  if (page.data) return <Entries {...props} page={page.data} />
  return (
    <tbody>
      <LoneCell>
        {page.state === 'failed' ? (
          <ErrorNote error={page.error} retry={page.reload} />
        ) : (
          <Loading what="more" />
        )}
      </LoneCell>
    </tbody>
  )
}

function LoneCell({ children }: { children: ComponentChildren }) {
  return (
    <tr>
      <td colSpan={4}>{children}</td>
    </tr>
  )
}

function Entry({ entry, session, onLift }: { entry: Suppression } & Omit<RowsProps, 'query'>) {
  const { address, reason, since, until, liftedBy, trialists } = entry
  const { label, meaning } = suppressionWords[reason]
  const name = suppressionName(entry)
  return (
    <tr>
      <th scope="row">
        {address ?? <span class="quiet">Address not stored</span>}
        {trialists.map(({ userId, name: who, email }) => (
          <small key={userId}>
            {userId === null ? (
              who
            ) : (
              <a href={`#/trialists/${encodeURIComponent(userId)}`}>{who ?? userId}</a>
            )}
            {address === null && email !== null && `, now ${email}`}
          </small>
        ))}
      </th>
      <td data-label="Reason">
        {label}
        <small>{meaning}</small>
      </td>
      <td data-label="Since">
        <When at={since} now={serverNow()} />
        {until && <small>ends {dateText(until)}</small>}
      </td>
      <td>
        {isAtLeast(session, liftedBy) ? (
          <button type="button" class="plain" onClick={() => onLift(entry)}>
            Remove<span class="sr"> {name}</span>
          </button>
        ) : (
          <span class="quiet">Only an admin can remove it</span>
        )}
      </td>
    </tr>
  )
}
