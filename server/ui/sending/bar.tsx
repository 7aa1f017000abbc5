import { useEffect } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { useApi } from '../shared/hooks.ts'

export type Sending = AnswerOf<'GET /api/workspace/sending'>

const changed = 'trialpace:sending'

/** Something on this page has changed where emails go: the bar above it asks again. */
export const announceSending = (): void => void window.dispatchEvent(new Event(changed))

type Look = 'unreleased' | 'never' | 'test'

const lookOf = ({ releasedAt, mode }: Sending): Look | null =>
  releasedAt === null ? 'unreleased' : mode === 'normal' ? null : mode

/** Above every page, while emails do not go to people: that it is so, why, and where to change it. */
export function SendingBar({ path }: { path: string }) {
  const { data, reload } = useApi('GET /api/workspace/sending')
  useEffect(() => {
    window.addEventListener(changed, reload)
    return () => window.removeEventListener(changed, reload)
  }, [reload])
  const look = data && lookOf(data)
  if (!data || !look) return null
  return (
    <section class={`sending-bar sending-${look}`} aria-label="Sending" data-sending-bar={look}>
      <p>
        <strong>{headline(look, data)}</strong> {whatIsMissing(look, data)}
      </p>
      {path !== '/release' && (
        <a class="button" href="#/release">
          {look === 'unreleased' ? 'Review and release' : 'Change'}
        </a>
      )}
    </section>
  )
}

function headline(look: Look, { testAddress }: Sending): string {
  switch (look) {
    case 'unreleased':
      return 'Not released: no email goes to anyone.'
    case 'test':
      return `Test mode: every email goes to ${testAddress}.`
    case 'never':
      return 'Sending is off: no email goes to anyone.'
  }
}

function whatIsMissing(look: Look, { gaps }: Sending): string {
  if (look === 'never') return 'What falls due waits while it is of use.'
  if (look === 'test') return 'People get nothing.'
  const missing = gaps.filter(({ needed }) => needed).length
  if (missing === 0) return 'Nothing needed is missing.'
  return missing === 1
    ? 'One thing is missing before the first email.'
    : `${missing} things are missing before the first email.`
}
