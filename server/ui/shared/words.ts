import type { Pace, RecipientRole, Segment, TrialStatus } from '../../../shared/trial.ts'

/** What the glossary’s words look like on the screen. */

export const segmentMeanings: Record<Segment, string> = {
  activated: 'Has experienced the value: gets the upgrade pitch.',
  exploring: 'Active but not activated yet: hears about the next step.',
  unaware: 'Good fit but has not started: gets help with the first step.',
  opportunist: 'Just trying free things: gets no pitch and no rep time.',
  unqualified: 'Does not fit the product: gets no pitch and no discount.',
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

/** As what someone of a company gets an email. */
export const recipientWords: Record<RecipientRole, string> = {
  actor: 'triggered it',
  champion: 'champion',
  buyer: 'buyer',
  everyone: 'everyone',
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const sentence = (text: string): string => `${capitalised(text)}${/[.!?]$/.test(text) ? '' : '.'}`
export const outcomeWord = (outcome: string): string => capitalised(outcome.replaceAll('_', ' '))
