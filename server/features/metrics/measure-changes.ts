import type { TrialId } from '../../../shared/trial.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Measures } from './measures.ts'

/** Trials whose month is remembered; one that was forgotten costs a needless look, nothing else. */
const maxRemembered = 50_000

const isMeasuredAnew = (trial: Trial, before: Trial): boolean =>
  trial.decisions !== before.decisions ||
  trial.contact.suppressed !== before.contact.suppressed ||
  trial.clock.convertedAt !== before.clock.convertedAt ||
  trial.clock.status !== before.clock.status ||
  trial.person.email !== before.person.email ||
  trial.person.locale !== before.person.locale ||
  trial.person.consent.mail !== before.person.consent.mail ||
  trial.standing.activatedAt !== before.standing.activatedAt ||
  trial.survey !== before.survey ||
  trial.company !== before.company

/** Marks trials whose saved change can move a figure: few of the many saves that events cause. */
export function watchChanges(measures: Pick<Measures, 'mark'>): (trial: Trial, before: Trial | null) => void {
  const months = new Map<TrialId, string>()
  return (trial, before) => {
    // Taken over by another trial just now: what it added to the metrics is taken off again.
    if (trial.clock.status === 'anonymous' && (before === null || before.clock.status === 'anonymous')) return
    if (before) {
      if (trial.version <= 1 || isMeasuredAnew(trial, before)) measures.mark(trial.id)
      return
    }
    // Event folding does not tell what was before: a first event of a month, and milestones reached, are noticed here.
    const { lastSeenAt } = trial.usage
    const seen = `${lastSeenAt === null ? '' : utcDay(lastSeenAt).slice(0, 7)} ${Object.keys(trial.standing.reachedAt).length} ${trial.standing.activatedAt}`
    if (months.get(trial.id) === seen) return
    months.delete(trial.id)
    months.set(trial.id, seen)
    if (months.size > maxRemembered) months.delete(months.keys().next().value as TrialId)
    measures.mark(trial.id)
  }
}
