import { type TrialId, trialIdOfUser } from '../../shared/trial.ts'
import type { MailFacts } from '../domain/metrics/forgetting.ts'
import { memberOf } from '../domain/trial/members.ts'
import type { Trial } from '../domain/trial/model.ts'
import { asRecipient } from '../domain/trial/recipient.ts'
import type { TrialStore } from './port.ts'

/** Whose an email is: the trial as they see it, and where to say what they do. */
export interface MailOwner {
  readonly trial: Trial
  /** Of a member of a company it is their own id, which leads to where they belong by now. */
  readonly door: TrialId
}

const asMember = (company: Trial, userId: string): Trial => ({ ...asRecipient(company, userId), userId })

/** The trial of a user id: their own, or their company’s as they see it. @throws StorageUnavailable */
export async function trialOfUser(trials: Pick<TrialStore, 'get'>, id: TrialId): Promise<Trial | null> {
  const own = await trials.get(id)
  if (!own?.membership || own.mergedInto === null || own.userId === null) return own
  const company = await trials.get(own.mergedInto)
  return company && asMember(company, own.userId)
}

/** @returns null when there is no such person any more. @throws StorageUnavailable */
export async function ownerOfMail(
  trials: Pick<TrialStore, 'get'>,
  { trialId, key }: Pick<MailFacts, 'trialId' | 'key'>,
): Promise<MailOwner | null> {
  const trial = await trials.get(trialId)
  if (!trial) return null
  if (trial.membership && trial.mergedInto !== null && trial.userId !== null) {
    const company = await trials.get(trial.mergedInto)
    return company && { trial: asMember(company, trial.userId), door: trialId }
  }
  if (!trial.company) return { trial, door: trialId }
  const to = trial.outbox.find((message) => message.key === key)?.to
  if (to === undefined || !memberOf(trial.company, to)) return null
  return { trial: asMember(trial, to), door: trialIdOfUser(trial.workspaceId, to) }
}
