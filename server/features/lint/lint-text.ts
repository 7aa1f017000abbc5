import type { MailView } from '../../../shared/mail-view.ts'
import type { RenderedMail } from '../../ports.ts'
import { error, type Finding } from './finding.ts'

/** RFC 5322; the 78 it recommends are kept by the transfer encoding, which folds lines. */
const longestLine = 998
const [leastShare, mostShare] = [0.5, 2]

/** @param links that the text part must have as well. */
export function lintText(
  text: string,
  htmlWords: string,
  links: readonly string[],
  view: MailView,
): Finding[] {
  const findings: Finding[] = []
  const share = text.replace(/https?:\/\/\S+/g, '').length / Math.max(1, htmlWords.length)
  if (text.trim() === '') return [error('text-missing', 'There is no text part.')]
  if (!text.includes(view.links.unsubscribe))
    findings.push(error('text-unsubscribe', 'No unsubscribe address.'))
  if (!text.includes(view.product.postalAddress)) findings.push(error('text-address', 'No postal address.'))
  for (const link of links)
    if (!text.includes(link)) findings.push(error('text-link', `The text part lacks ${link}.`))
  if (share < leastShare || share > mostShare)
    findings.push(error('text-share', `${Math.round(share * 100)} % of the words of the HTML part.`))
  if (text.split('\n').some((line) => line.length > longestLine))
    findings.push(error('text-line', `A line is longer than ${longestLine} characters.`))
  return findings
}

const withoutControls = (text: string): string =>
  text.replace(/[\u202a-\u202e]/gu, '').replace(/\p{Cc}+/gu, ' ')

/** Slots left open, and what JavaScript writes for nothing. */
const leaks = /\{\{|\{%|\bundefined\b|\bNaN\b|Invalid Date|\[object /

/** What should have been filled and was not. */
export function lintLeaks({ subject, preheader, html, text }: RenderedMail, { person }: MailView): Finding[] {
  // A person may be called anything; only our own words are searched for slots.
  const { name, firstName, company } = person
  const ours = [name, firstName, company].reduce<string>(
    (all, theirs) => (theirs ? all.replaceAll(withoutControls(theirs), '') : all),
    withoutControls(`${subject} ${preheader} ${text}`),
  )
  const leak = leaks.exec(ours)
  return [
    ...(leak ? [error('leak', `"${leak[0]}" is in the email.`)] : []),
    ...(/&amp;(lt|gt|amp|quot|#\d+);/.test(html) ? [error('double-escape', 'Text was escaped twice.')] : []),
  ]
}
