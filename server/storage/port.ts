import type { Pace, Segment, TrialId, TrialStatus, WorkspaceId } from '../../shared/trial.ts'
import type { TrackedEvent, Trial } from '../domain/trial/model.ts'
import type { DocumentBodies } from './document-registry.ts'

/**
 * The few operations we need of a database. Two adapters (SQLite, MongoDB) pass one contract suite. Nothing here
 * asks for a multi-document transaction, a change stream or a pipeline update: any compatible server will do.
 */
export interface Storage {
  readonly engine: Engine
  /** @throws StorageUnavailable */
  ping(): Promise<void>
  /** The database server’s own clock, epoch milliseconds, so that hosts with a wrong clock steal no lease. */
  now(): Promise<number>
  /**
   * Logs events durably and folds each new one into its trial exactly once, over crashes too: when this resolves
   * all are on disk; what a crash left logged but unfolded, {@link Storage.sweep} folds.
   * @param fold pure and quick; may be called again after a conflict. Returns the trial to save (same version).
   * @throws StorageUnavailable when durability could not be had; the caller answers 503 and the client re-sends.
   */
  ingest(events: readonly LoggedEvent[], fold: Fold): Promise<IngestResult>
  /**
   * Folds events that a crash left logged but unfolded.
   * @param loggedBefore by {@link now}; leave those that are just being folded at least a minute.
   * @returns how many events were folded.
   */
  sweep(loggedBefore: number, fold: Fold): Promise<number>
  /** After an erasure: nothing of what was deleted is left in files that are ours to write. */
  scrub(): Promise<void>
  readonly trials: TrialStore
  readonly events: EventLog
  readonly documents: DocumentStore
  close(): Promise<void>
}

export interface Engine {
  readonly name: 'sqlite' | 'mongodb'
  readonly version: string
  /** true when a server speaks MongoDB’s protocol but is not MongoDB. */
  readonly compatible: boolean
}

/** The database could not be reached or did not confirm in time; nothing is known to be stored. */
export class StorageUnavailable extends Error {
  override readonly name: string = 'StorageUnavailable'
}

/** A question that was given up because it took too long: what it asks for is too much. */
export class QueryTooLong extends StorageUnavailable {
  override readonly name: string = 'QueryTooLong'
  constructor(limitMs: number, options?: ErrorOptions) {
    super(`a list took longer than ${limitMs / 1000} s`, options)
  }
}

export interface LoggedEvent {
  readonly workspaceId: WorkspaceId
  /** `u:<userId>` or `a:<anonymousId>` as the event itself said: constant for a re-sent event, so it dedupes. */
  readonly subject: string
  /** Where it counts, after aliases were resolved. */
  readonly trialId: TrialId
  readonly event: TrackedEvent
}

export type Fold = (trialId: TrialId, current: Trial | null, events: readonly LoggedEvent[]) => Trial

export interface IngestResult {
  /** Positions in the input that were logged before (or stand twice in the input). */
  readonly duplicates: ReadonlySet<number>
  /** Every trial that was folded into, as saved. */
  readonly trials: ReadonlyMap<TrialId, Trial>
}

/** The largest group of {@link TrialStore.getAll} and {@link TrialStore.saveAll}. */
export const manyTrials = 200

export interface TrialStore {
  get(id: TrialId): Promise<Trial | null>
  /**
   * Saves when the stored version is still `trial.version` (0 = must not exist yet) and, with a fence, when that
   * lease still {@link holds}.
   * @returns the trial with its new version, or null when someone else was faster.
   */
  save(trial: Trial, fence?: number): Promise<Trial | null>
  /** Those of at most {@link manyTrials} ids that are there. */
  getAll(ids: readonly TrialId[]): Promise<Trial[]>
  /**
   * At most {@link manyTrials} saves at once, each by its own compare-and-set as in {@link save}.
   * @returns in the order given
   */
  saveAll(trials: readonly Trial[]): Promise<(Trial | null)[]>
  /** Trials whose nextAt has come and that no one holds, earliest first; each is leased to the owner. */
  claimDue(request: { owner: string; now: number; limit: number; leaseMs: number }): Promise<Leased[]>
  /** Leases one trial whatever its nextAt, to send at once. null while it is leased, by whomever, or is not there. */
  claim(id: TrialId, request: { owner: string; leaseMs: number }): Promise<Leased | null>
  /** Gives the lease back; a stale fence changes nothing. */
  release(id: TrialId, fence: number): Promise<void>
  /**
   * Whether no newer lease was taken and this one was not given back. One that is over but that no one has taken
   * since still holds: what matters is that two never do.
   */
  holds(id: TrialId, fence: number): Promise<boolean>
  /** Earliest nextAt there is, or null. Leased ones count from the end of their lease on, which is by {@link Storage.now}. */
  nextDueAt(): Promise<number | null>
  /**
   * Anonymous ones only when that status is asked for. No end sorts as the latest end.
   * @throws InvalidCursor (trial-fields.ts)
   */
  list(query: TrialQuery): Promise<{ trials: Trial[]; cursor: string | null }>
  /** How many trials in each segment (anonymous ones left out). */
  countBySegment(workspaceId: WorkspaceId): Promise<Record<Segment, number>>
  erase(id: TrialId): Promise<boolean>
  /** All trials of a workspace in id order, in pages; for rescoring and export. */
  scan(workspaceId: WorkspaceId, afterId: TrialId | null, limit: number): Promise<Trial[]>
}

