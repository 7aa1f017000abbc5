import type { MessageKind, Segment } from './trial.ts'

/** What segments and kinds of email are called on every screen, in the dashboard as in the companion. */

export const segmentLabels: Record<Segment, string> = {
  activated: 'Activated',
  exploring: 'Exploring',
  unaware: 'Unaware',
  opportunist: 'Opportunist',
  unqualified: 'Unqualified',
}

export const kindLabels: Record<MessageKind, string> = {
  welcome: 'Welcome',
  onboarding_step: 'Next step',
  upgrade_now: 'Upgrade now',
  expiring_activated: 'Trial ends: upgrade',
  expiring_passive: 'Trial ends: extension offer',
  ended_survey: 'Survey after the trial',
  survey_follow_up: 'Survey follow-up',
  extension_granted: 'Extension granted',
  trial_ended: 'Trial ended',
  custom: 'Own email',
}
