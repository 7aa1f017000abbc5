import { useEffect, useState } from 'preact/hooks'
import { minuteMs } from '../../shared/clock.ts'
import type { Card } from '../../shared/ext.ts'
import type { AppProps } from './app.tsx'
import { ClockBar } from './clock-bar.tsx'
import { ExtendMenu } from './extend-menu.tsx'
import { dateText, moneyText, paceLabels, relativeText, segmentLabels } from './format.ts'
import { History } from './history.tsx'
import { NextMail } from './next-mail.tsx'
import { Snippets } from './snippets.tsx'
import type { View } from './store.ts'

const undoToastMs = 10_000

export interface CardProps extends AppProps {
  view: View
  card: Card
}

export function PersonCard(props: CardProps) {
  const { card, view, now, wide } = props
  const at = now()
  return (
    <article>
      <header>
        <h2>
          {card.name ?? card.email}
          {card.company && <small> · {card.company}</small>}
        </h2>
        <p>
          <span class={`segment ${card.segment}`}>{segmentLabels[card.segment]}</span>{' '}
          <span class="muted">
            {paceLabels[card.pace]} · score {Math.round(card.score)}
          </span>
        </p>
      </header>
      {card.reasons[0] && <p class="reason">{card.reasons[0]}</p>}
      <ClockBar card={card} now={at} />
      <Milestones card={card} />
      <Facts card={card} now={at} />
      <NextMail {...props} />
      <UndoToast {...props} />
      <ExtendMenu {...props} />
      {card.mailInFlight && <p class="warning">A mail with the old date is leaving right now.</p>}
      <Snippets {...props} />
      <History {...props} open={wide === true} />
      {at - view.readAt > 2 * minuteMs && (
        <p class="muted stale">
          As of {relativeText(new Date(view.readAt).toISOString(), at)}.{' '}
          <button type="button" class="link" onClick={() => props.store.reload()}>
            Refresh
          </button>
        </p>
      )}
    </article>
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
                ? dateText(milestone.reachedAt)
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
    ...(card.owner ? [['Owner', card.owner] as [string, string]] : []),
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
