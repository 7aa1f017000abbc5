import { isoInstant } from '../../shared/clock.ts'
import type { Outcome } from '../domain/trial/command.ts'
import type { Trial } from '../domain/trial/model.ts'
import { ProblemError } from './problem.ts'

/** What came of a change: the trial as it is now, and whether the command was carried out. */
export interface TrialChange {
  readonly trial: Trial
  readonly outcome: Outcome
}

type Refused = Extract<Outcome, { ok: false }>

export const noTrialist = (): ProblemError =>
  new ProblemError('not-found', { detail: 'There is no such trialist.' })

/** @throws ProblemError when there is no such trialist. */
export function known(trial: Trial | null | undefined): Trial {
  if (!trial) throw noTrialist()
  return trial
}

/** @throws ProblemError when there is no such trialist, or the command was refused. */
export function done(change: TrialChange | null): Trial {
  const trial = known(change?.trial)
  if (change && !change.outcome.ok) throw refusalProblem(change.outcome, trial)
  return trial
}

/** What a refused command means to a caller of the API. */
export function refusalProblem({ reason, detail }: Refused, { clock, version }: Trial): ProblemError {
  const currentEnd = clock.endsAt === null ? null : isoInstant(clock.endsAt)
  switch (reason) {
    case 'conflict':
      return new ProblemError('conflict', { detail, currentEnd, version })
    case 'policy':
      return new ProblemError('policy-refused', { detail, currentEnd })
    case 'not_found':
      return new ProblemError('not-found', { detail })
    case 'invalid':
      return new ProblemError('invalid-request', { detail, errors: [{ pointer: '', detail }] })
    default:
      return new ProblemError('conflict', { detail, version })
  }
}
