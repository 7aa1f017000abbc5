import type { TrialId } from '../../../shared/trial.ts'
import { trialIdOfAnonymous } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/model.ts'
import type { EventLog, Storage, Versioned } from '../../storage/port.ts'

/** What an export shows and an erasure removes beside the trial itself. */
export interface TrialTraces {
  readonly events: Awaited<ReturnType<EventLog['ofSubject']>>
  readonly mails: readonly unknown[]
  readonly signals: readonly unknown[]
}

const subjectsOf = (trial: Trial): string[] => [
  ...(trial.userId === null ? [] : [`u:${trial.userId}`]),
  ...(trial.anonymousId === null ? [] : [`a:${trial.anonymousId}`]),
  ...trial.absorbed.map((anonymousId) => `a:${anonymousId}`),
]

const tokensOf = (trial: Trial): string[] =>
  trial.outbox.flatMap((message) => (message.token === null ? [] : [message.token]))

const signalsOf = (storage: Storage, token: string): Promise<Versioned<unknown>[]> =>
  storage.documents.list('signal', { prefix: `${token}/`, limit: 1000 })

/** Most events an export holds. */
const maxEvents = 100_000

export async function collectTraces(storage: Storage, trial: Trial): Promise<TrialTraces> {
  const events = await Promise.all(
    subjectsOf(trial).map((subject) => storage.events.ofSubject(trial.workspaceId, subject, maxEvents)),
  )
  const tokens = tokensOf(trial)
  const mails = await Promise.all(tokens.map((token) => storage.documents.get('mail', token)))
  const signals = await Promise.all(tokens.map((token) => signalsOf(storage, token)))
  return {
    events: events.flat(),
    mails: mails.flatMap((mail) => (mail ? [mail.body] : [])),
    signals: signals.flat().map((signal) => signal.body),
  }
}

/**
 * Removes a trialist from everywhere: trial first, so that no mail can leave any more, then what it left behind.
 * Repeatable: a second call finishes what a crash left.
 */
export async function eraseTraces(
  storage: Storage,
  trial: Trial,
): Promise<{ events: number; mails: number }> {
  await storage.trials.erase(trial.id)
  let mails = 0
  for (const token of tokensOf(trial)) {
    for (let page = await signalsOf(storage, token); page.length > 0; page = await signalsOf(storage, token))
      for (const signal of page) await storage.documents.delete('signal', signal.id)
    if (await storage.documents.delete('mail', token)) mails++
  }
  let events = 0
  for (const subject of subjectsOf(trial))
    events += await storage.events.eraseSubject(trial.workspaceId, subject)
  for (const anonymousId of anonymousOf(trial)) await storage.trials.erase(anonymousId)
  return { events, mails }
}

const anonymousOf = (trial: Trial): TrialId[] =>
  trial.absorbed.map((anonymousId) => trialIdOfAnonymous(trial.workspaceId, anonymousId))
