import { kindLabels } from '../../../shared/labels.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { sentMailHref } from '../emails/address.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section, When } from '../shared/parts.tsx'
import { outcomeWord, sentence } from '../shared/words.ts'
import type { TrialistParts } from './parts.ts'

/** How long an email is given to leave before the page reads again. */
const lookAgainMs = 1500
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function Decisions({ trialist, now }: { trialist: Trialist; now: number }) {
  return (
    <Section title="Activity">
      {trialist.decisions.length === 0 ? (
        <p class="quiet">Nothing yet.</p>
      ) : (
        <ol class="log">
          {[...trialist.decisions].reverse().map((decision) => (
            <li key={`${decision.at} ${decision.ruleId} ${decision.outcome}`}>
              <When at={decision.at} now={now} />
              <span class={`outcome outcome-${decision.outcome}`}>{outcomeWord(decision.outcome)}</span>
              <span>
                <strong>{kindLabels[decision.kind]}</strong>: {decision.why}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}

type Message = Trialist['messages'][number]

const traces = ({ openedAt, clickedAt, repliedAt, bouncedAt }: Message): string =>
  [openedAt && 'opened', clickedAt && 'clicked', repliedAt && 'replied', bouncedAt && 'bounced']
    .filter(Boolean)
    .join(', ')

/** Why an email could not be written, and a button for when the cause is gone. */
function BlockedNote({
  message,
  onChange,
  params,
  now,
}: Pick<TrialistParts, 'onChange' | 'params' | 'now'> & { message: Message }) {
  const { busy, error, run } = useAction()
  if (!message.blocked) return null
  const send = () =>
    run(async () => {
      await call('POST /api/trialists/{userId}/retries', { params, body: { key: message.key } })
      await wait(lookAgainMs)
      onChange(await call('GET /api/trialists/{userId}', { params }))
    })
  return (
    <div class="note note-warn">
      <p>
        Blocked: {sentence(message.blocked.why)} It is sent once the cause is gone, until{' '}
        <When at={message.blocked.usefulUntil} now={now} />.
      </p>
      <button type="button" disabled={busy} onClick={send}>
        Send now
      </button>
      {error && <ErrorNote error={error} />}
    </div>
  )
}

export function Messages({ trialist, params, onChange, now }: TrialistParts) {
  const sent = [...trialist.messages].reverse()
  return (
    <Section title="Emails">
      {sent.length === 0 ? (
        <p class="quiet">None yet.</p>
      ) : (
        <ul class="plain-list">
          {sent.map((message) => (
            <li key={message.key} class="row">
              <span class="grow">
                {message.subject ?? kindLabels[message.kind]}
                <small>
                  {message.blocked ? 'Blocked' : outcomeWord(message.state)} ·{' '}
                  <When at={message.sentAt ?? message.dueAt} now={now} />
                  {traces(message) && ` · ${traces(message)}`}
                </small>
                <BlockedNote message={message} params={params} onChange={onChange} now={now} />
              </span>
              {message.token && trialist.userId !== null && (
                <a href={sentMailHref(trialist.userId, message.token)}>
                  {message.sentAt ? 'View sent email' : 'View draft'}
                  <span class="sr">: {message.subject ?? kindLabels[message.kind]}</span>
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
