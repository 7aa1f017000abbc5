import { kindLabels } from '../../../shared/labels.ts'
import { readLook, sentMailHref } from '../emails/address.ts'
import { LookTools, MailBody, replaceHash } from '../emails/frame.tsx'
import { dateTimeText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading } from '../shared/parts.tsx'

/** An email as it was handed over. */
export function SentMailPage({
  userId,
  token,
  query,
}: {
  userId: string
  token: string
  query: URLSearchParams
}) {
  const path = `/api/messages/${encodeURIComponent(token)}`
  const mail = useApi('GET /api/messages/{id}', { params: { id: token } })
  const look = readLook(query)
  const { data } = mail
  return (
    <>
      <p class="crumb">
        <a href="#/">Trialists</a> › <a href={`#/trialists/${encodeURIComponent(userId)}`}>{userId}</a>
      </p>
      <h1>{data ? kindLabels[data.kind] : 'Email'}</h1>
      {mail.state === 'failed' && <ErrorNote error={mail.error} retry={mail.reload} />}
      {!data && mail.state === 'loading' && <Loading what="the email" />}
      {data && (
        <>
          <p class="quiet">
            Written {dateTimeText(data.at)} and shown exactly as sent. Viewing it here does not count as an
            open.
          </p>
          <LookTools look={look} onChange={(next) => replaceHash(sentMailHref(userId, token, next))} />
          <MailBody mail={data} src={`${path}/html`} look={look} />
        </>
      )}
    </>
  )
}
