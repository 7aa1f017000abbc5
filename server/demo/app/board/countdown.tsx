import type { Trialist } from './session.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

const left = (ms: number): string => {
  const unit = ms >= 2 * dayMs ? 'day' : 'hour'
  const count = Math.round(ms / (unit === 'day' ? dayMs : hourMs))
  return count < 1 ? 'less than an hour left' : `${count} ${unit}${count === 1 ? '' : 's'} left`
}

/** Time left before the end as it stands now; an extension shows at once. */
export function Countdown({ trialist, now }: { trialist: Trialist | null; now: number | null }) {
  if (!trialist || now === null) return null
  const { endsAt, status } = trialist.trial
  if (status === 'converted') return <span class="pill ok">Team plan</span>
  if (!endsAt) return null
  const ms = Date.parse(endsAt) - now
  const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }).format(
    Date.parse(endsAt),
  )
  return (
    <a class={ms < 3 * dayMs ? 'pill warn' : 'pill'} href="#/upgrade" id="countdown" data-ends-at={endsAt}>
      {ms > 0 ? `Trial: ${left(ms)} (until ${date})` : `Trial ended on ${date}`}
    </a>
  )
}
