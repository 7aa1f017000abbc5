import { addSpam, type LintTally } from './lint-report.ts'
import type { LintedMail } from './lint-templates.ts'
import { type CheckSpam, spamFindings } from './spam-check.ts'

/**
 * Asks SpamAssassin about each text once, since numbers and names do not change its score; and no more after the
 * first time that it could not be reached.
 * @param onUnreachable is told why, once.
 */
export async function askSpam(
  linted: LintedMail,
  tally: LintTally,
  checkSpam: CheckSpam,
  onUnreachable: (why: string) => void,
): Promise<{ linted: LintedMail; tally: LintTally }> {
  if (linted.fixture !== 'normal' || !linted.mail || tally.spam.state === 'unreachable')
    return { linted, tally }
  const verdict = await checkSpam(linted.mail)
  if (verdict.state === 'unreachable') onUnreachable(verdict.why)
  return {
    linted: { ...linted, findings: [...linted.findings, ...spamFindings(verdict)] },
    tally: addSpam(tally, linted, verdict),
  }
}
