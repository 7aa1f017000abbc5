import type { Trialist } from '../../../shared/trialist.ts'
import { sentMailHref } from '../emails/address.ts'
import { Section, When } from '../shared/parts.tsx'
import { kindWords, outcomeWord } from '../shared/words.ts'

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
                <strong>{kindWords[decision.kind]}</strong>: {decision.why}
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

export function Messages({ trialist, now }: { trialist: Trialist; now: number }) {
  const sent = [...trialist.messages].reverse()
  return (
    <Section title="Emails">
      {sent.length === 0 ? (
        <p class="quiet">None yet.</p>
      ) : (
        <ul class="plain-list">
          {sent.map((message) => (
            <li key={message.key} class="row">
              <span>
                {message.subject ?? kindWords[message.kind]}
                <small>
                  {outcomeWord(message.state)} · <When at={message.sentAt ?? message.dueAt} now={now} />
                  {traces(message) && ` · ${traces(message)}`}
                </small>
              </span>
              {message.token && trialist.userId !== null && (
                <a href={sentMailHref(trialist.userId, message.token)}>
                  {message.sentAt ? 'View sent email' : 'View draft'}
                  <span class="sr">: {message.subject ?? kindWords[message.kind]}</span>
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
