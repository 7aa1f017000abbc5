import type { PartId } from '../../../shared/sentence/parts.ts'

/** What each part of the playbook is called, and what its rules are for. */
export const sectionTitles: Readonly<Record<PartId, { title: string; one: string; about: string }>> = {
  messages: {
    title: 'Emails',
    one: 'email',
    about: 'Which email goes to whom, and when. Dates follow the current end of each trial.',
  },
  nudges: { title: 'Nudges', one: 'nudge', about: 'What people see inside your product.' },
  milestones: { title: 'Milestones', one: 'milestone', about: 'What people do on the way to value.' },
  activation: { title: 'Activation', one: '', about: 'When someone has experienced the value.' },
  fit: {
    title: 'Fit',
    one: 'fit rule',
    about: 'Whom you do not pitch to. The first rule that matches decides; no match means a good fit.',
  },
  pace: { title: 'Pace', one: '', about: 'How fast people move, compared with those who bought.' },
  scoring: { title: 'Score', one: '', about: 'How the activation score from 0 to 100 is made.' },
  trial: { title: 'Trial', one: '', about: 'How long a trial is.' },
  extensions: { title: 'Extensions', one: '', about: 'How far a trial can be extended.' },
  window: { title: 'Usual hours', one: '', about: 'In the time zone of each recipient.' },
  caps: { title: 'Caps', one: '', about: 'How much is too much.' },
  pauses: { title: 'Pauses', one: '', about: 'When a person is already in a conversation.' },
  comeback: { title: 'Coming back', one: '', about: 'Value that is reached after the end.' },
  holdout: { title: 'Holdout', one: '', about: 'A share that stays untreated, to compare with.' },
  survey: { title: 'Survey', one: '', about: 'The one question after a trial.' },
}
