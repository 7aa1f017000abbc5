import { useEffect, useRef, useState } from 'preact/hooks'
import type { ExtendRequest } from '../../shared/api/card.ts'
import { dayMs } from '../../shared/clock.ts'
import { dateText, dayIn, kindLabels } from './format.ts'
import type { CardProps } from './props.ts'

const reasons = ['Needs more time', 'Waiting for IT', 'Hit a bug', 'Evaluating with the team'] as const

/** Extends by 3, 7, 14 days or to a date, with a reason, after showing what moves. */
export function ExtendMenu(props: CardProps) {
  const { card } = props
  const [open, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const close = () => {
    setOpen(false)
    opener.current?.focus()
  }
  if (card.status === 'converted' || !card.endsAt) return null
  if (card.extend.why) return <p class="muted">{card.extend.why}</p>
  return (
    <div class="extend">
      <button
        ref={opener}
        type="button"
        class="primary"
        data-tp="extend"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {card.status === 'ended' ? 'Re-open trial…' : 'Extend trial…'}
      </button>
      {open && <Form {...props} close={close} />}
    </div>
  )
}

/** Calendar days the policy allows, counted as the server does: from the present end, or from now once it is past. */
function dateRange(card: CardProps['card'], now: number): { min: string; max: string } {
  const base = dayIn(card.timeZone, Math.max(Date.parse(card.endsAt ?? ''), now))
  const later = (days: number) => new Date(Date.parse(base) + days * dayMs).toISOString().slice(0, 10)
  return { min: later(1), max: later(card.extend.maxDays) }
}

type Move = CardProps['card']['extend']['previews'][number]['moves'][number]
const moveText = ({ from, to }: Move, timeZone: string): string =>
  [from, to].map((at) => (at ? dateText(at, timeZone) : 'not planned')).join(' → ')

const dayText = (day: string): string => dateText(`${day}T12:00:00Z`, 'UTC')

function Form({ card, view, store, ask, now, close }: CardProps & { close: () => void }) {
  // One key for as long as the form is open: pressed twice or tried again, the server grants one extension.
  const [key] = useState(() => crypto.randomUUID())
  const { options, maxDays, previews } = card.extend
  const [days, setDays] = useState<number | null>(options.includes(7) ? 7 : (options[0] ?? null))
  const [until, setUntil] = useState('')
  const [reason, setReason] = useState<string>(reasons[0])
  const [note, setNote] = useState('')
  const first = useRef<HTMLInputElement>(null)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    first.current?.focus()
    form.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const preview = previews.find((candidate) => candidate.days === days)
  const range = dateRange(card, now())
  const isOutside = days === null && until !== '' && (until < range.min || until > range.max)
  const isReady = !view.busy && (days !== null || (until !== '' && !isOutside))

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!event.isTrusted || !isReady) return
    const body: ExtendRequest = {
      ...(days === null ? { until } : { days }),
      reason,
      note,
      expectedEnd: card.endsAt,
      source: { app: 'gmail', threadId: view.screen?.threadId ?? null },
    }
    const { userId, email } = card
    const done = await store.change(
      () => ask('extend', { userId, email, key, body }),
      ({ card: after, extensionId }: { card: typeof card; extensionId: string }) => ({
        undo: {
          userId,
          email,
          extensionId,
          text: `Extended to ${after.endsAt ? dateText(after.endsAt, after.timeZone) : 'no end'}.`,
        },
      }),
    )
    if (done) close()
  }

  return (
    <form
      ref={form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <fieldset>
        <legend>How long</legend>
        {options
          .filter((option) => option <= maxDays)
          .map((option, index) => (
            <label key={option} class="option">
              <input
                ref={index === 0 ? first : null}
                type="radio"
                name="days"
                checked={days === option}
                onChange={() => setDays(option)}
              />
              {option} days
            </label>
          ))}
        <label class="option">
          <input type="radio" name="days" checked={days === null} onChange={() => setDays(null)} />
          until
        </label>
        <input
          type="date"
          aria-label="New last day"
          value={until}
          min={range.min}
          max={range.max}
          aria-invalid={isOutside}
          onInput={(event) => {
            setDays(null)
            setUntil(event.currentTarget.value)
          }}
        />
      </fieldset>
      {isOutside && (
        <p class="fault" role="alert">
          Choose a day from {dayText(range.min)} to {dayText(range.max)}: the playbook allows {maxDays} more
          days.
        </p>
      )}
      {preview && (
        <p class="preview">
          New end: <strong>{dateText(preview.endsAt, card.timeZone)}</strong>
          {preview.moves.map((move) => (
            <span key={`${move.kind}${move.from ?? move.to}`}>
              {kindLabels[move.kind]} <i>{moveText(move, card.timeZone)}</i>
            </span>
          ))}
        </p>
      )}
      <label>
        Reason
        <select value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
          {reasons.map((text) => (
            <option key={text}>{text}</option>
          ))}
          <option value="Other">Other</option>
        </select>
      </label>
      <label>
        Note
        <input value={note} maxLength={2000} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <p class="actions">
        <button type="submit" class="primary" data-tp="confirm" disabled={!isReady}>
          {view.busy ? 'Extending…' : 'Extend'}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
        <span class="muted">
          {card.extend.left} of this trial’s extensions left, at most {maxDays} days
        </span>
      </p>
    </form>
  )
}
