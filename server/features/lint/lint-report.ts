import type { MessageKind } from '../../../shared/trial.ts'
import type { Checked } from './ask-spam.ts'
import type { Finding } from './finding.ts'
import type { LintedMail } from './lint-templates.ts'
import type { SpamVerdict } from './spam-check.ts'

/** A finding with the mail it is about. */
type PlacedFinding = Finding & Pick<LintedMail, 'kind' | 'rule' | 'variant' | 'locale' | 'fixture'>

type SpamSummary =
  | { readonly state: 'checked'; readonly worst: number; readonly kind: MessageKind; readonly locale: string }
  | { readonly state: 'not_set_up' | 'unreachable' }

/** Sums over the mails looked at so far; holds at most {@link mostFindings} of each level. */
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

const mostFindings = 500

export const emptyTally: LintTally = {
  mails: 0,
  errors: 0,
  warnings: 0,
  spam: { state: 'not_set_up' },
  kept: [],
}

const isError = ({ level }: Finding): boolean => level === 'error'

export function addToTally(
  tally: LintTally,
  { linted: { kind, rule, variant, locale, fixture, findings }, verdict }: Checked,
): LintTally {
  const errors = findings.filter(isError).length
  const kept = [...tally.kept]
  for (const finding of findings)
    if (kept.filter(({ level }) => level === finding.level).length < mostFindings)
      kept.push({ ...finding, kind, rule, variant, locale, fixture })
  return {
    ...tally,
    mails: tally.mails + 1,
    errors: tally.errors + errors,
    warnings: tally.warnings + findings.length - errors,
    kept,
    spam: verdict ? worse(tally.spam, verdict, { kind, locale }) : tally.spam,
  }
}

/** Where the daemon once did not answer, all is unknown: the worst of some mails is not the worst of all. */
function worse(
  known: SpamSummary,
  verdict: SpamVerdict,
  where: Pick<LintedMail, 'kind' | 'locale'>,
): SpamSummary {
  if (known.state === 'unreachable') return known
  if (verdict.state !== 'checked') return { state: verdict.state }
  if (known.state === 'checked' && known.worst <= verdict.score) return known
  return { state: 'checked', worst: verdict.score, ...where }
}

export function reportOf(
  { mails, errors, warnings, spam, kept }: LintTally,
  { at, playbookVersion }: { at: string; playbookVersion: number },
): LintReport {
  const findings = [...kept.filter(isError), ...kept.filter((finding) => !isError(finding))]
  const shown = findings.slice(0, mostFindings)
  return {
    at,
    playbookVersion,
    mails,
    errors,
    warnings,
    spam,
    findings: shown,
    omitted: errors + warnings - shown.length,
  }
}
