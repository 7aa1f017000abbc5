import { useEffect, useState } from 'preact/hooks'
import type { Card } from '../../shared/api/card.ts'
import { minuteMs } from '../../shared/clock.ts'
import { segmentLabels } from '../../shared/labels.ts'
import { Billing } from './billing.tsx'
import { ClockBar } from './clock-bar.tsx'
import { Colleagues } from './colleagues.tsx'
import { Contact } from './contact.tsx'
import { ExtendMenu } from './extend-menu.tsx'
import { clockText, dateText, moneyText, paceLabels, relativeText } from './format.ts'
import { History } from './history.tsx'
import { NextMail } from './next-mail.tsx'
import { Owner } from './owner.tsx'
import type { CardProps } from './props.ts'
import { Snippets } from './snippets.tsx'
import { Team } from './team.tsx'

const undoToastMs = 10_000

export function PersonCard(props: CardProps) {
  const { card, ask, now, wide, move, strip } = props
  const [open, setOpen] = useState(true)
  useEffect(() => {
    if (strip) setOpen(false)
    else
      void ask('state', {}).then(
        (reply) => reply.ok && setOpen(wide === true || reply.value.settings.cardOpen),
      )
  }, [ask, wide, strip])
  const toggle = () => {
    setOpen(!open)
    if (!strip) void ask('setCardOpen', { open: !open })
  }
  return (
    <article>
      <header>
        {!wide && (
          <button
            type="button"
            class="fold"
            aria-expanded={open}
            aria-label={open ? 'Collapse the card' : 'Expand the card'}
            onClick={toggle}
          >
            {open ? '–' : '+'}
          </button>
        )}
        {move && <MoveHandle move={move} />}
        <h2>
          {card.name ?? card.email}
          {card.company && <small> · {card.company}</small>}
        </h2>
        <p>
          <span class={`segment ${card.segment}`}>{segmentLabels[card.segment]}</span>{' '}
          <span class="muted">{open ? standingText(card) : clockText(card, now())}</span>
        </p>
      </header>
      {open && <Details {...props} />}
    </article>
  )
}

/** Drag it, or use the arrow keys; Home puts the card back. */
const MoveHandle = ({ move }: { move: NonNullable<CardProps['move']> }) => (
  <button
    type="button"
    class="move"
    aria-label="Move the card: drag it or use the arrow keys; Home puts it back"
    title="Move the card"
    onPointerDown={move.start}
    onKeyDown={move.key}
  >
    ⠿
  </button>
)

/** The pace says nothing new about someone who has not started. */
const standingText = ({ segment, pace, score }: Card): string =>
  [
    ...(segment === 'unaware' && pace === 'not_started' ? [] : [paceLabels[pace]]),
    `score\u00a0${Math.round(score)}\u00a0of\u00a0100`,
  ].join(' · ')

function Details(props: CardProps) {
  const { card, view, now, wide } = props
  const at = now()
  return (
    <>
      <Contact card={card} view={view} />
      {card.reasons[0] && <p class="reason">{card.reasons[0]}</p>}
      <ClockBar card={card} now={at} />
      <Milestones card={card} />
      <Facts card={card} now={at} />
      <Billing card={card} />
      <Owner {...props} />
      <NextMail {...props} />
      <UndoToast {...props} />
      <ExtendMenu {...props} />
      {card.mailInFlight && <p class="warning">An email with the old date is leaving right now.</p>}
      <ReplyLabels {...props} />
      <Snippets {...props} />
      {card.team ? (
        <Team team={card.team} server={view.server} selfId={card.userId} />
      ) : (
        <Colleagues {...props} />
      )}
      <History {...props} open={wide === true} />
      {at - view.readAt > 2 * minuteMs && (
        <p class="muted stale">
          As of {relativeText(new Date(view.readAt).toISOString(), at)}.{' '}
          <button type="button" class="link" onClick={() => props.store.reload()}>
            Refresh
          </button>
        </p>
      )}
    </>
  )
}

/** The rep knows better than any rule what kind of answer an email got. */
function ReplyLabels({ card, view, store, ask }: CardProps) {
  if (!card.repliedAt) return null
  const { userId } = card
  const email = view.selected ?? card.email
  const label = (label: 'positive' | 'negative' | 'automatic') =>
    void store.change(() => ask('labelReply', { userId, email, label }))
  return (
    <div class="reply">
      <h3>Their last reply was</h3>
      <p class="actions">
        {(['positive', 'negative', 'automatic'] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            class="link"
            aria-pressed={card.replyLabel === kind}
            disabled={view.busy}
            onClick={(event) => event.isTrusted && label(kind)}
          >
            {kind}
          </button>
        ))}
      </p>
    </div>
  )
}

function Milestones({ card }: { card: Card }) {
  const reached = card.milestones.filter((milestone) => milestone.reachedAt).length
  return (
    <div class="milestones">
      <h3>
        Aha moments {reached}/{card.milestones.length}
      </h3>
      <ul>
        {card.milestones.map((milestone) => (
          <li key={milestone.name} class={milestone.reachedAt ? 'done' : ''}>
            <span aria-hidden="true">{milestone.reachedAt ? '✓' : '○'}</span> {milestone.name}
            <small>
              {milestone.reachedAt
                ? dateText(milestone.reachedAt, card.timeZone)
                : milestone.threshold > 1
                  ? `${milestone.count} of ${milestone.threshold}`
                  : 'not yet'}
            </small>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Facts({ card, now }: { card: Card; now: number }) {
  const facts: [string, string][] = [
    ['Last seen', card.lastSeenAt ? relativeText(card.lastSeenAt, now) : 'never'],
    ...(card.plan ? [['Plan', card.plan] as [string, string]] : []),
    ...(card.potentialMrr
      ? [['Could pay', `${moneyText(card.potentialMrr)} a month`] as [string, string]]
      : []),
  ]
  return (
    <dl>
      {facts.map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function UndoToast({ view, store, ask }: CardProps) {
  const { undo } = view
  useEffect(() => {
    if (!undo) return
    const timer = setTimeout(() => store.dismissUndo(), undoToastMs)
    return () => clearTimeout(timer)
  }, [undo, store])
  const [failed, setFailed] = useState(false)
  if (!undo) return null
  const takeBack = async (event: MouseEvent) => {
    if (!event.isTrusted) return
    const { userId, email, extensionId } = undo
    setFailed(
      !(await store.change(
        () => ask('undo', { userId, email, extensionId }),
        () => ({ undo: null }),
      )),
    )
  }
  return (
    <p class="toast">
      {undo.text}{' '}
      {!failed && (
        <button type="button" class="link" disabled={view.busy} onClick={(event) => void takeBack(event)}>
          Undo
        </button>
      )}
    </p>
  )
}
