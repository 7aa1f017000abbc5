import { useState } from 'preact/hooks'
import type { Trialist } from '../../shared/trialist.ts'
import { api, isAdmin, type Session, serverNow } from './api.ts'
import { ExtendDialog } from './extend.tsx'
import { dateTimeText, relativeText } from './format.ts'
import { useAction, useApi } from './hooks.ts'
import { Chip, Dialog, Empty, ErrorNote, Loading, Section, When } from './parts.tsx'
import { kindWords, outcomeWord, paceWords, segmentWords, sentence, statusWords } from './words.ts'

export function TrialistPage({ userId, session }: { userId: string; session: Session }) {
  const path = `/api/trialists/${encodeURIComponent(userId)}`
  const { state, data, reload, set, ...rest } = useApi<Trialist>(path)
  if (state === 'failed' && !data) {
    const { error } = rest as { error: Parameters<typeof ErrorNote>[0]['error'] }
    return error.problem.status === 404 ? (
      <Empty title="There is no such trialist">
        <p>
          <a href="#/">Back to the list</a>
        </p>
      </Empty>
    ) : (
      <ErrorNote error={error} retry={reload} />
    )
  }
  if (!data) return <Loading what="the trialist" />
  return <Details trialist={data} path={path} session={session} onChange={set} />
}

interface DetailProps {
  trialist: Trialist
  path: string
  session: Session
  onChange: (trialist: Trialist) => void
}

