import { dayMs } from '../../../shared/clock.ts'
import { hindrance } from '../messages/departure.ts'
import { planMessages } from '../messages/plan.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { advanceTrial } from './refresh.ts'

/** What the due loop would do with a trial, asked before anything is stored. */
export interface Leaving {
  /** Emails that it would take up at once. */
  readonly now: readonly OutboxMessage[]
  /** Whether one more would follow within a day. */
  readonly within: boolean
}

export function leavingEmails(trial: Trial, playbook: CompiledPlaybook, now: number): Leaving {
  const advanced = advanceTrial(trial, playbook, now)
  const { upcoming } = planMessages(advanced, playbook, now)
  return {
    now: advanced.outbox.filter(
      (message) =>
        message.state === 'due' &&
        message.nextAttemptAt <= now &&
        hindrance(message, advanced, playbook, now) === null,
    ),
    within: upcoming.some(({ at }) => at > now && at <= now + dayMs),
  }
}
