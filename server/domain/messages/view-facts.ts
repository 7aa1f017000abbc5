import { dayMs } from '../../../shared/clock.ts'
import type { ConditionFacts } from '../../../shared/condition.ts'
import type { MailView } from '../../../shared/mail-view.ts'

const segmentOfKind: Partial<Record<MailView['kind'], ConditionFacts['segment']>> = {
  welcome: 'unaware',
  upgrade_now: 'activated',
  expiring_activated: 'activated',
}

/** What conditions may ask about a person of whom only the facts of an email are known: a sample. */
export function viewConditionFacts(view: MailView): ConditionFacts {
  const { milestones, trial, values, answer, kind, now } = view
  const reached = new Set(milestones.reached)
  const left = trial.endsAt === undefined || trial.ended ? null : (trial.endsAt - now) / dayMs
  return {
    segment: segmentOfKind[kind] ?? 'exploring',
    pace: reached.size > 0 ? 'on_pace' : 'not_started',
    status: trial.ended ? 'ended' : 'trialing',
    score: reached.size > 0 ? 60 : 10,
    reachedMilestones: reached,
    eventCount: () => 0,
    trait: (path) => (path === 'company' ? view.person.company : undefined),
    value: (name) => values.find(({ id }) => id === name)?.n ?? null,
    surveyAnswer: answer?.id ?? null,
    daysLeft: left !== null && left > 0 ? left : null,
  }
}
