import * as z from 'zod'
import { dayMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Actor } from '../../domain/trial/model.ts'
import { define, workspaceOwned } from './definition.ts'
import { instant, workspaceId } from './parts.ts'

/** Counts of one part of an import. */
export interface PartResult {
  readonly imported: number
  readonly rejected: number
  readonly created?: number
  /** Of a dry run. */
  readonly emailNow?: number
  readonly emailWithinDay?: number
  readonly kinds?: Readonly<Record<string, number>>
  readonly undated?: number
}

/** What an import as a whole is; its rows are in parts beside it. */
export interface StoredImport {
  readonly workspaceId: WorkspaceId
  readonly by: Actor
  readonly quiet: boolean
  readonly dryRun?: boolean
  /** Since when new people of whom no dates are said are here; absent: from the import on. */
  readonly undatedSince?: string
  readonly encoding?: 'windows-1252'
  readonly rows: number
  readonly jobId: string
  /** By part, so that a part done twice counts once. */
  readonly results: readonly PartResult[]
  readonly at: number
}

/** A row that cannot be imported, and why in words. */
export interface RejectedRow {
  readonly line: number
  readonly userId: string | null
  readonly why: string
}

export interface StoredPart {
  /** Emptied once they are imported: from then on the trials say it. */
  readonly rows: readonly { readonly line: number; readonly userId: string; readonly patch: object }[]
  readonly rejected: readonly RejectedRow[]
  readonly at: number
}

const count = z.int().min(0)
const rejectedRow = z.strictObject({ line: z.int(), userId: z.string().nullable(), why: z.string() })
const keptMs = 7 * dayMs

export const importDocuments = {
  import: define<StoredImport>({
    body: z.strictObject({
      workspaceId,
      by: z.strictObject({
        kind: z.enum(['rep', 'trialist', 'api', 'billing', 'system']),
        name: z.string(),
      }),
      quiet: z.boolean(),
      dryRun: z.boolean().exactOptional(),
      undatedSince: z.string().exactOptional(),
      encoding: z.literal('windows-1252').exactOptional(),
      rows: count,
      jobId: z.string(),
      results: z.array(
        z.strictObject({
          imported: count,
          rejected: count,
          created: count.exactOptional(),
          emailNow: count.exactOptional(),
          emailWithinDay: count.exactOptional(),
          kinds: z.record(z.string(), count).exactOptional(),
          undated: count.exactOptional(),
        }),
      ),
      at: instant,
    }),
    owner: workspaceOwned,
    keep: { forMs: keptMs, since: ({ at }) => at },
  }),
  /** Rows of an upload; id `<import>/<number>`. */
  'import-part': define<StoredPart>({
    body: z.strictObject({
      rows: z.array(
        z.strictObject({ line: z.int(), userId: z.string(), patch: z.record(z.string(), z.unknown()) }),
      ),
      rejected: z.array(rejectedRow),
      at: instant,
    }),
    owner: { of: 'trialist-soon' },
    keep: { forMs: keptMs, since: ({ at }) => at },
  }),
}
