import { LRUCache } from 'lru-cache'
import { secondMs } from '../../../shared/clock.ts'
import { type TrialId, trialIdOfAnonymous, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { inGroups } from '../../storage/in-groups.ts'
import type { IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import { visitorOf } from '../../storage/subjects.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { personOf, usageOf } from './fold-events.ts'

/** An anonymous visitor and the user they turned out to be. */
export interface Link {
  readonly workspaceId: WorkspaceId
  readonly anonymousId: string
  readonly userId: string
  /**
   * Whether a visitor we have never seen is remembered too: by an alias, and by a browser. Some libraries of servers
   * invent a new visitor with every message.
   */
  readonly mayCreate: boolean
  /** Only an unsigned event says so: the first proof to the contrary holds. */
  readonly claimed: boolean
}

/**
 * Who anonymous visitors turned out to be. The truth is the visitor’s own trial: `merge` freezes it and names its
 * person in one save, so nothing can be half linked, and the first person wins. `absorb` then counts the frozen usage
 * for the person, once, however often it is repeated.
 */
export interface Visitors {
  /** @returns for each visitor’s own trial that of their person; null for one who is no one yet. */
  find(visitors: readonly TrialId[]): Promise<ReadonlyMap<TrialId, LinkedTo | null>>
  /** Whether this process has seen the link through to its end. */
  isSettled(link: Link): boolean
  /** Before the events are stored, so that the visitor’s later ones go to the person. */
  freeze(link: Link): Promise<void>
  /** After the events are stored, and before they are acknowledged. */
  settle(link: Link): Promise<void>
  /** Counts events for the person that reached the visitor’s trial after it was frozen. */
  recoverLate(logged: readonly LoggedEvent[], result: IngestResult): Promise<void>
}

/** The person a visitor turned out to be. */
interface LinkedTo {
  readonly trialId: TrialId
  readonly claimed: boolean
}

interface Known {
  readonly person: LinkedTo | null
  readonly settled: boolean
  /** Someone else may link a visitor whom we know as no one. */
  readonly until: number
}

const linkedTo = ({ mergedInto, mergedByClaim }: Trial): LinkedTo | null =>
  mergedInto && { trialId: mergedInto, claimed: mergedByClaim === true }

/** Read in a millisecond or two. */
const readAtOnce = 50
const nobodyForMs = 10 * secondMs
/** Devices of one person that are remembered before they have done anything. */
const unseenPerPerson = 50
/** About 50,000 of the usual ids; strangers choose how long theirs are. */
const maxKnownChars = 5_000_000

export function createVisitors({
  storage,
  changes,
  playbooks,
  monotonicNow = () => performance.now(),
}: {
  storage: Storage
  changes: TrialChanges
  playbooks: Playbooks
  monotonicNow?: () => number
}): Visitors {
  const known = new LRUCache<TrialId, Known>({
    maxSize: maxKnownChars,
    sizeCalculation: ({ person }, visitor) => visitor.length + (person?.trialId.length ?? 0),
  })

  const remember = (visitor: TrialId, person: LinkedTo | null, settled: boolean) => {
    const mayChange = person === null || person.claimed
    known.set(visitor, {
      person,
      settled,
      until: mayChange ? monotonicNow() + nobodyForMs : Number.POSITIVE_INFINITY,
    })
  }

  /** @returns undefined when the database has to be asked. */
  const peek = (visitor: TrialId): LinkedTo | null | undefined => {
    const entry = known.get(visitor)
    return entry && entry.until > monotonicNow() ? entry.person : undefined
  }

  const hasRoom = async (person: TrialId): Promise<boolean> =>
    ((await storage.trials.get(person))?.absorbed.length ?? 0) < unseenPerPerson

  const absorb = async (
    { trialId, claimed }: LinkedTo,
    workspaceId: WorkspaceId,
    anonymousId: string,
    usage: Trial['usage'],
  ) => {
    const { userId } = personOf(trialId, workspaceId)
    await changes.change(
      trialId,
      { type: 'absorb', anonymousId, usage, ...(claimed && { claimed }) },
      { create: { workspaceId, userId, anonymousId: null } },
    )
  }

  return {
    async find(visitors) {
      const people = new Map<TrialId, LinkedTo | null>()
      const unknown = new Set<TrialId>()
      for (const visitor of visitors) {
        const person = peek(visitor)
        if (person === undefined) unknown.add(visitor)
        else people.set(visitor, person)
      }
      for (const some of inGroups([...unknown], readAtOnce)) {
        const stored = new Map((await storage.trials.getAll(some)).map((trial) => [trial.id, trial]))
        for (const visitor of some) {
          // A link made while we were reading is newer than what we read.
          const madeMeanwhile = peek(visitor)
          const trial = stored.get(visitor)
          const person = madeMeanwhile ?? (trial ? linkedTo(trial) : null)
          if (!madeMeanwhile) remember(visitor, person, false)
          people.set(visitor, person)
        }
      }
      return people
    },

    isSettled({ workspaceId, anonymousId, claimed }) {
      const entry = known.get(trialIdOfAnonymous(workspaceId, anonymousId))
      // A proof still has something to do where there was only a claim.
      return entry?.settled === true && (claimed || entry.person?.claimed === false)
    },

    async freeze({ workspaceId, anonymousId, userId, mayCreate, claimed }) {
      const visitor = trialIdOfAnonymous(workspaceId, anonymousId)
      const into = trialIdOfUser(workspaceId, userId)
      if (!(await storage.trials.get(visitor)) && !(mayCreate && (await hasRoom(into)))) return
      // Made when missing, frozen from birth: events still on their way then find it so.
      const merged = await changes.change(
        visitor,
        { type: 'merge', into, ...(claimed && { claimed }) },
        { create: { workspaceId, userId: null, anonymousId } },
      )
      const person = merged && linkedTo(merged.trial)
      if (person) remember(visitor, person, false)
    },

    async settle({ workspaceId, anonymousId }) {
      const visitor = trialIdOfAnonymous(workspaceId, anonymousId)
      const frozen = await storage.trials.get(visitor)
      const person = frozen && linkedTo(frozen)
      if (!frozen || !person) return
      // Even when there is nothing to count: the person’s list of visitors is what erasing them follows.
      await absorb(person, workspaceId, anonymousId, frozen.usage)
      remember(visitor, person, true)
    },

    async recoverLate(logged, { trials, duplicates }) {
      for (const [index, item] of logged.entries()) {
        const anonymousId = visitorOf(item.subject)
        if (anonymousId === null) continue
        const visitor = trialIdOfAnonymous(item.workspaceId, anonymousId)
        const wasFoldedHere = item.trialId === visitor && trials.get(visitor)?.mergedInto
        // A re-sent one may have been late the first time, with a crash before it was counted.
        if (!wasFoldedHere && !duplicates.has(index)) continue
        const frozen = trials.get(visitor) ?? (await storage.trials.get(visitor))
        const person = frozen && linkedTo(frozen)
        if (!frozen || !person) continue
        remember(visitor, person, known.get(visitor)?.settled ?? false)
        if (!frozen.absorbed.includes(item.event.messageId)) continue
        // The visitor as a whole comes first: its own id is the one to be known by.
        await absorb(person, item.workspaceId, anonymousId, frozen.usage)
        const late = usageOf({ ...item, trialId: visitor }, playbooks.current(item.workspaceId))
        if (late.total > 0)
          await absorb(person, item.workspaceId, `${anonymousId}/${item.event.messageId}`, late)
      }
    },
  }
}
