import type { FaultPoint } from '../../server/features/messages/send-message.ts'
import type { MessageKind, TrialId } from '../../shared/trial.ts'

/** What parent and worker processes of the fault suite tell each other. Plain JSON: it crosses a process border. */

export const engines = ['sqlite', 'mongodb'] as const
export type EngineName = (typeof engines)[number]

export type StorageAddress =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'mongodb'; readonly uri: string; readonly dbName: string }

/** Moments inside the worker. */
export const workerPoints = [
  'after-lease',
  'after-claim',
  'after-suppression',
  'after-write',
  'after-prepared',
  'before-gate',
  'after-gate',
  'after-answer',
  'after-record',
  'after-release',
] as const satisfies readonly FaultPoint[]

/** Moments the mail server sees; at these the parent kills. `replied` is right after the 250. */
export const sinkPoints = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'body', 'dot', 'replied'] as const
export type SinkPoint = (typeof sinkPoints)[number]
export type CrashPoint = (typeof workerPoints)[number] | SinkPoint

/** The four message sets. */
export const testedKinds = ['upgrade_now', 'expiring_activated', 'expiring_passive', 'ended_survey'] as const
export type TestedKind = (typeof testedKinds)[number]

export interface PlannedTrial {
  readonly kind: TestedKind
  readonly userId: string
  /** Must name the user, so that the sink can tell whose email it sees. */
  readonly address: string
  /** A company’s trial, with this user and a colleague who cannot be emailed. */
  readonly inTeam: boolean
}

/** What the construction of a trial promises: exactly one email of this kind that names this end. */
export interface Expected {
  readonly trialId: TrialId
  readonly userId: string
  readonly kind: MessageKind
  readonly endsAt: number
}

export const raceCommands = ['extend', 'convert', 'unsubscribe'] as const
export type RaceCommand = (typeof raceCommands)[number]

/** What the trial looked like in the very save that won the race. */
export interface RaceResult {
  readonly userId: string
  readonly command: RaceCommand
  readonly accepted: boolean
  /** State of the email at that moment; null: there was none. `dot`, `sent` and `unknown` had passed the gate before. */
  readonly stateAtCommit: string | null
}

/** Deliberately broken protocols, see mutants.ts. */
export const mutantNames = [
  'mark-after-send',
  'mark-before-send',
  'no-gate-recheck',
  'retry-after-dot',
  'no-fence',
] as const
export type MutantName = (typeof mutantNames)[number]

export interface Base {
  readonly storage: StorageAddress
  readonly smtpUrl: string
  /** The worker’s simulated now. */
  readonly now: number
  readonly leaseMs: number
  readonly mutant?: MutantName | undefined
}

export type Job =
  | (Base & {
      readonly job: 'send'
      readonly seed: readonly PlannedTrial[]
      /** Die or stop there, the first time an email of this kind comes by. */
      readonly fault?:
        | { readonly point: FaultPoint; readonly kind: TestedKind; readonly signal: 'SIGKILL' | 'SIGSTOP' }
        | undefined
      /** Time is moved on to the next due moment as long as it lies before this. */
      readonly until: number
    })
  | (Base & { readonly job: 'races'; readonly seed: readonly PlannedTrial[]; readonly random: number })
  | (Base & {
      readonly job: 'ingest'
      readonly users: number
      readonly batch: number
      /** Message ids are `<prefix>-<n>` from here on; an earlier run may have tried some of them. */
      readonly from: number
      readonly batches: number
      readonly prefix: string
    })

export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'seeded'; readonly expected: readonly Expected[] }
  | { readonly type: 'raced'; readonly results: readonly RaceResult[] }
  /** Events up to and without this number are durable. */
  | { readonly type: 'acknowledged'; readonly upTo: number }
  | { readonly type: 'done' }
