import { useEffect, useState } from 'preact/hooks'
import type { ColleaguesAnswer } from '../../shared/api/card.ts'
import { segmentLabels } from '../../shared/labels.ts'
import { PageLink } from './page-link.tsx'
import type { CardProps } from './props.ts'

type State = { at: 'loading' } | { at: 'failed'; why: string } | ({ at: 'there' } & ColleaguesAnswer)

/** Who else of the company has a trial. Asked for after the card is on show, so that it waits for nothing. */
export function Colleagues({ card: { userId }, view: { server }, ask }: CardProps) {
  const [state, setState] = useState<State>({ at: 'loading' })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let isGone = false
    setState({ at: 'loading' })
    void ask('colleagues', { userId }).then((reply) => {
      if (isGone) return
      setState(reply.ok ? { at: 'there', ...reply.value } : { at: 'failed', why: reply.failure.detail })
    })
    return () => {
      isGone = true
    }
  }, [ask, userId, attempt])
  return (
    <div class="colleagues">
      <h3>Colleagues with a trial</h3>
      {state.at === 'loading' && <p class="muted">Looking…</p>}
      {state.at === 'failed' && (
        <p class="muted" role="status">
          {state.why}{' '}
          <button type="button" class="link" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </p>
      )}
      {state.at === 'there' && <Found {...state} server={server} />}
    </div>
  )
}

function Found({ colleagues, more, server }: ColleaguesAnswer & { server: string | null }) {
  if (colleagues.length === 0) return <p class="muted">No one else of this company.</p>
  return (
    <ul>
      {colleagues.map(({ userId, name, email, segment, status }) => (
        <li key={userId}>
          <PageLink server={server} userId={userId} title={email}>
            {name ?? (email || userId)}
          </PageLink>
          <small>{status === 'converted' ? 'Customer' : segmentLabels[segment]}</small>
        </li>
      ))}
      {more && <li class="muted">and more</li>}
    </ul>
  )
}
