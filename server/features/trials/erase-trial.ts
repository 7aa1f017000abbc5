import { type TrialId, trialIdOfAnonymous, trialIdOfUser } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { EventLog, Storage, Versioned } from '../../storage/port.ts'
import { subjectsOfUser, subjectsOfVisitor } from '../../storage/subjects.ts'
import { forgetPayer } from '../metrics/money.ts'

/** What an export shows and an erasure removes beside the trial itself. */
export interface TrialTraces {
  readonly events: Awaited<ReturnType<EventLog['ofSubject']>>
  readonly mails: readonly unknown[]
  readonly signals: readonly unknown[]
  /** What colleagues wrote: notes, labels of replies, the owner. */
  readonly notes: readonly unknown[]
}

const subjectsOf = (trial: Trial): string[] => [
  ...(trial.userId === null ? [] : subjectsOfUser(trial.userId)),
  ...(trial.anonymousId === null ? [] : subjectsOfVisitor(trial.anonymousId)),
  ...trial.absorbed.flatMap(subjectsOfVisitor),
  ...(trial.adopted ?? []).flatMap(subjectsOfUser),
]

/** The trials of the ids that this person had before. */
export const formerIdsOf = ({ workspaceId, adopted = [] }: Trial): TrialId[] =>
  adopted.map((userId) => trialIdOfUser(workspaceId, userId))

const tokensOf = (trial: Trial): string[] =>
  trial.outbox.flatMap((message) => (message.token === null ? [] : [message.token]))

const signalsOf = (storage: Storage, token: string): Promise<Versioned<unknown>[]> =>
  storage.documents.list('signal', { prefix: `${token}/`, limit: 1000 })

/** Most events an export holds. */
const maxEvents = 100_000
const maxNotes = 10_000
const noteKinds = ['note', 'reply-label', 'payment'] as const

export async function collectTraces(storage: Storage, trial: Trial): Promise<TrialTraces> {
  const events = await Promise.all(
    subjectsOf(trial).map((subject) => storage.events.ofSubject(trial.workspaceId, subject, maxEvents)),
  )
  const tokens = tokensOf(trial)
  const mails = await Promise.all(tokens.map((token) => storage.documents.get('mail', token)))
  const signals = await Promise.all(tokens.map((token) => signalsOf(storage, token)))
  const owner = await storage.documents.get('owner', trial.id)
  const notes = await Promise.all(
    [trial.id, ...formerIdsOf(trial)].flatMap((id) =>
      noteKinds.map((kind) => storage.documents.list(kind, { prefix: attachedTo(id), limit: maxNotes })),
    ),
  )
  return {
    events: events.flat(),
    mails: mails.flatMap((mail) => (mail ? [mail.body] : [])),
    signals: signals.flat().map((signal) => signal.body),
    notes: [...(owner ? [owner.body] : []), ...notes.flat().map((note) => note.body)],
  }
}

/** Marked before anything goes, so that a repeated erasure knows that it is one. */
export const beginErasure = (storage: Storage, trial: Trial): Promise<unknown> =>
  storage.documents.put('erasure', trial.id, {})
export const isErasureBegun = async (storage: Storage, trial: Trial): Promise<boolean> =>
  (await storage.documents.get('erasure', trial.id)) !== null

/**
 * Removes a trialist from everywhere: what they left behind first, the trial last, so that a second call finds what a
 * crash left. The trial has to be suppressed before, so that no mail leaves in between.
 */
export async function eraseTraces(
  storage: Storage,
  trial: Trial,
): Promise<{ events: number; mails: number }> {
  const removed = { events: 0, mails: 0 }
  for (const id of formerIdsOf(trial)) {
    const former = await storage.trials.get(id)
    if (former) add(removed, await eraseOne(storage, former))
  }
  add(removed, await eraseOne(storage, trial))
  await storage.documents.delete('erasure', trial.id)
  await storage.scrub()
  return removed
}

function add(sum: { events: number; mails: number }, more: { events: number; mails: number }): void {
  sum.events += more.events
  sum.mails += more.mails
}

async function eraseOne(storage: Storage, trial: Trial): Promise<{ events: number; mails: number }> {
  let mails = 0
  for (const token of tokensOf(trial)) {
    await deleteAll(storage, 'signal', `${token}/`)
    if (await storage.documents.delete('mail', token)) mails++
  }
  await forgetPayer(storage.documents, trial)
  for (const kind of noteKinds) await deleteAll(storage, kind, attachedTo(trial.id))
  await storage.documents.delete('owner', trial.id)
  await eraseBilling(storage, trial.id)
  let events = 0
  for (const subject of subjectsOf(trial))
    events += await storage.events.eraseSubject(trial.workspaceId, subject)
  for (const anonymousId of anonymousOf(trial)) await storage.trials.erase(anonymousId)
  await storage.trials.erase(trial.id)
  await forgetMarks(storage, trial.id)
  return { events, mails }
}

async function deleteAll({ documents }: Storage, kind: string, prefix: string): Promise<void> {
  for (let page = await documents.list(kind, { prefix, limit: 1000 }); page.length > 0; ) {
    for (const { id } of page) await documents.delete(kind, id)
    page = await documents.list(kind, { prefix, limit: 1000 })
  }
}

/** “Measure this one again” names the trial; there is nothing left to measure. */
async function forgetMarks({ documents }: Storage, trialId: TrialId): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await documents.list<{ trialId: TrialId }>('measure-mark', {
      limit: 1000,
      ...(after !== undefined && { after }),
    })
    for (const { id, body } of page) {
      after = id
      if (body.trialId === trialId) await documents.delete('measure-mark', id)
    }
    if (page.length < 1000) return
  }
}

/** Which subscription was theirs, and what the billing system was told of it. */
async function eraseBilling(storage: Storage, id: TrialId): Promise<void> {
  const link = await storage.documents.get<{ candidates?: readonly { key: string }[] }>('billing-link', id)
  for (const { key } of link?.body.candidates ?? []) await storage.documents.delete('billing-ref', key)
  await storage.documents.delete('billing-link', id)
  await deleteAll(storage, 'billing-outbox', attachedTo(id))
  await deleteAll(storage, 'callback-delivery', attachedTo(id))
}

const anonymousOf = (trial: Trial): TrialId[] =>
  trial.absorbed.map((anonymousId) => trialIdOfAnonymous(trial.workspaceId, anonymousId))
