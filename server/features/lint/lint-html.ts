import type { MailView } from '../../../shared/mail-view.ts'
import { error, type Finding, warning } from './finding.ts'
import { type Element, isHidden, visibleText } from './html-elements.ts'

/** Gmail cuts mails there. */
const mostBytes = 102_400
const manyBytes = 80_000
const widest = 640
const forbidden = new Set(['script', 'form', 'iframe', 'object', 'embed', 'link', 'video', 'audio', 'base'])

const bytesOf = (html: string): Finding[] => {
  const bytes = Buffer.byteLength(html)
  if (bytes > mostBytes) return [error('size', `${bytes} bytes; Gmail cuts at ${mostBytes}.`)]
  return bytes > manyBytes ? [warning('size', `${bytes} bytes`)] : []
}

function lintShell(elements: readonly Element[]): Finding[] {
  const findings: Finding[] = []
  const root = elements.find(({ name }) => name === 'html')
  const css = elements.find(({ name }) => name === 'style')?.text ?? ''
  const hasMeta = (name: string) =>
    elements.some((element) => element.name === 'meta' && element.attributes.name === name)
  if (!root?.attributes.lang) findings.push(error('lang', 'There is no lang.'))
  if (!root?.attributes.dir) findings.push(error('dir', 'There is no dir.'))
  if (!elements.some(({ name, text }) => name === 'title' && text.trim() !== ''))
    findings.push(error('title', 'There is no title.'))
  if (!hasMeta('viewport')) findings.push(error('viewport', 'There is no viewport meta.'))
  if (!hasMeta('color-scheme') || !css.includes('prefers-color-scheme: dark'))
    findings.push(error('dark-mode', 'color-scheme meta or dark rules are missing.'))
  for (const { name, attributes, style } of elements) {
    if (forbidden.has(name)) findings.push(error('element', `<${name}> has no place in a mail.`))
    if (style.has('position')) findings.push(error('css', 'position is not supported.'))
    if (name === 'table' && attributes.role !== 'presentation')
      findings.push(error('table-role', 'A layout table without role="presentation".'))
    if (Number(attributes.width) > widest)
      findings.push(error('width', `${attributes.width} px is too wide.`))
    if (Object.keys(attributes).some((attribute) => attribute.startsWith('on')))
      findings.push(error('script', 'An event handler stands in the mail.'))
  }
  return findings
}

const lintImages = (elements: readonly Element[]): Finding[] =>
  elements.flatMap(({ name, attributes: { src = '', alt, width, height } }) => {
    if (name !== 'img') return []
    return [
      ...(alt === undefined ? [error('image-alt', `${src} has no alt.`)] : []),
      ...(width && height ? [] : [error('image-size', `${src} has no width and height.`)]),
      ...(/^data:/i.test(src) ? [error('image-data', 'data: images are blocked by Gmail.')] : []),
    ]
  })

/** Links by what they are for. */
export function linksOf(elements: readonly Element[], { links, product }: MailView) {
  const hrefs = elements.flatMap((element) =>
    element.name === 'a' && !isHidden(element) ? [element.attributes.href ?? ''] : [],
  )
  const isFooter = (href: string) => href === links.unsubscribe || href === links.view
  const isSurvey = (href: string) => href.startsWith(`${links.survey}/`)
  // Whoever wants the proof behind a customer’s words may look; it is nothing the mail asks for.
  const isProof = (href: string) => href === product.story?.url
  return {
    footer: hrefs.filter(isFooter),
    survey: hrefs.filter(isSurvey),
    action: [...new Set(hrefs.filter((href) => !isFooter(href) && !isSurvey(href) && !isProof(href)))],
    all: hrefs,
  }
}

function lintLinks(elements: readonly Element[], view: MailView): Finding[] {
  const { footer, survey, action, all } = linksOf(elements, view)
  const findings: Finding[] = []
  const asksForReply = view.kind === 'expiring_passive' || view.kind === 'survey_follow_up'
  const goals = action.length + (survey.length > 0 ? 1 : 0)
  if (goals > 1 || (goals === 0 && !asksForReply))
    findings.push(error('one-action', `${goals} things to do; there must be one.`))
  if (!footer.includes(view.links.unsubscribe)) findings.push(error('unsubscribe', 'No unsubscribe link.'))
  for (const href of all) {
    if (!/^https:\/\//.test(href)) findings.push(error('link-https', `${href} is not https.`))
    if (/^https?:\/\/(\d+\.\d+\.\d+\.\d+|\[)/.test(href))
      findings.push(error('link-ip', `${href} is a bare address.`))
    if (/^https?:\/\/(bit\.ly|t\.co|tinyurl\.com|goo\.gl|ow\.ly)\//.test(href))
      findings.push(error('link-shortener', `${href} is shortened.`))
  }
  for (const { name, text, attributes } of elements) {
    const shown = name === 'a' ? /\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b/i.exec(text)?.[1] : null
    if (shown && URL.canParse(attributes.href ?? '') && new URL(attributes.href ?? '').hostname !== shown)
      findings.push(error('link-text', `${shown} is shown, but it leads elsewhere.`))
  }
  return findings
}

export function lintHtml(html: string, elements: readonly Element[], view: MailView): Finding[] {
  const words = visibleText(elements)
  const findings = [
    ...bytesOf(html),
    ...lintShell(elements),
    ...lintImages(elements),
    ...lintLinks(elements, view),
  ]
  if (!words.includes(view.product.postalAddress))
    findings.push(error('postal-address', 'The postal address is missing.'))
  if (words.length < 200) findings.push(error('little-text', `Only ${words.length} characters of text.`))
  if (/&amp;(lt|gt|amp|quot|#\d+);/.test(html))
    findings.push(error('double-escape', 'Text was escaped twice.'))
  return findings
}