function Details({ trialist, path, session, onChange }: DetailProps) {
  const now = serverNow()
  return (
    <>
      <p class="crumb">
        <a href="#/">Trialists</a>
      </p>
      <div class="row head">
        <div>
          <h1>{trialist.name ?? trialist.email ?? trialist.userId}</h1>
          <p class="quiet">
            {[trialist.email, trialist.company, trialist.plan, trialist.userId].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Chip segment={trialist.segment} />
      </div>
      <div class="grid">
        <Standing trialist={trialist} />
        <TrialClock trialist={trialist} path={path} onChange={onChange} now={now} />
        <NextMail trialist={trialist} path={path} onChange={onChange} now={now} />
        <Milestones trialist={trialist} now={now} />
      </div>
      <Decisions trialist={trialist} now={now} />
      <Messages trialist={trialist} now={now} />
      {isAdmin(session) && <Privacy trialist={trialist} path={path} />}
    </>
  )
}

function Standing({ trialist }: { trialist: Trialist }) {
  return (
    <Section title="Why this segment">
      <p class="facts">
        <span class="score big">{trialist.score}</span>
        <span>
          <strong>{segmentWords[trialist.segment].label}</strong>, {paceWords[trialist.pace].toLowerCase()}
          <br />
          <span class="quiet">{segmentWords[trialist.segment].meaning}</span>
        </span>
      </p>
      <ul class="reasons">
        {trialist.reasons.map((reason) => (
          <li key={reason}>{sentence(reason)}</li>
        ))}
      </ul>
    </Section>
  )
}

function Milestones({ trialist, now }: { trialist: Trialist; now: number }) {
  const reached = trialist.milestones.filter((milestone) => milestone.reachedAt !== null).length
  return (
    <Section title={`Milestones ${reached}/${trialist.milestones.length}`}>
      {trialist.milestones.length === 0 && <p class="quiet">The playbook names none yet.</p>}
      <ul class="milestones">
        {trialist.milestones.map(({ name, count, threshold, reachedAt }) => (
          <li key={name} class={reachedAt ? 'done' : ''}>
            <span class="mark" aria-hidden="true">
              {reachedAt ? '✓' : ''}
            </span>
            <span class="grow">
              {name}
              <progress
                value={Math.min(count, threshold)}
                max={threshold}
                aria-label={`${name}: ${count} of ${threshold}`}
              />
            </span>
            <span class="quiet">
              {count}/{threshold}
              {reachedAt && (
                <>
                  {' · '}
                  <When at={reachedAt} now={now} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function TrialClock({ trialist, path, onChange, now }: Omit<DetailProps, 'session'> & { now: number }) {
  const [extending, setExtending] = useState(false)
  const { busy, error, run } = useAction()
  const { endsAt, status } = trialist.trial
  const undo = (id: string) =>
    run(async () => onChange(await api<Trialist>('DELETE', `${path}/extensions/${encodeURIComponent(id)}`)))
  return (
    <Section title="Trial">
      <p class="facts">
        <span>
          <strong>{endsAt ? `Ends ${relativeText(endsAt, now)}` : 'No end'}</strong> · {statusWords[status]}
          <br />
          <span class="quiet">
            {dateTimeText(trialist.trial.startsAt)} to {endsAt ? dateTimeText(endsAt) : 'open'}
            {trialist.timeZone ? `; their zone: ${trialist.timeZone}` : ''}
          </span>
        </span>
      </p>
      {status !== 'converted' && endsAt && (
        <button type="button" class="primary" onClick={() => setExtending(true)}>
          Extend trial
        </button>
      )}
      {error && <ErrorNote error={error} />}
      <ul class="plain-list">
        {trialist.extensions.map((extension) => (
          <li key={extension.id} class="row">
            <span>
              {extension.days > 0 ? '+' : ''}
              {extension.days} days by {extension.by.name}, <When at={extension.at} now={now} />
              <small>{extension.reason}</small>
            </span>
            {extension.undoneAt ? (
              <span class="quiet">undone</span>
            ) : (
              <button type="button" class="plain" disabled={busy} onClick={() => undo(extension.id)}>
                Undo
              </button>
            )}
          </li>
        ))}
      </ul>
      {extending && (
        <ExtendDialog
          trialist={trialist}
          path={path}
          onClose={() => setExtending(false)}
          onChange={onChange}
        />
      )}
    </Section>
  )
}

/** Beyond this a pause has no end a person would wait for. */
const endless = Date.parse('2200-01-01T00:00:00Z')

function NextMail({ trialist, path, onChange, now }: Omit<DetailProps, 'session'> & { now: number }) {
  const { busy, error, run } = useAction()
  const { next, pausedUntil, suppressed } = trialist
  const paused = pausedUntil !== null && Date.parse(pausedUntil) > now
  const post = (what: string, body: unknown) =>
    run(async () => onChange(await api<Trialist>('POST', `${path}/${what}`, { body })))
  const weekOff = new Date(now + 7 * 86_400_000).toISOString()
  return (
    <Section title="Next mail">
      {next ? (
        <p>
          <strong>{kindWords[next.kind]}</strong>
          {next.at ? ` ${relativeText(next.at, now)}` : ', waiting'}
          {next.at && <span class="quiet"> ({dateTimeText(next.at)})</span>}
          <br />
          {sentence(next.why)}
        </p>
      ) : (
        <p>Nothing is planned.</p>
      )}
      {suppressed && <p class="note">No mail goes out: {suppressed.reason.replaceAll('_', ' ')}.</p>}
      {paused && pausedUntil && (
        <p class="note">
          Paused{' '}
          {Date.parse(pausedUntil) > endless ? 'until you go on' : `until ${dateTimeText(pausedUntil)}`}.
        </p>
      )}
      <div class="row start">
        {paused ? (
          <button type="button" disabled={busy} onClick={() => post('pause', { until: null })}>
            Go on
          </button>
        ) : (
          <button type="button" disabled={busy} onClick={() => post('pause', { until: weekOff })}>
            Pause for a week
          </button>
        )}
        {next && (
          <button type="button" disabled={busy} onClick={() => post('skip', { ruleId: next.ruleId })}>
            Skip this mail
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </Section>
  )
}

function Decisions({ trialist, now }: { trialist: Trialist; now: number }) {
  return (
    <Section title="What was decided, and why">
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

function Messages({ trialist, now }: { trialist: Trialist; now: number }) {
  const [shown, setShown] = useState<Message | null>(null)
  const sent = [...trialist.messages].reverse()
  return (
    <Section title="Mails">
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
              {message.token && (
                <button type="button" class="plain" onClick={() => setShown(message)}>
                  Show
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {shown && (
        <Dialog title={shown.subject ?? kindWords[shown.kind]} onClose={() => setShown(null)}>
          <iframe class="mail" sandbox="" title="The mail" src={`/api/messages/${shown.token}/html`} />
        </Dialog>
      )}
    </Section>
  )
}

function Privacy({ trialist, path }: { trialist: Trialist; path: string }) {
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const erase = () =>
    run(async () => {
      await api('DELETE', path)
      window.location.hash = '#/'
    })
  return (
    <Section title="Privacy">
      <div class="row start">
        <a class="button" href={`${path}/export`} download="trialist.json">
          Export everything
        </a>
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          Erase
        </button>
      </div>
      {asking && (
        <Dialog title="Erase this person?" onClose={() => setAsking(false)}>
          <p>
            Trial, events and mails of {trialist.name ?? trialist.userId} are removed for good. An objection
            to mail is kept as a hash.
          </p>
          {error && <ErrorNote error={error} />}
          <button type="button" class="danger" disabled={busy} onClick={erase}>
            Erase for good
          </button>
        </Dialog>
      )}
    </Section>
  )
}
