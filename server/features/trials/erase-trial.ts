import type { ExportedList } from '../../../shared/api/trialists.ts'
import { type TrialId, trialIdOfAnonymous, trialIdOfUser } from '../../../shared/trial.ts'
import { memberOf } from '../../domain/trial/members.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Traced } from '../../storage/documents/definition.ts'
import { erasePerson, exportPerson } from '../../storage/person-documents.ts'
import type { EventLog, Storage } from '../../storage/port.ts'
import { subjectsOfUser, subjectsOfVisitor } from '../../storage/subjects.ts'
import type { Suppressions } from '../suppressions/suppression-list.ts'
import type { TrialChanges } from './change-trial.ts'
import { ofUser } from './follow-former.ts'

type Events = Awaited<ReturnType<EventLog['ofSubject']>>

const subjectsOf = (records: readonly Trial[]): string[] => [
  ...new Set(
    records.flatMap(({ userId, anonymousId, absorbed, adopted = [] }) => [
      ...(userId === null ? [] : subjectsOfUser(userId)),
      ...(anonymousId === null ? [] : subjectsOfVisitor(anonymousId)),
      ...absorbed.flatMap(subjectsOfVisitor),
      ...adopted.flatMap(subjectsOfUser),
    ]),
  ),
]

/** The trials of the ids that this person had before. */
const formerIdsOf = ({ workspaceId, adopted = [] }: Trial): TrialId[] =>
  adopted.map((userId) => trialIdOfUser(workspaceId, userId))

/** Theirs, and those of the ids they had before, as far as these are still there; the present one last. */
async function recordsOf(storage: Storage, trial: Trial): Promise<Trial[]> {
  const former = await Promise.all(formerIdsOf(trial).map((id) => storage.trials.get(id)))
  return [...former.filter((found) => found !== null), trial]
}

/** Of an address that the person has no more, the emails that went to it are all that tells. */
async function addressesOf(
  storage: Storage,
  records: readonly Trial[],
  tokens: readonly string[],
): Promise<string[]> {
  const found = new Set<string>(records.flatMap(({ person }) => person.email ?? []))
  for (const token of tokens) {
    const to = (await storage.documents.get('mail', token))?.body.to
    if (to !== undefined) found.add(to)
  }
  return [...found]
}

const tokensOf = (records: readonly Trial[]): string[] =>
  records.flatMap(({ outbox, formerTokens = [] }) => [
    ...outbox.flatMap((message) => (message.token === null ? [] : [message.token])),
    ...formerTokens,
  ])

/** @param records see {@link recordsOf} */
const tracedOf = async (storage: Storage, trial: Trial, records: readonly Trial[]): Promise<Traced> => ({
  workspaceId: trial.workspaceId,
  trialIds: [
    ...formerIdsOf(trial),
    ...records.flatMap(({ absorbed }) =>
      absorbed.map((anonymousId) => trialIdOfAnonymous(trial.workspaceId, anonymousId)),
    ),
    trial.id,
  ],
  tokens: tokensOf(records),
  userIds: [...new Set(records.flatMap(({ userId, adopted = [] }) => [userId ?? [], adopted].flat()))],
  emails: await addressesOf(storage, records, tokensOf(records)),
})

/** What is stored of a member of a company: their own document, with what the company’s trial has of them. */
export const asMemberRecord = (own: Trial, seen: Trial): Trial => {
  const { company, recipient } = seen
  const member = company && recipient ? memberOf(company, recipient.userId) : null
  if (!member) return own
  const adopted = [...new Set([...(own.adopted ?? []), ...(member.adopted ?? [])])]
  return {
    ...own,
    person: member.person,
    contact: member.contact ?? own.contact,
    survey: seen.survey,
    nudges: seen.nudges,
    outbox: [...own.outbox, ...seen.outbox],
    adopted,
  }
}

export interface ErasureParts {
  readonly storage: Storage
  /** Resolves when what was noted about trials for the metrics is stored, and can be erased. */
  readonly marksStored: () => Promise<void>
}

/** Removes a member everywhere; their company stays, with what they did and nothing that says who it was. */
export type EraseMember = (own: Trial) => Promise<{ events: number; mails: number }>

export const createEraseMember =
  ({
    changes,
    suppressions,
    ...parts
  }: ErasureParts & { changes: TrialChanges; suppressions: Suppressions }): EraseMember =>
  async (own) => {
    const { storage } = parts
    const { mergedInto, userId } = own
    const company = mergedInto && (await storage.trials.get(mergedInto))
    const record = company && userId !== null ? asMemberRecord(own, ofUser(company, userId)) : own
    const { suppressed } = record.contact
    if (suppressed && record.person.email && !(await isErasureBegun(storage, own)))
      await suppressions.add(own.workspaceId, record.person.email, suppressed)
    await beginErasure(storage, own)
    // No email leaves to them in between.
    await changes.change(own.id, { type: 'suppress', reason: 'manual' })
    return eraseTraces(parts, record, async () => {
      if (mergedInto && userId !== null)
        await changes.change(mergedInto, { type: 'forgetMember', userId, erased: true })
    })
  }

/** Most events an export holds. */
const maxEvents = 100_000

/** What an export shows beside the trial itself; which documents those are, and under which name, says the registry. */
export async function collectTraces(
  storage: Storage,
  trial: Trial,
): Promise<{ events: Events; documents: Record<ExportedList, readonly unknown[]> }> {
  const records = await recordsOf(storage, trial)
  const events = await Promise.all(
    subjectsOf(records).map((subject) => storage.events.ofSubject(trial.workspaceId, subject, maxEvents)),
  )
  return {
    events: events.flat(),
    documents: await exportPerson(storage.documents, await tracedOf(storage, trial, records)),
  }
}

/** Marked before anything goes, so that a repeated erasure knows that it is one. */
export const beginErasure = (storage: Storage, trial: Trial): Promise<unknown> =>
  storage.documents.put('erasure', trial.id, {})
export const isErasureBegun = async (storage: Storage, trial: Trial): Promise<boolean> =>
  (await storage.documents.get('erasure', trial.id)) !== null

/**
 * Removes a trialist from everywhere: what they left behind first, the trial last, so that a second call finds what a
 * crash left. The trial has to be suppressed before, so that no email leaves in between.
 */
export async function eraseTraces(
  { storage, marksStored }: ErasureParts,
  trial: Trial,
  beforeLast: () => Promise<unknown> = async () => {},
): Promise<{ events: number; mails: number }> {
  const records = await recordsOf(storage, trial)
  const who = await tracedOf(storage, trial, records)
  const deleted = await erasePerson(storage.documents, who)
  let events = 0
  for (const subject of subjectsOf(records))
    events += await storage.events.eraseSubject(trial.workspaceId, subject)
  await beforeLast()
  // The present one last, see tracedOf: the others are found through it.
  for (const trialId of who.trialIds) await storage.trials.erase(trialId)
  await marksStored()
  await erasePerson(storage.documents, who, 'mark')
  await storage.scrub()
  return { events, mails: deleted.mail ?? 0 }
}
