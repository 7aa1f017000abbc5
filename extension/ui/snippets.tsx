import { useState } from 'preact/hooks'
import type { CardProps } from './props.ts'
import { snippetLabels } from './snippet-labels.ts'

/** Text with this person’s own figures, put into the open reply; the server fills it or says what is missing. */
export function Snippets({ card, ask, insert }: CardProps) {
  const [message, setMessage] = useState('')
  if (!insert) return null
  const put = async (id: string) => {
    const reply = await ask('snippet', { userId: card.userId, id })
    if (!reply.ok) return setMessage(reply.failure.detail)
    setMessage(insert(reply.value.text) ? 'Inserted.' : 'Open a reply first, then insert.')
  }
  return (
    <details class="snippets">
      <summary>Insert into reply</summary>
      <p class="actions">
        {Object.entries(snippetLabels).map(([id, label]) => (
          <button key={id} type="button" class="link" onClick={() => void put(id)}>
            {label}
          </button>
        ))}
      </p>
      <p class="muted" role="status">
        {message}
      </p>
    </details>
  )
}
