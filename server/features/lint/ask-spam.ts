import type { LintedMail } from './lint-templates.ts'
import { type CheckSpam, type SpamVerdict, spamFindings } from './spam-check.ts'

export interface Checked {
  readonly linted: LintedMail
  /** null: not asked about this one. */
  readonly verdict: SpamVerdict | null
}

/**
 * Asks SpamAssassin about each text once: numbers and names do not change its score.
 * @param checkSpam null: it is not to be asked any more.
 */
export async function withSpam(linted: LintedMail, checkSpam: CheckSpam | null): Promise<Checked> {
  if (linted.fixture !== 'normal' || !linted.mail || !checkSpam) return { linted, verdict: null }
  const verdict = await checkSpam(linted.mail)
  return { linted: { ...linted, findings: [...linted.findings, ...spamFindings(verdict)] }, verdict }
}
