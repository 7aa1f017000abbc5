import { dayMs } from '../../shared/clock.ts'
import { kindLabels } from '../../shared/labels.ts'
import { dateText, dateTimeText } from './format.ts'
import type { CardProps } from './props.ts'

const pauseDays = 7

/** Which email comes next, when and why; hold it or leave it out. */
export function NextMail({ card, view, store, ask, now }: CardProps) {
  const { next, userId, team } = card
  const reader = team?.members.find((member) => member.userId === next?.to)
  const email = view.selected ?? card.email
  const pause = (until: string | null) => void store.change(() => ask('pause', { userId, email, until }))
  const trusted = (action: () => void) => (event: MouseEvent) => event.isTrusted && action()
  const paused = card.pausedUntil !== null && Date.parse(card.pausedUntil) > now()
  return (
    <div class="next">
      <h3>Next email</h3>
      {next ? (
        <p>
          <strong>{kindLabels[next.kind]}</strong>{' '}
          {reader && `to ${reader.name ?? reader.email ?? reader.userId} `}
          {next.at && dateTimeText(next.at, card.timeZone)}
          <span class="muted why">{next.why}</span>
        </p>
      ) : (
        <p class="muted">No email is planned.</p>
      )}
      <p class="actions">
        {paused ? (
          <button type="button" class="link" disabled={view.busy} onClick={trusted(() => pause(null))}>
            Resume (paused until {dateText(card.pausedUntil ?? '', card.timeZone)})
          </button>
        ) : (
          <button
            type="button"
            class="link"
            disabled={view.busy}
            onClick={trusted(() => pause(new Date(now() + pauseDays * dayMs).toISOString()))}
          >
            Pause for {pauseDays} days
          </button>
        )}
        {next && (
          <button
            type="button"
            class="link"
            disabled={view.busy}
            onClick={trusted(
              () => void store.change(() => ask('skip', { userId, email, ruleId: next.ruleId })),
            )}
          >
            Skip this email
          </button>
        )}
      </p>
    </div>
  )
}
