import * as z from 'zod'
import { type FixtureName, fixtureNames } from '../../../shared/api/lint.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { define, workspaceOwned } from './definition.ts'
import { messageKind } from './parts.ts'

/** A finding of the check of all emails, with the email it is about. */
interface PlacedFinding {
  readonly level: 'error' | 'warning'
  /** Stable name of the check, e.g. `subject-length`. */
  readonly check: string
  readonly detail: string
  readonly kind: MessageKind
  /** Id; null: no rule sends it. */
  readonly rule: string | null
  readonly variant: number
  readonly locale: string
  readonly fixture: FixtureName
}

export type SpamSummary =
  | { readonly state: 'checked'; readonly worst: number; readonly kind: MessageKind; readonly locale: string }
  | { readonly state: 'not_set_up' | 'unreachable' }

/** Sums over the emails looked at so far; holds only so many findings of each level. */
export interface LintTally {
  readonly mails: number
  readonly errors: number
  readonly warnings: number
  readonly spam: SpamSummary
  /** In the order in which they were found. */
  readonly kept: readonly PlacedFinding[]
}

export interface LintReport {
  /** ISO 8601. */
  readonly at: string
  readonly playbookVersion: number
  readonly mails: number
  readonly errors: number
  readonly warnings: number
  readonly spam: SpamSummary
  /** Errors first. */
  readonly findings: readonly PlacedFinding[]
  /** How many more there are. */
  readonly omitted: number
}

/** What a job has found so far. The playbook is the one that was published when it began. */
export interface LintDraft {
  readonly playbookVersion: number
  /** Index of the next wording × language. */
  readonly next: number
  readonly tally: LintTally
}

export type StoredLintReport = LintReport & { readonly job: string }

const finding = z.strictObject({
  level: z.enum(['error', 'warning']),
  check: z.string(),
  detail: z.string(),
  kind: messageKind,
  rule: z.string().nullable(),
  variant: z.int(),
  locale: z.string(),
  fixture: z.enum(fixtureNames),
})
const spam: z.ZodType<SpamSummary> = z.union([
  z.strictObject({
    state: z.literal('checked'),
    worst: z.number(),
    kind: messageKind,
    locale: z.string(),
  }),
  z.strictObject({ state: z.enum(['not_set_up', 'unreachable']) }),
])
const sums = { mails: z.int(), errors: z.int(), warnings: z.int(), spam }

/** The check of all emails of a workspace. */
export const lintDocuments = {
  /** Id: workspace. */
  lint_report: define<StoredLintReport>({
    body: z.strictObject({
      ...sums,
      at: z.string(),
      playbookVersion: z.int(),
      findings: z.array(finding).readonly(),
      omitted: z.int(),
      job: z.string(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
  /** Id `<workspace>/<job>`; deleted when the check is done. */
  lint_draft: define<LintDraft>({
    body: z.strictObject({
      playbookVersion: z.int(),
      next: z.int(),
      tally: z.strictObject({ ...sums, kept: z.array(finding).readonly() }),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
}
