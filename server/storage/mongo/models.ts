import { type Connection, type Model, type mongo, Schema } from 'mongoose'
import type { TrialFields } from '../trial-fields.ts'

/**
 * Unique keys live in `_id`, which is also the shard key (hashed); every other index is for reading only. Instants
 * are epoch milliseconds as numbers, except those that the server’s clock sets. What people send is JSON text in
 * `body`: no key of it is ever a field name, so none can be an operator, hold a dot or get lost.
 */
export interface Models {
  readonly trials: Model<TrialDocument>
  readonly events: Model<EventDocument>
  readonly documents: Model<StoredDocument>
  readonly meta: Model<MetaDocument>
}

export interface TrialDocument
  extends Omit<TrialFields, 'email' | 'emails' | 'nextAt' | 'domain' | 'company'> {
  /** Trial id. */
  _id: string
  workspaceId: string
  version: number
  body: string
  /** Absent instead of null: a sparse index then leaves it out. */
  email?: string
  emails?: string[]
  nextAt?: number
  domain?: string
  company?: string
  /** Folds that are in this version and whose events may still be marked as unfolded. */
  folds: string[]
  leaseFence: number
  leaseOwner?: string
  leaseTakenAt?: Date
  leaseMs?: number
}

export interface EventDocument {
  /** See eventKey(). */
  _id: string
  /** Absent when the trial is the one that the subject says. */
  trialId?: string
  at: number
  receivedAt: number
  body: string
  /** Id of the fold that is to take it in; absent once that is done. */
  unfolded?: string
}

export interface StoredDocument {
  /** `<kind>/<id>` */
  _id: string
  version: number
  body: string
}

export interface MetaDocument {
  _id: string
  version?: number
  lockOwner?: string
  lockTakenAt?: Date
}

const options = { versionKey: false, minimize: false, id: false, strict: 'throw' } as const
const text = { type: String, required: true } as const
const number = { type: Number, required: true } as const

const trialSchema = new Schema<TrialDocument>(
  {
    _id: text,
    workspaceId: text,
    version: number,
    body: text,
    segment: text,
    pace: text,
    status: text,
    email: String,
    emails: { type: [String], default: undefined },
    domain: String,
    company: String,
    endsAt: number,
    score: number,
    createdAt: number,
    nextAt: Number,
    search: String,
    lastSeenHour: number,
    lastSeenAt: number,
    folds: { type: [String], required: true },
    leaseFence: number,
    leaseOwner: String,
    leaseTakenAt: Date,
    leaseMs: Number,
  },
  { ...options, collection: 'trials' },
)
  .index({ nextAt: 1 }, { sparse: true })
  .index({ leaseOwner: 1 }, { sparse: true })
  .index({ workspaceId: 1, segment: 1, status: 1 })
  .index({ workspaceId: 1, endsAt: 1, _id: 1 })
  .index({ workspaceId: 1, score: 1, _id: 1 })
  .index({ workspaceId: 1, createdAt: 1, _id: 1 })
  .index({ workspaceId: 1, lastSeenAt: 1, _id: 1 })
  .index({ email: 1 }, { sparse: true })
  .index({ emails: 1 }, { sparse: true })
  .index({ workspaceId: 1, domain: 1, createdAt: 1, _id: 1 })
  .index({ workspaceId: 1, company: 1, createdAt: 1, _id: 1 })

const eventSchema = new Schema<EventDocument>(
  { _id: text, trialId: String, at: number, receivedAt: number, body: text, unfolded: String },
  { ...options, collection: 'events' },
)
  .index({ unfolded: 1 }, { sparse: true })
  .index({ receivedAt: 1 })

const documentSchema = new Schema<StoredDocument>(
  { _id: text, version: number, body: text },
  { ...options, collection: 'documents' },
)

const metaSchema = new Schema<MetaDocument>(
  { _id: text, version: Number, lockOwner: String, lockTakenAt: Date },
  { ...options, collection: 'meta' },
)

export const createModels = (connection: Connection): Models => ({
  trials: connection.model<TrialDocument>('Trial', trialSchema),
  events: connection.model<EventDocument>('Event', eventSchema),
  documents: connection.model<StoredDocument>('Document', documentSchema),
  meta: connection.model<MetaDocument>('Meta', metaSchema),
})

/** The driver’s own collection: no casting, no documents and no wrapped calls, for whatever runs often. */
export const native = <Document extends { _id: string }>({
  db,
  collection,
}: Model<Document>): mongo.Collection<Document> =>
  db.getClient().db(db.name).collection<Document>(collection.collectionName)
