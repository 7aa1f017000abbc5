import { useState } from 'preact/hooks'
import { parseEmailAddress } from '../../shared/trial.ts'

/** Finds a person by address when the page cannot tell who it is. */
export function Find({ search }: { search: (email: string) => void }) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const find = (event: SubmitEvent) => {
    event.preventDefault()
    const email = parseEmailAddress(text)
    setFault(email ? '' : 'That is not an email address.')
    if (email) search(email)
  }
  return (
    <form class="find" onSubmit={find}>
      <label>
        Find by email
        <input
          type="text"
          inputMode="email"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          aria-invalid={fault !== ''}
        />
      </label>
      <button type="submit">Find</button>
      {fault && <p role="alert">{fault}</p>}
    </form>
  )
}
