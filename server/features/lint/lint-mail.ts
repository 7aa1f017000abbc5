import type { MailView } from '../../../shared/mail-view.ts'
import type { RenderedMail, Renderer } from '../../ports.ts'
import { error, type Finding } from './finding.ts'
import { elementsOf, visibleText } from './html-elements.ts'
import { lintContrast } from './lint-contrast.ts'
import { lintFooter } from './lint-footer.ts'
import { lintImages } from './lint-images.ts'
import { linksOf, lintLinks } from './lint-links.ts'
import { lintMarkup, lintShell, lintSize } from './lint-shell.ts'
import { lintSpamWords } from './lint-spam-words.ts'
import { lintPreheader, lintSubject } from './lint-subject.ts'
import { lintLeaks, lintText } from './lint-text.ts'

export type { Finding } from './finding.ts'

/** What must hold for a finished email, whatever it says: the checks of `trialpace lint`. Pure. */
export function lintMail(mail: RenderedMail, view: MailView): Finding[] {
  const { subject, preheader, html, text, links } = mail
  const elements = elementsOf(html)
  const words = visibleText(elements)
  const { action, survey } = linksOf(elements, links, view)
  const lang = elements.find(({ name }) => name === 'html')?.attributes.lang ?? ''
  return [
    ...lintSubject(subject),
    ...lintPreheader(preheader),
    ...lintSize(html),
    ...lintShell(elements),
    ...lintMarkup(elements),
    ...lintImages(elements, words, view),
    ...lintLinks(elements, links, view),
    ...lintFooter(elements, view),
    ...lintContrast(elements),
    ...lintText(text, words, [...action, ...survey], view),
    ...lintLeaks(mail, view),
    ...lintSpamWords({ subject, words }, lang, view),
  ]
}

/** The same for an email that may not have come about, which is its one finding then. */
export const lintWritten = (
  written: Awaited<ReturnType<Renderer['render']>>,
  view: MailView,
): readonly Finding[] => (written.ok ? lintMail(written.mail, view) : [error('render', written.why)])
