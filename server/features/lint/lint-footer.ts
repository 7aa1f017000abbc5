import type { MailView } from '../../../shared/mail-view.ts'
import { error, type Finding } from './finding.ts'
import { type Element, isHidden, textInside, visibleText } from './html-elements.ts'

/** Letters that a reason to write takes at the least, in whatever language. */
const leastReason = 8

/** The words around the link to unsubscribe, without the links themselves and the address. */
function reasonBeside(link: Element, elements: readonly Element[], postalAddress: string): string {
  const block = link.ancestors.findLast(({ name }) => ['p', 'td', 'div'].includes(name))
  if (!block) return ''
  const links = elements.filter(({ name, ancestors }) => name === 'a' && ancestors.includes(block))
  return [postalAddress, ...links.map((each) => textInside(each, elements))].reduce(
    (words, known) => words.replace(known, ''),
    textInside(block, elements),
  )
}

/** What the law asks for under each mail: who writes and where from, why, and how to end it. */
export function lintFooter(elements: readonly Element[], { links, product }: MailView): Finding[] {
  const findings: Finding[] = []
  const exit = elements.find(
    (element) => element.name === 'a' && element.attributes.href === links.unsubscribe && !isHidden(element),
  )
  if (!visibleText(elements).includes(product.postalAddress))
    findings.push(error('postal-address', 'The postal address is missing.'))
  if (!exit) return [...findings, error('unsubscribe', 'No unsubscribe link.')]
  const letters = reasonBeside(exit, elements, product.postalAddress).replace(/[^\p{L}]/gu, '')
  if (letters.length < leastReason)
    findings.push(error('footer-reason', 'The footer does not say why they get this email.'))
  return findings
}
