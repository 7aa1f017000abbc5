import { kindLabels } from '../../../shared/labels.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { sentMailHref } from '../emails/address.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section, When } from '../shared/parts.tsx'
import { outcomeWord, recipientWords, sentence } from '../shared/words.ts'
import type { TrialistParts } from './parts.ts'

/** How long an email is given to leave before the page reads again. */
const lookAgainMs = 1500
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function Decisions({ trialist, now, nameOf }: Pick<TrialistParts, 'trialist' | 'now' | 'nameOf'>) {
  return (
    <Section title="Activity">
      {trialist.decisions.length === 0 ? (
        <p class="quiet">Nothing yet.</p>
      ) : (
        <ol class="log">
          {[...trialist.decisions].reverse().map((decision) => (
            <li key={`${decision.at} ${decision.ruleId} ${decision.outcome} ${decision.to ?? ''}`}>
              <When at={decision.at} now={now} />
              <span class={`outcome outcome-${decision.outcome}`}>{outcomeWord(decision.outcome)}</span>
              <span>
                <strong>{kindLabels[decision.kind]}</strong>
                {nameOf && decision.to && ` to ${nameOf(decision.to)}`}: {decision.why}
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
function BlockedNote({ message, doors, now }: Pick<TrialistParts, 'doors' | 'now'> & { message: Message }) {
  const { busy, error, run } = useAction()
  if (!message.blocked) return null
  const send = () =>
    run(async () => {
      await doors.retry(message.key)
      await wait(lookAgainMs)
      await doors.read()
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

/** Of a company: to whom, and as what. */
const toText = ({ to, roles = [] }: Message, nameOf: TrialistParts['nameOf']): string | null =>
  nameOf && to !== undefined
    ? `To ${nameOf(to)}${roles.length > 0 ? ` (${roles.map((role) => recipientWords[role]).join(', ')})` : ''}`
    : null

export function Messages({ trialist, doors, now, nameOf }: TrialistParts) {
  const sent = [...trialist.messages].reverse()
  const readerOf = ({ to }: Message) => (nameOf ? (to ?? null) : trialist.userId)
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
                  {toText(message, nameOf)}
                  {toText(message, nameOf) && ' · '}
                  {message.blocked ? 'Blocked' : outcomeWord(message.state)} ·{' '}
                  <When at={message.sentAt ?? message.dueAt} now={now} />
                  {traces(message) && ` · ${traces(message)}`}
                </small>
                <BlockedNote message={message} doors={doors} now={now} />
              </span>
              {message.token && readerOf(message) !== null && (
                <a href={sentMailHref(readerOf(message) as string, message.token)}>
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
