import { useState } from 'preact/hooks'
import { copyText } from './copy-text.ts'
import { PageLink } from './page-link.tsx'
import type { CardProps } from './props.ts'

/** The address the trialist signed up with, to copy, and their page in the dashboard. */
export function Contact({ card, view }: Pick<CardProps, 'card' | 'view'>) {
  const [note, setNote] = useState('')
  const copy = async (button: HTMLElement) =>
    setNote((await copyText(card.email, button)) ? 'Copied.' : 'The browser did not allow copying.')
  return (
    <p class="contact">
      <span class="address">{card.email}</span>{' '}
      <button
        type="button"
        class="link"
        aria-label={`Copy ${card.email}`}
        onClick={({ currentTarget }) => void copy(currentTarget)}
      >
        Copy
      </button>{' '}
      {view.server && (
        <PageLink server={view.server} userId={card.userId}>
          Open in Trialpace
        </PageLink>
      )}{' '}
      <span class="muted" role="status">
        {note}
      </span>
    </p>
  )
}
