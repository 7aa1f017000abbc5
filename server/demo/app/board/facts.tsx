import type { Trialist } from './session.ts'

const inWords = (name: string): string => name.replaceAll('_', ' ')

const kindWords: Record<string, string> = {
  welcome: 'welcome',
  onboarding_step: 'next step',
  upgrade_now: 'upgrade (A)',
  expiring_activated: 'ends soon, active (B)',
  expiring_passive: 'ends soon, not activated (C)',
  ended_survey: 'survey (D)',
  survey_follow_up: 'survey follow-up',
  extension_granted: 'extension',
  trial_ended: 'trial ended',
}

const moment = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(Date.parse(iso))

/** What Trialpace thinks of this person right now: the same facts as on their page in the dashboard. */
export function Facts({ trialist }: { trialist: Trialist | null }) {
  if (!trialist) return <span>Sign up to become a trialist.</span>
  const { segment, pace, score, next } = trialist
  return (
    <>
      <span>
        You are{' '}
        <b id="segment" data-segment={segment}>
          {inWords(segment)}
        </b>
      </span>
      <span>
        pace <b id="pace">{inWords(pace)}</b>, score <b id="score">{score}</b>
      </span>
      <span id="next-mail" data-kind={next?.kind ?? ''} title={next?.why}>
        next email{' '}
        <b>
          {next ? `${kindWords[next.kind] ?? next.kind}, ${next.at ? moment(next.at) : 'waiting'}` : 'none'}
        </b>
      </span>
    </>
  )
}
