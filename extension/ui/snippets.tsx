import { useState } from 'preact/hooks'
import type { Snippet } from '../../shared/api/card.ts'
import type { CardProps } from './props.ts'
import { snippetLabels } from './snippet-labels.ts'

/** Text with this person’s own figures, put into the open reply; the server fills it or says what is missing. */
export function Snippets({ card, view, ask, insert }: CardProps) {
  const [message, setMessage] = useState('')
  if (!insert) return null
  const put = async (id: Snippet) => {
    const reply = await ask('snippet', { userId: card.userId, id })
    if (!reply.ok) return setMessage(reply.failure.detail)
    const addresses = [card.email, ...(view.selected ? [view.selected] : [])]
    setMessage(insert(reply.value.text, { name: card.name ?? card.email, addresses }) ?? 'Inserted.')
  }
  return (
    <details class="snippets">
      <summary>Insert into reply</summary>
      <p class="actions">
        {(Object.keys(snippetLabels) as Snippet[]).map((id) => (
          <button key={id} type="button" class="link" onClick={() => void put(id)}>
            {snippetLabels[id]}
          </button>
        ))}
      </p>
      <p class="muted" role="status">
        {message}
      </p>
    </details>
  )
}
