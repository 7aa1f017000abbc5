import { useEffect, useRef, useState } from 'preact/hooks'
import type { ExtendRequest } from '../../shared/api/card.ts'
import { ExtendFields } from './extend-fields.tsx'
import { type Choice, dateRange, movedText, reasons, requestKey } from './extend-plan.ts'
import { FailureNote } from './failure-note.tsx'
import { dateText } from './format.ts'
import type { CardProps } from './props.ts'

/** Extends by 3, 7, 14 days or to a date, with a reason, after showing what moves. */
export function ExtendMenu(props: CardProps) {
  const { card, store } = props
  const [open, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const close = () => {
    setOpen(false)
    store.clearFailure()
    opener.current?.focus()
  }
  if (card.status === 'converted' || !card.endsAt) return <Refusal {...props} />
  if (card.extend.why)
    return (
      <div class="extend">
        <Refusal {...props} />
        <p class="muted">{card.extend.why}</p>
      </div>
    )
  return (
    <div class="extend">
      <button
        ref={opener}
        type="button"
        class="primary"
        data-tp="extend"
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {card.status === 'ended' ? 'Re-open trial…' : 'Extend trial…'}
      </button>
      {open && <Form {...props} close={close} />}
    </div>
  )
}

/** Beside the button that was pressed, and in view. */
function Refusal({ view, store, ask }: CardProps) {
  const note = useRef<HTMLDivElement>(null)
  const { failure } = view.failureAt === 'extend' ? view : { failure: null }
  useEffect(() => {
    if (failure) note.current?.scrollIntoView({ block: 'nearest' })
  }, [failure])
  if (!failure) return null
  return (
    <div ref={note}>
      <FailureNote failure={failure} store={store} ask={ask} />
    </div>
  )
}

function Form({ close, ...props }: CardProps & { close: () => void }) {
  const { card, view, store, ask, now } = props
  const { options } = card.extend
  const [choice, setChoice] = useState<Choice>({
    days: options.includes(7) ? 7 : (options[0] ?? null),
    until: '',
    reason: reasons[0],
    note: '',
  })
  const [seenEnd, setSeenEnd] = useState(card.endsAt)
  const request = useRef<{ key: string; text: string } | null>(null)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.scrollIntoView({ block: 'nearest' }), [])
  const { days, until } = choice
  const range = dateRange(card, now())
  const isOutside = days === null && until !== '' && (until < range.min || until > range.max)
  const moved = movedText(seenEnd, card)
  const isReady = !view.busy && !moved && (days !== null || (until !== '' && !isOutside))

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!event.isTrusted || !isReady) return
    const body: ExtendRequest = {
      ...(days === null ? { until } : { days }),
      reason: choice.reason,
      note: choice.note,
      expectedEnd: seenEnd,
      source: { app: 'gmail', threadId: view.screen?.threadId ?? null },
    }
    request.current = requestKey(request.current, body, () => crypto.randomUUID())
    const { key } = request.current
    const { userId } = card
    const email = view.selected ?? card.email
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
      'extend',
    )
    if (done) close()
  }

  return (
    <form
      ref={form}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <ExtendFields
        card={card}
        choice={choice}
        setChoice={setChoice}
        range={range}
        isOutside={isOutside}
        hasPreview={!moved}
      />
      <Refusal {...props} />
      {moved && (
        <p class="warning" role="status">
          {moved}
        </p>
      )}
      <p class="actions">
        {moved ? (
          // A key of its own: as the same element it would become the submit button under the very click that asks for it.
          <button
            key="again"
            type="button"
            class="primary"
            onClick={(event) => {
              if (!event.isTrusted) return
              store.clearFailure()
              setSeenEnd(card.endsAt)
            }}
          >
            Extend from there…
          </button>
        ) : (
          <button key="confirm" type="submit" class="primary" data-tp="confirm" disabled={!isReady}>
            {view.busy ? 'Extending…' : 'Extend'}
          </button>
        )}
        <button type="button" onClick={close}>
          Cancel
        </button>
        <span class="muted">
          {card.extend.left} of this trial’s extensions left, at most {card.extend.maxDays} days
        </span>
      </p>
    </form>
  )
}
