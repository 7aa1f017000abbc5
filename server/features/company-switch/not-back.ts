import { type TrialId, trialIdOfCompany, type WorkspaceId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { TrialStore } from '../../storage/port.ts'

const page = 100

/** All companies of a workspace; their ids begin alike, and lie together. */
export async function* eachCompany(
  trials: Pick<TrialStore, 'scan'>,
  workspaceId: WorkspaceId,
): AsyncGenerator<Trial, void> {
  const prefix = trialIdOfCompany(workspaceId, '')
  for (let after: TrialId = prefix; ; ) {
    const found = await trials.scan(workspaceId, after, page)
    for (const trial of found) {
      if (!trial.id.startsWith(prefix)) return
      yield trial
      after = trial.id
    }
    if (found.length < page) return
  }
}

/** What the company’s people have been told, or been given, as a company: splitting it would take that back. */
export function bindsSince({ outbox, clock }: Trial, since: number): string | null {
  if (outbox.some(({ to, dotAt, sentAt }) => to !== undefined && Math.max(dotAt ?? 0, sentAt ?? 0) >= since))
    return 'has been sent an email'
  if (clock.extensions.some(({ at, undoneAt }) => at >= since && undoneAt === null)) return 'was extended'
  return clock.convertedAt !== null && clock.convertedAt >= since ? 'has become a customer' : null
}

/** @returns null while a switch can be taken back. */
export async function whyNotBack(
  trials: Pick<TrialStore, 'scan'>,
  workspaceId: WorkspaceId,
  since: number,
): Promise<string | null> {
  for await (const trial of eachCompany(trials, workspaceId)) {
    const why = bindsSince(trial, since)
    if (why !== null) return `${trial.person.company ?? trial.company?.id ?? 'A company'} ${why} since.`
  }
  return null
}
