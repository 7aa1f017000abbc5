import type { CollectAnswer } from '../../../shared/collect.ts'
import { decideNudges, localRules, trialSnapshot } from '../../domain/nudges/plan.ts'
import { withClaims } from '../../domain/trial/claims.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { asRecipient } from '../../domain/trial/recipient.ts'
import type { IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Admission } from './admit-events.ts'
import type { CollectBody } from './parse-body.ts'

type Decisions = Pick<CollectAnswer, 'trial' | 'nudges' | 'rules' | 'prefetch'>

/**
 * What the browser may know and show now, on the way back of its own events. Only when they are all of one person:
 * an answer must not tell one user of a shared device about another. Of a named user nothing is said to who does not
 * prove to be them; a trusting workspace shows its nudges, without a number of theirs.
 */
export async function decideAnswer({
  body,
  admission,
  result,
  storage,
  playbooks,
  provenUsers,
  isTrusting,
  now,
}: {
  body: CollectBody
  admission: Admission
  result: IngestResult
  storage: Storage
  playbooks: Playbooks
  /** Users of the valid tokens that came along. */
  provenUsers: ReadonlySet<string | undefined>
  isTrusting: boolean
  now: number
}): Promise<Decisions> {
  const { logged, page } = admission
  const trialId = onlyTrialOf(logged)
  if (!trialId) return {}
  const found = result.trials.get(trialId) ?? (await storage.trials.get(trialId))
  const stored = found && asSeenBy(found, logged)
  if (!stored) return {}
  const playbook = playbooks.current(stored.workspaceId)
  const isOwn = stored.userId === null || provenUsers.has(stored.userId)
  if (!isOwn && (!isTrusting || body.wants === 'trial')) return {}
  const fresh = logged.filter((_, index) => !result.duplicates.has(index)).map(({ event }) => event)
  if (!isOwn) {
    const moment = { causes: fresh, locale: body.locale, page, isStranger: true }
    const nudges = decideNudges(withClaims(stored, playbook), playbook, moment, now)
    return { nudges, prefetch: nudges.length > 0 }
  }
  const trial = withClaims(stored, playbook)
  const snapshot = { trial: trialSnapshot(trial, playbook, now) }
  if (body.wants === 'trial') return snapshot
  const locale = trial.person.locale ?? body.locale
  const nudges = decideNudges(trial, playbook, { causes: fresh, locale, page }, now)
  const rules = localRules(playbook, trial)
  return {
    ...snapshot,
    nudges,
    ...(rules.etag !== body.rulesEtag && { rules }),
    prefetch: nudges.length > 0 || rules.rules.length > 0,
  }
}

/** Of a company, as the one member sees it who sent all of this; null where that is not one of them. */
function asSeenBy(trial: Trial, logged: readonly LoggedEvent[]): Trial | null {
  if (!trial.company) return trial
  const userId = logged[0]?.event.actor
  if (userId === undefined || !logged.every(({ event }) => event.actor === userId)) return null
  return { ...asRecipient(trial, userId), userId }
}

function onlyTrialOf(logged: readonly LoggedEvent[]) {
  const first = logged[0]
  return first && logged.every(({ trialId }) => trialId === first.trialId) ? first.trialId : null
}
