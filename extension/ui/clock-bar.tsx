import type { Card } from '../../shared/api/card.ts'
import { clockShare, clockText, dateText, foreignZone } from './format.ts'

/** Trial start, now, end; earlier extensions as marks. */
export function ClockBar({ card, now }: { card: Card; now: number }) {
  const text = clockText(card, now)
  if (!card.endsAt) return <p class="clock">{text}</p>
  const share = clockShare(card, now)
  const zone = foreignZone(card)
  const start = Date.parse(card.startsAt)
  const whole = Date.parse(card.endsAt) - start
  const marks = card.extensions.flatMap(({ before }) => {
    const at = before ? (Date.parse(before) - start) / whole : -1
    return at > 0 && at < 1 ? [at] : []
  })
  return (
    <div class="clock">
      <p>
        <strong>{text}</strong>
      </p>
      <svg
        viewBox="0 0 200 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Trial ${Math.round(share * 100)} % over`}
      >
        <rect class="track" width="200" height="6" rx="3" />
        <rect class={share > 0.8 ? 'past late' : 'past'} width={share * 200} height="6" rx="3" />
        {marks.map((at) => (
          <rect key={at} class="mark" x={at * 200 - 0.75} width="1.5" height="6" />
        ))}
      </svg>
      <p class="muted">
        Since {dateText(card.startsAt, card.timeZone)}
        {marks.length > 0 && `, extended ${marks.length === 1 ? 'once' : `${marks.length} times`}`}
        {zone && `. Dates as in ${zone}`}
      </p>
    </div>
  )
}
