import { LRUCache } from 'lru-cache'
import { secondMs } from '../../../shared/clock.ts'
import { type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { Command, PersonPatch } from '../../domain/trial/command.ts'
import { adoptedLimit, type Trial } from '../../domain/trial/model.ts'
import type { LoggedEvent, Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Memberships, MembershipWord } from '../trials/memberships.ts'
import { patchOf, type Traits } from './person-traits.ts'

/** A source that may say so names a user’s company, and perhaps what is known of it. */
export interface CompanyWord extends MembershipWord {
  readonly traits: Traits | null
}

/** Events of people whose company is known count in its trial, as theirs. */
export interface Companies {
  /** Whether companies have trials in this workspace. */
  isOn(workspaceId: WorkspaceId): boolean
  /** Before the events are stored, so that they count for the company at once. */
  join(words: readonly CompanyWord[]): Promise<void>
  /** Changes the events in place. */
  redirect(logged: LoggedEvent[]): Promise<void>
}

const actor = { kind: 'api', name: 'collect' } as const

/** Another process may move someone meanwhile; what still comes here until then stays where they were. */
const knownForMs = 10 * secondMs
const maxKnownChars = 4_000_000

interface Place {
  /** null: no company, the user’s own trial. */
  readonly into: TrialId | null
  readonly userId: string
  readonly until: number
}

export function createCompanies({
  storage,
  changes,
  playbooks,
  memberships,
  monotonicNow = () => performance.now(),
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
  memberships: Memberships
  monotonicNow?: () => number
}): Companies {
  const known = new LRUCache<TrialId, Place>({
    maxSize: maxKnownChars,
    sizeCalculation: ({ into, userId }, id) => id.length + userId.length + (into?.length ?? 0) + 16,
  })
  /** Words that have been carried out; most tokens repeat theirs with every request. */
  const heard = new LRUCache<string, true>({ max: 50_000 })

  memberships.onMoved((own) => void known.delete(own))

  const isOn = (workspaceId: WorkspaceId) => playbooks.current(workspaceId).playbook.trial.of === 'company'

  async function ownOf(id: TrialId): Promise<Trial | null> {
    let trial = await storage.trials.get(id)
    for (let step = 0; trial?.mergedInto && !trial.membership && step < adoptedLimit; step++) {
      const next = await storage.trials.get(trial.mergedInto)
      if (!next) return trial
      trial = next
    }
    return trial
  }

  async function placeOf(id: TrialId, userId: string): Promise<Place> {
    const entry = known.get(id)
    if (entry && entry.until > monotonicNow()) return entry
    const own = await ownOf(id)
    // What a crash has left of a move is finished by the first who comes.
    if (own?.membership?.pending) await memberships.finish(own)
    const into = own?.membership ? own.mergedInto : null
    const place = { into, userId: own?.userId ?? userId, until: monotonicNow() + knownForMs }
    known.set(id, place)
    return place
  }

  async function joinOne({ traits, ...word }: CompanyWord): Promise<void> {
    const { workspaceId, userId, companyId, at } = word
    const key = JSON.stringify([workspaceId, userId, companyId, at])
    if (heard.has(key) && traits === null) return
    const into = heard.has(key) ? null : await memberships.assign(word)
    heard.set(key, true)
    const patch = traits && companyPatchOf(traits)
    const company = into ?? (await placeOf(trialIdOfUser(workspaceId, userId), userId)).into
    if (!patch || !company?.endsWith(`:g:${companyId}`)) return
    const describe: Command = { type: 'describe', by: actor, onShorten: 'keep', patch, at }
    await changes.change(company, describe)
  }

  return {
    isOn,

    async join(words) {
      for (const word of words) if (isOn(word.workspaceId)) await joinOne(word)
    },

    async redirect(logged) {
      for (const [index, item] of logged.entries()) {
        const { workspaceId, trialId, event } = item
        if (!isOn(workspaceId)) return
        const prefix = trialIdOfUser(workspaceId, '')
        if (!trialId.startsWith(prefix)) continue
        const { into, userId } = await placeOf(trialId, trialId.slice(prefix.length))
        if (into) logged[index] = { ...item, trialId: into, event: { ...event, actor: userId } }
      }
    },
  }
}

/** Segment’s group traits: the name and plan are the company’s, an address there is no one’s. */
function companyPatchOf(traits: Traits): PersonPatch | null {
  const { email: _, groupId: __, company, locale: ___, ...rest } = traits
  const said = patchOf({ ...rest, company: company ?? traits.name })
  if (!said) return null
  const { name: ____, ...patch } = said
  return patch
}
