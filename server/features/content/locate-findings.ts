import type { MailView } from '../../../shared/mail-view.ts'
import type { RenderedMail, RenderReport } from '../../ports.ts'
import type { Finding } from '../lint/finding.ts'

/** A finding and the block it comes from; null: the email as a whole. */
export type LocatedFinding = Finding & { readonly block: string | null; readonly field: string | null }

const keyOf = ({ check, detail }: Finding): string => `${check}\n${detail}`

const inHead: Readonly<Record<string, string>> = { subject: 'subject', preheader: 'preheader' }

/** Findings that look at the inbox row are called after it. */
const headOf = ({ check }: Finding): string | null => inHead[check.split('-')[0] ?? ''] ?? null

/** A number in the words of a finding may change without the fault going away: there must be fewer of them, too. */
function isGone(finding: Finding, before: readonly Finding[], left: readonly Finding[]): boolean {
  const many = (of: readonly Finding[]) => of.filter(({ check }) => check === finding.check).length
  return many(left) < many(before) && !left.some((one) => keyOf(one) === keyOf(finding))
}

/**
 * Says which block a finding of a whole email comes from: the one without which it is not found.
 * @param lint the checks of an email.
 */
export function locateFindings(
  findings: readonly Finding[],
  mail: RenderedMail,
  view: MailView,
  { blocks }: Pick<RenderReport, 'blocks'>,
  lint: (mail: RenderedMail, view: MailView) => readonly Finding[],
): readonly LocatedFinding[] {
  const unplaced = new Set(findings.filter((finding) => headOf(finding) === null).map(keyOf))
  const blockOf = new Map<string, string>()
  for (const { id, html, text } of blocks) {
    if (unplaced.size === 0) break
    if (html === '') continue
    // By function: a replacement text would be read for `$`.
    const without = {
      ...mail,
      html: mail.html.replace(html, () => ''),
      text: mail.text.replace(text, () => ''),
    }
    const left = lint(without, view)
    for (const finding of findings.filter((one) => unplaced.has(keyOf(one)))) {
      if (!isGone(finding, findings, left)) continue
      blockOf.set(keyOf(finding), id)
      unplaced.delete(keyOf(finding))
    }
  }
  return findings.map((finding) => ({
    ...finding,
    block: blockOf.get(keyOf(finding)) ?? null,
    field: headOf(finding),
  }))
}
