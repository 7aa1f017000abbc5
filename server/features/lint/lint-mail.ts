import type { MailView } from '../../../shared/mail-view.ts'
import type { RenderedMail } from '../../ports.ts'
import { error, type Finding, warning } from './finding.ts'
import { elementsOf, visibleText } from './html-elements.ts'
import { lintContrast } from './lint-contrast.ts'
import { linksOf, lintHtml } from './lint-html.ts'
import { lintPreheader, lintSubject } from './lint-subject.ts'

export type { Finding } from './finding.ts'

const longestLine = 998

const withoutControls = (text: string): string =>
  text.replace(/[\u202a-\u202e]/gu, '').replace(/\p{Cc}+/gu, ' ')

/** Slots left open, and what JavaScript writes for nothing. */
const leaks = /\{\{|\{%|\bundefined\b|\bNaN\b|Invalid Date|\[object /

function lintText(text: string, htmlWords: string, links: readonly string[], view: MailView): Finding[] {
  const findings: Finding[] = []
  const share = text.replace(/https?:\/\/\S+/g, '').length / Math.max(1, htmlWords.length)
  if (text.trim() === '') return [error('text-missing', 'There is no text part.')]
  if (!text.includes(view.links.unsubscribe))
    findings.push(error('text-unsubscribe', 'No unsubscribe address.'))
  if (!text.includes(view.product.postalAddress)) findings.push(error('text-address', 'No postal address.'))
  for (const link of links)
    if (!text.includes(link)) findings.push(error('text-link', `The text part lacks ${link}.`))
  if (share < 0.5 || share > 2)
    findings.push(error('text-share', `${Math.round(share * 100)} % of the words of the HTML part.`))
  if (text.split('\n').some((line) => line.length > longestLine))
    findings.push(error('text-line', `A line is longer than ${longestLine} characters.`))
  return findings
}

/** What must hold for a finished mail, whatever it says: the checks of `trialpace lint`. Pure. */
export function lintMail({ subject, preheader, html, text }: RenderedMail, view: MailView): Finding[] {
  const elements = elementsOf(html)
  const words = visibleText(elements)
  const { action, survey } = linksOf(elements, view)
  const findings = [
    ...lintSubject(subject),
    ...lintPreheader(preheader),
    ...lintHtml(html, elements, view),
    ...lintContrast(elements),
    ...lintText(text, words, [...action, ...survey], view),
  ]
  // A person may be called anything; only our own words are searched for slots.
  const { name, firstName, company } = view.person
  const ours = [name, firstName, company].reduce<string>(
    (all, theirs) => (theirs ? all.replaceAll(withoutControls(theirs), '') : all),
    withoutControls(`${subject} ${preheader} ${text}`),
  )
  const leak = leaks.exec(ours)
  if (leak) findings.push(error('leak', `"${leak[0]}" stands in the mail.`))
  if (/ {2,}\S/.test(preheader) || /\s[,.;!?](\s|$)/.test(subject.replace(/ [!?;:]/g, '')))
    findings.push(warning('spacing', 'A slot left a gap.'))
  return findings
}