export interface Leased {
  readonly trial: Trial
  readonly fence: number
}

export interface TrialQuery {
  readonly workspaceId: WorkspaceId
  readonly segment?: Segment
  readonly pace?: Pace
  readonly status?: TrialStatus
  /** Case-insensitive part of email, name, company or user id. */
  readonly q?: string
  /** Exact address. */
  readonly email?: string
  /** Addresses that differ from this one only in what `mailboxKey` takes away. */
  readonly mailbox?: string
  /** A key of company-keys.ts: everyone of one company, by address or by what the product says. */
  readonly domain?: string
  readonly company?: string
  readonly sort:
    | 'endsAt'
    | '-endsAt'
    | 'score'
    | '-score'
    | 'lastSeenAt'
    | '-lastSeenAt'
    | 'createdAt'
    | '-createdAt'
  readonly cursor?: string
  readonly limit: number
}

export interface EventLog {
  /** Events of one subject, oldest first. */
  ofSubject(workspaceId: WorkspaceId, subject: string, limit: number): Promise<LoggedEvent[]>
  eraseSubject(workspaceId: WorkspaceId, subject: string): Promise<number>
  /** Deletes what was received before. */
  purge(receivedBefore: number): Promise<number>
  count(): Promise<number>
}

/**
 * Everything that is small or rare: workspaces, playbook versions, rendered emails, suppressions, audit rows,
 * sessions, jobs. `kind` is one of document-registry.ts, which says what its bodies are; `id` orders within it. Bodies
 * are plain JSON.
 */
export interface DocumentStore<Bodies extends object = DocumentBodies> {
  get<Kind extends keyof Bodies & string>(kind: Kind, id: string): Promise<Versioned<Bodies[Kind]> | null>
  /** Those of at most {@link manyDocuments} ids that are there, in any order. */
  getAll<Kind extends keyof Bodies & string>(
    kind: Kind,
    ids: readonly string[],
  ): Promise<Versioned<Bodies[Kind]>[]>
  /** @param expected version to replace; 0 = must not exist; undefined = whatever is there. null result: conflict. */
  put<Kind extends keyof Bodies & string>(
    kind: Kind,
    id: string,
    body: Bodies[Kind],
    expected?: number,
  ): Promise<number | null>
  /**
   * At most {@link manyDocuments} puts of one kind at once, each by its own compare-and-set as in {@link put}.
   * @returns in the order given
   */
  putAll<Kind extends keyof Bodies & string>(
    kind: Kind,
    entries: readonly DocumentEntry<Bodies[Kind]>[],
  ): Promise<(number | null)[]>
  delete(kind: keyof Bodies & string, id: string): Promise<boolean>
  /** @param ids at most {@link manyDocuments} @returns how many were there. */
  deleteAll(kind: keyof Bodies & string, ids: readonly string[]): Promise<number>
  /** In id order (or reversed), ids that start with `prefix`, after `after`. */
  list<Kind extends keyof Bodies & string>(
    kind: Kind,
    request: { prefix?: string; after?: string; reverse?: boolean; limit: number },
  ): Promise<Versioned<Bodies[Kind]>[]>
}

/** The largest group of {@link DocumentStore.getAll}, {@link DocumentStore.putAll} and {@link DocumentStore.deleteAll}. */
export const manyDocuments = 200

export interface DocumentEntry<T> {
  readonly id: string
  readonly body: T
  readonly expected?: number | undefined
}

/** Documents of any kind, their bodies unread: for what treats all kinds alike. */
export type AnyDocuments = DocumentStore<Readonly<Record<string, unknown>>>
/** What knows a kind by the registry alone reads and writes it as it is. */
export const anyDocuments = (documents: DocumentStore): AnyDocuments => documents as unknown as AnyDocuments

export interface Versioned<T> {
  readonly id: string
  readonly version: number
  readonly body: T
}
