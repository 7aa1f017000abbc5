import { type ArrivedEvent, findingOf } from '../../../shared/connect.ts'
import { isAdmin, type Session } from '../shared/api.ts'
import { Section } from '../shared/parts.tsx'
import { UseAsMilestone } from './use-as-milestone.tsx'
import type { Shown } from './use-feed.ts'

const timeText = (at: string): string => new Date(at).toLocaleTimeString()

export function Feed({
  events,
  isLive,
  session,
}: {
  events: readonly Shown[]
  isLive: boolean
  session: Session
}) {
  return (
    <Section title="What arrives">
      <p role="status" class="live">
        <span class={`dot ${isLive ? 'dot-live' : ''}`} aria-hidden="true" />
        {isLive ? 'Watching. Use your product in another tab.' : 'Connecting …'}
      </p>
      {events.length > 0 && (
        <ol class="feed" aria-label="Events, newest first">
          {events.map((event) => (
            <li key={event.n} data-event={event.name}>
              <Arrived event={event} session={session} />
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}

function Arrived({ event, session }: { event: ArrivedEvent; session: Session }) {
  const finding = findingOf(event)
  const isRefused = event.outcome === 'refused'
  const mark = isRefused ? 'bad' : finding ? 'warn' : 'good'
  return (
    <>
      <time class="quiet" dateTime={event.at}>
        {timeText(event.at)}
      </time>
      <div class="grow">
        <p>
          <span class={`tag tag-${mark}`}>{outcomeText(event)}</span> <strong>{event.name}</strong>{' '}
          <span class="quiet">{whoText(event)}</span>
        </p>
        {event.milestone && <small>Counts for the milestone “{event.milestone}”.</small>}
        {finding && (
          <small class="finding">
            <b>{finding.title}.</b> {finding.fix}
          </small>
        )}
      </div>
      {event.type === 'track' && !isRefused && event.milestone === null && isAdmin(session) && (
        <UseAsMilestone event={event.name} />
      )}
    </>
  )
}

function outcomeText({ outcome, sender, userId, fault }: ArrivedEvent): string {
  if (outcome === 'refused') return 'Refused'
  if (outcome === 'duplicate') return 'Repeated'
  if (sender === 'server') return 'From your server'
  if (userId === null) return 'Visitor'
  return fault ? 'Unsigned' : 'Signed'
}

function whoText({ userId, anonymousId }: ArrivedEvent): string {
  if (userId !== null) return userId
  return anonymousId === null ? '' : `visitor ${anonymousId.slice(0, 8)}`
}
