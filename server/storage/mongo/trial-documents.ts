import type { mongo } from 'mongoose'
import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { createHotTrials, type HotTrial, type HotTrials } from '../hot-trials.ts'
import { trialFields } from '../trial-fields.ts'
import { keyConflicts } from './connection.ts'
import { type Models, native, type TrialDocument } from './models.ts'

/** A trial and the folds that are in it but not yet confirmed as marked in the event log. */
export interface StoredTrial extends HotTrial {
  readonly folds: readonly string[]
}

interface FoldedTrial {
  /** As folded, with the version it was loaded with. */
  readonly trial: Trial
  readonly foldId: string
  /** What the list of folds becomes; the last one is foldId. */
  readonly folds: readonly string[]
}

export interface TrialDocuments {
  readonly hot: HotTrials<StoredTrial>
  load(ids: readonly TrialId[]): Promise<Map<TrialId, StoredTrial>>
  /** Compare and set of each on its version. @returns those that were saved. */
  saveFolded(folded: readonly FoldedTrial[]): Promise<Map<TrialId, Trial>>
}

const loaded = { body: 1, folds: 1 } as const

export function createTrialDocuments({ trials: model }: Models): TrialDocuments {
  const collection = native(model)
  const hot = createHotTrials<StoredTrial>()

  /** Asked only when the plain answer leaves it open: a fold id is given out once, so its presence is proof. */
  async function savedAmong(folded: readonly FoldedTrial[]): Promise<Set<TrialId>> {
    const stored = await collection
      .find({ _id: { $in: folded.map(({ trial }) => trial.id) } }, { projection: { folds: 1 } })
      .toArray()
    const folds = new Map<string, string[]>(stored.map(({ _id, folds }) => [_id, folds]))
    const saved = folded.filter(({ trial, foldId }) => folds.get(trial.id)?.includes(foldId))
    return new Set(saved.map(({ trial }) => trial.id))
  }

  return {
    hot,
    async load(ids) {
      const found = await collection.find({ _id: { $in: [...ids] } }, { projection: loaded }).toArray()
      const stored = new Map<TrialId, StoredTrial>()
      for (const document of found) {
        const entry = toStored(document)
        stored.set(entry.trial.id, entry)
        hot.set(entry)
      }
      return stored
    },

    async saveFolded(folded) {
      const written = folded.map(({ trial, folds }) => ({ ...toWritten(trial), folds }))
      let matched = 0
      const conflicts = await keyConflicts(async () => {
        const operations = written.map(
          ({ saved, body, folds }): mongo.AnyBulkWriteOperation<TrialDocument> =>
            saved.version === 1
              ? { insertOne: { document: newDocument(saved, body, folds) } }
              : {
                  updateOne: {
                    filter: { _id: saved.id, version: saved.version - 1 },
                    update: changes(saved, body, folds),
                  },
                },
        )
        const result = await collection.bulkWrite(operations, { ordered: false })
        matched = result.matchedCount + result.insertedCount
      })
      const all = conflicts.size === 0 && matched === folded.length
      const saved = all ? null : await savedAmong(folded)
      const trials = new Map<TrialId, Trial>()
      for (const { saved: trial, body, folds } of written) {
        if (saved && !saved.has(trial.id)) continue
        hot.set({ trial, chars: body.length, folds })
        trials.set(trial.id, trial)
      }
      return trials
    },
  }
}

export function toStored(document: Pick<TrialDocument, 'body' | 'folds'>): StoredTrial {
  return {
    trial: JSON.parse(document.body) as Trial,
    chars: document.body.length,
    folds: document.folds,
  }
}

/** The trial one version on, and its JSON. */
export function toWritten(trial: Trial): { saved: Trial; body: string } {
  const saved: Trial = { ...trial, version: trial.version + 1 }
  return { saved, body: JSON.stringify(saved) }
}

/**
 * A fence begins with the time, so that a trial that was erased and made again hands out none of those that the
 * erased one did.
 */
export function newDocument(saved: Trial, body: string, folds: readonly string[]): TrialDocument {
  return {
    _id: saved.id,
    workspaceId: saved.workspaceId,
    version: saved.version,
    body,
    ...storedFields(saved).present,
    folds: [...folds],
    leaseFence: Date.now() * 1000,
  }
}

/** @param folds undefined: the list stays as it is. */
export function changes(
  saved: Trial,
  body: string,
  folds?: readonly string[],
): mongo.UpdateFilter<TrialDocument> {
  const { present, absent } = storedFields(saved)
  return {
    $set: {
      version: saved.version,
      body,
      ...present,
      ...(folds === undefined ? {} : { folds: [...folds] }),
    },
    ...(absent.length > 0 ? { $unset: Object.fromEntries(absent.map((name) => [name, ''])) } : {}),
  }
}

const optional = ['email', 'emails', 'nextAt', 'domain', 'company'] as const

/** Absent instead of null: a sparse index then leaves it out. */
function storedFields(trial: Trial) {
  const { email, emails: all, nextAt, domain, company, ...fields } = trialFields(trial)
  const emails = all.length > 0 ? [...all] : null
  const given = { email, emails, nextAt, domain, company }
  const absent = optional.filter((name) => given[name] === null)
  return {
    present: {
      ...fields,
      ...(email === null ? {} : { email }),
      ...(emails === null ? {} : { emails }),
      ...(nextAt === null ? {} : { nextAt }),
      ...(domain === null ? {} : { domain }),
      ...(company === null ? {} : { company }),
    },
    absent,
  }
}
