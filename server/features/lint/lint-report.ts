import type { LintReport, LintTally, SpamSummary } from '../../storage/documents/lint.ts'
import type { Checked } from './ask-spam.ts'
import type { Finding } from './finding.ts'
import type { LintedMail } from './lint-templates.ts'
import type { SpamVerdict } from './spam-check.ts'

export type { LintReport, LintTally }

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

/** Where the daemon once did not answer, all is unknown: the worst of some emails is not the worst of all. */
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
