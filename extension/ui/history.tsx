import { useState } from 'preact/hooks'
import { kindLabels } from '../../shared/labels.ts'
import { dateText, dateTimeText } from './format.ts'
import type { CardProps } from './props.ts'

/** Extensions, what was sent or not and why, notes and the owner. */
export function History({ card, view, store, ask, open }: CardProps & { open: boolean }) {
  const { userId } = card
  const email = view.selected ?? card.email
  const undo = (extensionId: string) => (event: MouseEvent) =>
    event.isTrusted && void store.change(() => ask('undo', { userId, email, extensionId }))
  return (
    <details class="history" open={open}>
      <summary>History and notes</summary>
      {card.extensions.length > 0 && (
        <>
          <h3>Extensions</h3>
          <ul>
            {card.extensions.toReversed().map((extension) => (
              <li key={extension.id}>
                +{Math.round(extension.days)} days to {dateText(extension.after, card.timeZone)}
                <small>
                  {extension.by}, {dateText(extension.at, card.timeZone)}: {extension.reason}
                </small>
                {extension.undoable && (
                  <button type="button" class="link" disabled={view.busy} onClick={undo(extension.id)}>
                    Undo
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {card.recent.length > 0 && (
        <>
          <h3>Emails</h3>
          <ul>
            {card.recent.map((decision) => (
              <li key={`${decision.at}${decision.kind}`}>
                {kindLabels[decision.kind]}: {decision.outcome}
                <small>
                  {dateTimeText(decision.at, card.timeZone)}. {decision.why}
                </small>
              </li>
            ))}
          </ul>
        </>
      )}
      <Notes card={card} view={view} store={store} ask={ask} />
    </details>
  )
}

function Notes({ card, view, store, ask }: Pick<CardProps, 'card' | 'view' | 'store' | 'ask'>) {
  const [text, setText] = useState('')
  const { userId } = card
  const email = view.selected ?? card.email
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!event.isTrusted || text.trim() === '') return
    if (await store.change(() => ask('note', { userId, email, text: text.trim() }))) setText('')
  }
  return (
    <form class="notes" onSubmit={(event) => void add(event)}>
      <h3>Notes</h3>
      <ul>
        {card.notes.map((note) => (
          <li key={note.id}>
            {note.text}
            <small>
              {note.by}, {dateText(note.at)}
            </small>
          </li>
        ))}
      </ul>
      <label>
        <span class="sr">New note</span>
        <textarea
          rows={2}
          value={text}
          maxLength={2000}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={view.busy || text.trim() === ''}>
        Add note
      </button>
    </form>
  )
}
