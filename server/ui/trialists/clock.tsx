import { useState } from 'preact/hooks'
import { dateTimeText, relativeText } from '../shared/format.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section, When } from '../shared/parts.tsx'
import { statusWords } from '../shared/words.ts'
import { ExtendDialog } from './extend.tsx'
import type { TrialistParts } from './parts.ts'

function endText(endsAt: string | null, now: number): string {
  if (!endsAt) return 'No end'
  return `${Date.parse(endsAt) > now ? 'Ends' : 'Ended'} ${relativeText(endsAt, now)}`
}

/** When the trial ends, who moved that, and the button that does. */
export function TrialClock({ trialist, doors, now }: TrialistParts) {
  const [extending, setExtending] = useState(false)
  const { busy, error, run } = useAction()
  const { endsAt, status } = trialist.trial
  const undo = (id: string) => run(() => doors.undo(id))
  return (
    <Section title="Trial">
      <p class="facts">
        <span>
          <strong>{endText(endsAt, now)}</strong> · {statusWords[status]}
          <br />
          <span class="quiet">
            {dateTimeText(trialist.trial.startsAt)} to {endsAt ? dateTimeText(endsAt) : 'open'}
            {trialist.timeZone ? `; their time zone: ${trialist.timeZone}` : ''}
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
      {extending && <ExtendDialog trialist={trialist} doors={doors} onClose={() => setExtending(false)} />}
    </Section>
  )
}
