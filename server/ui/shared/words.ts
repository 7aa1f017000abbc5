import type { MessageKind, Pace, Segment, TrialStatus } from '../../../shared/trial.ts'

/** What the glossary’s words look like on the screen. */

export const segmentWords: Record<Segment, { label: string; meaning: string }> = {
  activated: { label: 'Activated', meaning: 'Has experienced the value: gets the upgrade pitch.' },
  exploring: { label: 'Exploring', meaning: 'Active but not activated yet: hears about the next step.' },
  unaware: { label: 'Unaware', meaning: 'Good fit but has not started: gets help with the first step.' },
  opportunist: { label: 'Opportunist', meaning: 'Just trying free things: gets no pitch and no rep time.' },
  unqualified: { label: 'Unqualified', meaning: 'Does not fit the product: gets no pitch and no discount.' },
}

export const paceWords: Record<Pace, string> = {
  ahead: 'Ahead',
  on_pace: 'On pace',
  slow: 'Slow',
  stalled: 'Stalled',
  not_started: 'Not started',
}

export const statusWords: Record<TrialStatus, string> = {
  anonymous: 'Anonymous',
  trialing: 'In trial',
  ended: 'Ended',
  converted: 'Customer',
}

export const kindWords: Record<MessageKind, string> = {
  welcome: 'Welcome',
  onboarding_step: 'Next step',
  upgrade_now: 'Upgrade now',
  expiring_activated: 'Trial ends: upgrade',
  expiring_passive: 'Trial ends: extension offer',
  ended_survey: 'Survey after the trial',
  survey_follow_up: 'Survey follow-up',
  extension_granted: 'Extension granted',
  trial_ended: 'Trial ended',
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const sentence = (text: string): string => `${capitalised(text)}${/[.!?]$/.test(text) ? '' : '.'}`
export const outcomeWord = (outcome: string): string => capitalised(outcome.replaceAll('_', ' '))
