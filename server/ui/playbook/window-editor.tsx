import type { EditorParts } from './slot-editor.tsx'
import { Suggested } from './suggested.tsx'

interface Hours {
  readonly weekdays: readonly number[]
  readonly from: string
  readonly until: string
}

const workHours: Hours = { weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' }

/** Days and hours in which email may leave. */
export function WindowEditor({ named, value, words, set }: EditorParts & { named: boolean }) {
  const own = typeof value === 'object' ? (value as Hours) : null
  return (
    <div class="row start">
      {named && (
        <select
          aria-label="Hours"
          value={own ? 'own' : String(value)}
          onChange={(event) =>
            set(event.currentTarget.value === 'own' ? workHours : event.currentTarget.value)
          }
        >
          <option value="default">{words.windows.default}</option>
          <option value="any">{words.windows.any}</option>
          <option value="own">other hours</option>
        </select>
      )}
      {own && <HoursEditor hours={own} tag={words.tag} set={set} />}
    </div>
  )
}

function HoursEditor({ hours, tag, set }: { hours: Hours; tag: string; set: (hours: Hours) => void }) {
  const { weekdays, from, until } = hours
  const day = new Intl.DateTimeFormat(tag, { weekday: 'short', timeZone: 'UTC' })
  const toggle = (n: number) => {
    const next = [1, 2, 3, 4, 5, 6, 7].filter((one) => weekdays.includes(one) !== (one === n))
    if (next.length > 0) set({ ...hours, weekdays: next })
  }
  const setTimes = (times: Partial<Hours>) => {
    const next = { ...hours, ...times }
    if (next.from && next.until && next.from < next.until) set(next)
  }
  return (
    <>
      {[1, 2, 3, 4, 5, 6, 7].map((n) => (
        <label key={n} class="check">
          <input type="checkbox" checked={weekdays.includes(n)} onChange={() => toggle(n)} />{' '}
          {day.format(Date.UTC(2024, 0, n))}
        </label>
      ))}
      <input
        class="short"
        type="time"
        aria-label="From"
        value={from}
        onInput={(event) => setTimes({ from: event.currentTarget.value })}
      />
      <input
        class="short"
        type="time"
        aria-label="Until"
        value={until}
        onInput={(event) => setTimes({ until: event.currentTarget.value })}
      />
    </>
  )
}

type Trigger = 'any' | { readonly event: string } | { readonly page: string }

/** What must just have happened for a nudge. */
export function TriggerEditor({ value, words, names, set }: EditorParts) {
  const on = value as Trigger
  const of = on === 'any' ? 'any' : 'event' in on ? 'event' : 'page'
  const name = on === 'any' ? '' : 'event' in on ? on.event : on.page
  const choose = (next: string) =>
    set(next === 'any' ? 'any' : { [next]: next === 'page' ? '/*' : (names.event?.[0] ?? 'Event') })
  return (
    <div class="row start">
      <select aria-label="When" value={of} onChange={(event) => choose(event.currentTarget.value)}>
        {(['any', 'event', 'page'] as const).map((one) => (
          <option key={one} value={one}>
            {words.triggers[one].replace('{name}', '…')}
          </option>
        ))}
      </select>
      {of !== 'any' && (
        <Suggested
          label={of === 'page' ? 'Path, with * as wildcard' : 'Event'}
          value={name}
          known={names[of] ?? []}
          set={(text) => text.trim() !== '' && set({ [of]: text })}
        />
      )}
    </div>
  )
}
