import type { ComponentChildren } from 'preact'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { Section } from '../shared/parts.tsx'

type Progress = AnswerOf<'GET /api/connect'>

interface Step {
  readonly id: string
  readonly title: string
  readonly state: 'done' | 'fault' | 'open'
  readonly todo: ComponentChildren
}

const stateOf = (isDone: boolean, isFaulty = false): Step['state'] =>
  isFaulty ? 'fault' : isDone ? 'done' : 'open'

const stepsOf = (progress: Progress, isReleased: boolean): readonly Step[] => [
  {
    id: 'event',
    title: 'An event has arrived',
    state: stateOf(progress.lastEventAt !== null),
    todo: 'Paste the snippet into your pages and open one.',
  },
  {
    id: 'identified',
    title: 'A user is named',
    state: stateOf(progress.identified),
    todo: 'Call trialpace.identify(userId) once someone has signed in, or track from your server.',
  },
  {
    id: 'signed',
    title: 'Users are signed',
    state: stateOf(progress.identity?.signed === true, progress.identity?.signed === false),
    todo: 'Sign a token on your server. What arrives says what is wrong with the last one.',
  },
  {
    id: 'address',
    title: 'Your server has sent an email address',
    state: stateOf(progress.addressed),
    todo: 'Without one no email can go out. Use the call from your server, with a secret key.',
  },
  {
    id: 'milestone',
    title: 'Someone has reached a milestone',
    state: stateOf(progress.milestone),
    todo: 'Name your own events with “Make this a milestone”.',
  },
  {
    id: 'proxy',
    title: 'Visitors have addresses of their own',
    state: stateOf(!progress.unknownProxy, progress.unknownProxy),
    todo: 'Requests come through a proxy the server does not know: all visitors share one limit. Set TRUST_PROXY to its address, or to how many there are, and start the server again.',
  },
  {
    id: 'test',
    title: 'A test email was sent',
    state: stateOf(progress.testSent),
    todo: (
      <>
        Open <a href="#/emails">Emails</a>, choose one and send it to yourself.
      </>
    ),
  },
  {
    id: 'released',
    title: 'Emails go to people',
    state: stateOf(isReleased),
    todo: (
      <>
        When all else is done: <a href="#/release">review and release</a>.
      </>
    ),
  },
]

const marks = {
  done: { mark: '✓', look: 'good', word: 'Done' },
  fault: { mark: '✗', look: 'bad', word: 'Wrong' },
  open: { mark: '·', look: 'wait', word: 'To do' },
} as const

export function Ladder({ progress, isReleased }: { progress: Progress; isReleased: boolean }) {
  const steps = stepsOf(progress, isReleased)
  const done = steps.filter(({ state }) => state === 'done').length
  return (
    <Section title={`${done} of ${steps.length} steps`}>
      <ol class="gaps">
        {steps.map(({ id, title, state, todo }) => (
          <li key={id} data-step={id} data-state={state}>
            <span class={`mark mark-${marks[state].look}`} aria-hidden="true">
              {marks[state].mark}
            </span>
            <span>
              <span class="sr">{marks[state].word}: </span>
              {title}
              {state !== 'done' && <small>{todo}</small>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
