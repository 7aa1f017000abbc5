import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { request } from '../shared/request.ts'
import { DemoStrip } from '../shared/strip.tsx'
import { useDemoClock } from '../shared/use-clock.ts'
import { MailView } from './mail-view.tsx'
import { type Mail, senderName } from './messages.ts'

const pollMs = 1500

function useMails(): { mails: readonly Mail[]; refresh: () => void } {
  const [mails, setMails] = useState<readonly Mail[]>([])
  const refresh = () =>
    request<{ messages: Mail[] }>('/inbox/api/messages').then(
      ({ messages }) => setMails(messages.reverse()),
      () => {},
    )
  useEffect(() => {
    refresh()
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), pollMs)
    return () => clearInterval(timer)
  }, [])
  return { mails, refresh }
}

const matches = (mail: Mail, query: string): boolean =>
  [...mail.envelope.to, mail.subject, mail.kind ?? ''].some((text) =>
    text.toLowerCase().includes(query.trim().toLowerCase()),
  )

function Inbox() {
  const { mails, refresh } = useMails()
  const clock = useDemoClock(refresh)
  const [query, setQuery] = useState(new URLSearchParams(location.search).get('to') ?? '')
  const [openId, setOpenId] = useState<string | null>(null)
  const shown = mails.filter((mail) => matches(mail, query))
  const open = mails.find((mail) => mail.id === openId) ?? null

  return (
    <>
      <DemoStrip clock={clock} here="inbox">
        <span>Every email that Trialpace sent over SMTP since the start. Nothing leaves this machine.</span>
      </DemoStrip>
      <main class={open ? 'inbox reading' : 'inbox'}>
        <section class="list" aria-label="Emails">
          <input
            type="search"
            aria-label="Search by recipient, subject or kind"
            placeholder="Recipient, subject or kind"
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
          <p class="small" role="status">
            {shown.length === 1 ? '1 email' : `${shown.length} emails`}
          </p>
          <ul>
            {shown.map((mail) => (
              <Row key={mail.id} mail={mail} isOpen={mail.id === openId} onOpen={() => setOpenId(mail.id)} />
            ))}
          </ul>
        </section>
        <section class="reader" aria-label="Open email">
          {open ? (
            <>
              <button type="button" class="back" onClick={() => setOpenId(null)}>
                ← All emails
              </button>
              <MailView key={open.id} mail={open} />
            </>
          ) : (
            <p class="empty">
              {mails.length > 0
                ? 'Pick an email on the left.'
                : 'No email yet. Sign up in the sample app, or let time pass.'}
            </p>
          )}
        </section>
      </main>
    </>
  )
}

function Row({ mail, isOpen, onOpen }: { mail: Mail; isOpen: boolean; onOpen: () => void }) {
  return (
    <li>
      <button type="button" class="mail-row" aria-current={isOpen} onClick={onOpen} data-kind={mail.kind}>
        <span class="row-top">
          <b>{senderName(mail)}</b>
          <time dateTime={mail.receivedAt}>
            {new Date(mail.receivedAt).toLocaleString(undefined, {
              day: 'numeric',
              month: 'short',
              hour: 'numeric',
              minute: '2-digit',
            })}
          </time>
        </span>
        <span class="row-subject">{mail.subject}</span>
        <span class="row-bottom">
          <span class="row-to">{mail.envelope.to.join(', ')}</span>{' '}
          {mail.kind && <span class="badge">{mail.kind}</span>}
        </span>
      </button>
    </li>
  )
}

render(<Inbox />, document.getElementById('app') as HTMLElement)
