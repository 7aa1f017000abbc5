import mongoose from 'mongoose'
import { type Segment, segments, type TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { endOfPrefix } from '../logged-event.ts'
import { type Leased, manyTrials, type TrialStore } from '../port.ts'
import { available, isKeyConflict, keyConflicts } from './connection.ts'
import { type Models, native, type TrialDocument } from './models.ts'
import { changes, newDocument, type TrialDocuments, toStored, toWritten } from './trial-documents.ts'
import { listTrials } from './trial-list.ts'

/** By the server’s clock on both sides; a clock set back far enough ends a lease too. */
const leaseAge = { $abs: { $subtract: ['$$NOW', '$leaseTakenAt'] } }
const nobodyHolds = () => ({
  $or: [{ leaseOwner: null }, { $expr: mongoose.trusted({ $gte: [leaseAge, '$leaseMs'] }) }],
})
const isDueBy = (at: number) => ({ nextAt: mongoose.trusted({ $lte: at }) })
/** Also true of a lease that is over but that no one has taken since. */
const heldUnder = (id: TrialId, fence: number) => ({
  _id: id,
  leaseFence: fence,
  leaseOwner: mongoose.trusted({ $exists: true }),
})

export function createTrialStore(models: Models, documents: TrialDocuments): TrialStore {
  const { trials: model } = models
  const { hot } = documents
  const collection = native(model)

  async function lease(
    id: TrialId,
    { owner, leaseMs }: { owner: string; leaseMs: number },
    only: object,
  ): Promise<Leased | null> {
    const taken = await model
      .findOneAndUpdate(
        { _id: id, ...nobodyHolds(), ...only },
        {
          $set: { leaseOwner: owner, leaseMs },
          $inc: { leaseFence: 1 },
          $currentDate: { leaseTakenAt: true },
        },
        { returnDocument: 'after' },
      )
      .lean<TrialDocument>()
    return taken && { trial: toStored(taken).trial, fence: taken.leaseFence }
  }

  async function saveIfSame(trial: Trial, fence: number | undefined): Promise<Trial | null> {
    const { saved, body } = toWritten(trial)
    if (trial.version === 0) {
      if (fence !== undefined) return null
      await collection.insertOne(newDocument(saved, body, []))
      hot.set({ trial: saved, chars: body.length, folds: [] })
      return saved
    }
    const { matchedCount } = await collection.updateOne(
      {
        _id: trial.id,
        version: trial.version,
        ...(fence === undefined ? {} : { leaseFence: fence, leaseOwner: { $exists: true } }),
      },
      changes(saved, body),
    )
    if (matchedCount === 0) return null
    const before = hot.get(trial.id)
    if (before?.trial.version === trial.version)
      hot.set({ trial: saved, chars: body.length, folds: before.folds })
    return saved
  }

  async function save(trial: Trial, fence: number | undefined): Promise<Trial | null> {
    try {
      return await saveIfSame(trial, fence)
    } catch (error) {
      if (isKeyConflict(error)) return null
      throw error
    }
  }

  /** New ones in one request. @returns the saved one by the one given; one whose id is taken is missing. */
  async function insertAll(trials: readonly Trial[]): Promise<Map<Trial, Trial>> {
    if (trials.length === 0) return new Map()
    const written = trials.map(toWritten)
    const taken = await keyConflicts(() =>
      collection.insertMany(
        written.map(({ saved, body }) => newDocument(saved, body, [])),
        { ordered: false },
      ),
    )
    const inserted = new Map<Trial, Trial>()
    for (const [index, { saved, body }] of written.entries()) {
      if (taken.has(index)) continue
      hot.set({ trial: saved, chars: body.length, folds: [] })
      inserted.set(trials[index] as Trial, saved)
    }
    return inserted
  }

  return {
    get: (id) => available(async () => (await documents.load([id])).get(id)?.trial ?? null),

    getAll: (ids) =>
      available(async () =>
        [...(await documents.load(ids.slice(0, manyTrials))).values()].map(({ trial }) => trial),
      ),

    save: (trial, fence) => available(() => save(trial, fence)),

    saveAll: (trials) =>
      available(async () => {
        const some = trials.slice(0, manyTrials)
        const [inserted, updated] = await Promise.all([
          insertAll(some.filter(({ version }) => version === 0)),
          Promise.all(some.map((trial) => (trial.version === 0 ? null : save(trial, undefined)))),
        ])
        return some.map((trial, index) =>
          trial.version === 0 ? (inserted.get(trial) ?? null) : (updated[index] ?? null),
        )
      }),

    claimDue: ({ owner, now, limit, leaseMs }) =>
      available(async () => {
        const due = await model
          .find({ ...isDueBy(now), ...nobodyHolds() }, { _id: 1 })
          .sort({ nextAt: 1 })
          .limit(limit)
          .lean<{ _id: TrialId }[]>()
        const leased = await Promise.all(due.map(({ _id }) => lease(_id, { owner, leaseMs }, isDueBy(now))))
        return leased.filter((each) => each !== null)
      }),

    claim: (id, request) => available(() => lease(id, request, {})),

    release: (id, fence) =>
      available(async () => {
        await model.updateOne(heldUnder(id, fence), {
          $unset: { leaseOwner: '', leaseTakenAt: '', leaseMs: '' },
        })
      }),

    holds: (id, fence) => available(async () => (await model.exists(heldUnder(id, fence))) !== null),

    nextDueAt: () => available(() => nextDueAt(models)),

    list: (query) => available(() => listTrials(models, query)),

    countBySegment: (workspaceId) =>
      available(async () => {
        const counts = Object.fromEntries(segments.map((segment) => [segment, 0])) as Record<Segment, number>
        const found = await model.aggregate<{ _id: Segment; count: number }>([
          { $match: { workspaceId, status: { $ne: 'anonymous' } } },
          { $group: { _id: '$segment', count: { $sum: 1 } } },
        ])
        for (const { _id, count } of found) counts[_id] = count
        return counts
      }),

    erase: (id) =>
      available(async () => {
        hot.delete(id)
        return (await model.deleteOne({ _id: id })).deletedCount === 1
      }),

    scan: (workspaceId, afterId, limit) =>
      available(async () => {
        const prefix = `${workspaceId}:`
        const found = await model
          .find(
            { _id: mongoose.trusted({ $gt: afterId ?? prefix, $lt: endOfPrefix(prefix) }) },
            { body: 1, folds: 1 },
          )
          .sort({ _id: 1 })
          .limit(limit)
          .lean<TrialDocument[]>()
        return found.map((document) => toStored(document).trial)
      }),
  }
}

/** Few are leased at once, so among the first ones there is nearly always one that is not. */
const firstDue = 20

async function nextDueAt(models: Models): Promise<number | null> {
  const first = await models.trials
    .find(waiting, { nextAt: 1, leaseTakenAt: 1, leaseMs: 1 })
    .sort({ nextAt: 1 })
    .limit(firstDue)
    .lean<WaitingTrial[]>()
  const isAnswer = first.length < firstDue || first.some(({ leaseTakenAt }) => leaseTakenAt === undefined)
  return isAnswer ? earliest(first) : nextDueAmongMany(models)
}

async function nextDueAmongMany({ trials: model }: Models): Promise<number | null> {
  const [free, leased] = await Promise.all([
    model
      .find({ ...waiting, ...nobodyHolds() }, { nextAt: 1 })
      .sort({ nextAt: 1 })
      .limit(1)
      .lean<WaitingTrial[]>(),
    model
      .find(
        {
          ...waiting,
          leaseOwner: mongoose.trusted({ $gte: '' }),
          $expr: mongoose.trusted({ $lt: [leaseAge, '$leaseMs'] }),
        },
        { nextAt: 1, leaseTakenAt: 1, leaseMs: 1 },
      )
      .lean<WaitingTrial[]>(),
  ])
  return earliest([...free.map(({ nextAt }) => ({ nextAt })), ...leased])
}

interface WaitingTrial {
  readonly nextAt: number
  readonly leaseTakenAt?: Date
  readonly leaseMs?: number
}

const waiting = { nextAt: mongoose.trusted({ $gte: Number.MIN_SAFE_INTEGER }) }

/** A lease that is over by the server's clock ends in the past, so its trial counts as due at once either way. */
function earliest(trials: readonly WaitingTrial[]): number | null {
  const moments = trials.map(({ nextAt, leaseTakenAt, leaseMs }) =>
    leaseTakenAt === undefined ? nextAt : Math.max(nextAt, leaseTakenAt.getTime() + (leaseMs ?? 0)),
  )
  return moments.length > 0 ? Math.min(...moments) : null
}
