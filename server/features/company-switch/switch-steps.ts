import { type TrialId, trialIdOfUser } from '../../../shared/trial.ts'
import { usageSince } from '../../domain/reducer/delist.ts'
import { companyNamedBy } from '../../domain/trial/company-of-person.ts'
import { memberOf } from '../../domain/trial/members.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { StoredSwitch } from '../../storage/documents/company-switch.ts'
import { moveDocuments } from '../../storage/move-documents.ts'
import type { Storage } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { JobStep } from '../jobs/job-service.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Memberships } from '../trials/memberships.ts'
import { bindsSince, eachCompany } from './not-back.ts'

interface Parts {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly memberships: Memberships
  readonly playbooks: PlaybookService
}

const kind = 'company-switch'
const pageSize = 50

/** Goes through all trials, page by page; done again after a crash, a page gives the same. */
const overTrials =
  (
    { storage, playbooks }: Pick<Parts, 'storage' | 'playbooks'>,
    work: (trial: Trial, since: number, trait: string) => Promise<void>,
    atEnd: (workspaceId: Trial['workspaceId'], since: number) => Promise<void>,
  ): JobStep =>
  async ({ workspaceId, cursor }, signal) => {
    await playbooks.newest(workspaceId)
    const stored = (await storage.documents.get(kind, workspaceId))?.body
    if (!stored) return { cursor, done: 0, finished: true }
    const page = await storage.trials.scan(workspaceId, cursor as TrialId | null, pageSize)
    let done = 0
    for (const trial of page) {
      if (signal.aborted) break
      if (trial.userId !== null) await work(trial, stored.at, stored.trait)
      done++
    }
    const finished = done === page.length && page.length < pageSize
    if (finished) {
      await atEnd(workspaceId, stored.at)
      await updateDocument(
        storage.documents,
        kind,
        workspaceId,
        (body): StoredSwitch | null =>
          body && { ...body, state: body.state === 'undoing' ? 'undone' : 'done' },
      )
    }
    return { cursor: done > 0 ? (page[done - 1]?.id ?? cursor) : cursor, done, finished }
  }

/** Everyone whose company is known joins it. */
export const switchStep = (parts: Parts): JobStep =>
  overTrials(
    parts,
    async (trial, at, trait) => {
      if (trial.membership?.pending) return parts.memberships.finish(trial)
      if (trial.mergedInto !== null || trial.userId === null) return
      const named = companyNamedBy(trial, trait)
      if (!named || 'why' in named) return
      const { workspaceId, userId } = trial
      await parts.memberships.assign({ workspaceId, userId, companyId: named.companyId, at })
    },
    async () => {},
  )

/** Each has a trial of their own again; companies that no one belongs to any more go. */
export const unswitchStep = (parts: Parts): JobStep =>
  overTrials(parts, giveBack(parts), async (workspaceId, since) => {
    const { trials } = parts.storage
    for await (const company of eachCompany(trials, workspaceId)) {
      if (bindsSince(company, since) !== null) continue
      const people = Object.keys(company.company?.members ?? {})
      const own = await Promise.all(people.map((userId) => trials.get(trialIdOfUser(workspaceId, userId))))
      if (own.every((trial) => trial?.mergedInto !== company.id)) await trials.erase(company.id)
    }
  })

const giveBack =
  ({ storage, changes, memberships, playbooks }: Parts) =>
  async (trial: Trial, since: number): Promise<void> => {
    const { userId, mergedInto } = trial
    if (!trial.membership || mergedInto === null || userId === null) return
    await memberships.finish(trial)
    const found = await storage.trials.get(mergedInto)
    if (!found || bindsSince(found, since) !== null) return
    // No email leaves to them as a company while they leave it.
    const company = (await changes.change(found.id, { type: 'silence' }))?.trial ?? found
    // What is said of the company as one goes to the first of its people who is met.
    const isFirst = Object.keys(company.company?.members ?? {})[0] === userId
    const back = await changes.change(trial.id, [{ type: 'delist', from: company }, { type: 'advance' }])
    if (isFirst) await moveDocuments(storage.documents, company.id, trial.id)
    const after = await storage.trials.get(company.id)
    const [had, has] = [company, after].map((each) => each?.company && memberOf(each.company, userId))
    // Events that another process has counted there in this very moment.
    if (!back || !had || !has || has.usage.total <= had.usage.total) return
    const usage = usageSince(has.usage, had.usage, playbooks.current(trial.workspaceId))
    const anonymousId = `${company.id}@${has.usage.total}`
    await changes.change(trial.id, { type: 'absorb', anonymousId, usage, ofUser: true })
  }
