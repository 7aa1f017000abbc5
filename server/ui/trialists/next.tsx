import { kindLabels } from '../../../shared/labels.ts'
import { mailHref } from '../emails/address.ts'
import { dateTimeText, relativeText } from '../shared/format.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'
import { sentence } from '../shared/words.ts'
import type { TrialistParts } from './parts.ts'

/** Beyond this a pause has no end a person would wait for. */
const endless = Date.parse('2200-01-01T00:00:00Z')

/** What comes next and why; pause and skip. */
export function NextMail({ trialist, doors, now, nameOf }: TrialistParts) {
  const { busy, error, run } = useAction()
  const { userId, next, pausedUntil, suppressed } = trialist
  const paused = pausedUntil !== null && Date.parse(pausedUntil) > now
  const pause = (until: string | null) => run(() => doors.pause(until))
  const skip = (ruleId: string) => run(() => doors.skip(ruleId))
  const reader = next?.to ?? userId
  const weekOff = new Date(now + 7 * 86_400_000).toISOString()
  return (
    <Section title="Next email">
      {next ? (
        <p>
          <strong>
            <a href={mailHref(next.kind, { ...(reader && { userId: reader }), rule: next.ruleId })}>
              {kindLabels[next.kind]}
            </a>
          </strong>
          {nameOf && next.to && ` to ${nameOf(next.to)}`}
          {next.at ? ` ${relativeText(next.at, now)}` : ', waiting'}
          {next.at && <span class="quiet"> ({dateTimeText(next.at)})</span>}
          <br />
          {sentence(next.why)}
        </p>
      ) : (
        <p>No email is planned.</p>
      )}
      {suppressed && <p class="note">No emails are sent: {suppressed.reason.replaceAll('_', ' ')}.</p>}
      {paused && pausedUntil && (
        <p class="note">
          Paused{' '}
          {Date.parse(pausedUntil) > endless ? 'until you resume' : `until ${dateTimeText(pausedUntil)}`}.
        </p>
      )}
      <div class="row start">
        {paused ? (
          <button type="button" disabled={busy} onClick={() => pause(null)}>
            Resume
          </button>
        ) : (
          <button type="button" disabled={busy} onClick={() => pause(weekOff)}>
            Pause for a week
          </button>
        )}
        {next && (
          <button type="button" disabled={busy} onClick={() => skip(next.ruleId)}>
            Skip this email
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} />}
    </Section>
  )
}
