import type { MailView } from '../../../shared/mail-view.ts'
import { error, type Finding, warning } from './finding.ts'
import { type Element, isHidden, textInside } from './html-elements.ts'

const mostLinks = 4
const shorteners = new Set(
  'bit.ly t.co tinyurl.com goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly tiny.cc lnkd.in t.ly rb.gy shorturl.at v.gd bl.ink short.io s.id han.gl me2.do'.split(
    ' ',
  ),
)

/** Where a link ends up: behind a tracked one lies the target it was made of. */
function targetOf(href: string, targets: readonly string[], { links }: MailView): string {
  if (links.click === null || !href.startsWith(`${links.click}/`)) return href
  return targets[Number(href.slice(links.click.length + 1))] ?? href
}

/** Links by what they are for. @param targets of the tracked links, by their index. */
export function linksOf(elements: readonly Element[], targets: readonly string[], view: MailView) {
  const { links, product } = view
  const hrefs = elements.flatMap((element) =>
    element.name === 'a' && !isHidden(element) ? [element.attributes.href ?? ''] : [],
  )
  const isFooter = (href: string) => href === links.unsubscribe || href === links.view
  const isSurvey = (href: string) => href.startsWith(`${links.survey}/`)
  // Anyone who doubts a customer’s words may look them up; it is nothing the email asks for.
  const isProof = (href: string) => targetOf(href, targets, view) === product.story?.url
  return {
    footer: hrefs.filter(isFooter),
    survey: hrefs.filter(isSurvey),
    action: [...new Set(hrefs.filter((href) => !isFooter(href) && !isSurvey(href) && !isProof(href)))],
    all: hrefs,
  }
}

const urlOf = (href: string): URL | null => (URL.canParse(href) ? new URL(href) : null)
const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
const isAddress = ({ hostname }: URL): boolean => /^\d+\.\d+\.\d+\.\d+$|^\[/.test(hostname)

function addressFindings(href: string): Finding[] {
  const url = urlOf(href)
  // On one’s own machine there is neither a certificate nor a name to ask for.
  if (url && isLoopback(url)) return []
  return [
    ...(url?.protocol === 'https:' ? [] : [error('link-https', `${href} is not https.`)]),
    ...(url && isAddress(url) ? [error('link-ip', `${href} is a bare address.`)] : []),
    ...(url && shorteners.has(url.hostname.replace(/^www\./, ''))
      ? [error('link-shortener', `${href} is shortened.`)]
      : []),
  ]
}

/** Hosts a link may lead to without a word: our own, and those the product names. */
function knownHosts({ links, product, milestones }: MailView): Set<string> {
  const urls = [links.unsubscribe, product.url, product.upgradeUrl, milestones.next?.url, product.story?.url]
  return new Set(urls.flatMap((url) => (url && URL.canParse(url) ? [new URL(url).hostname] : [])))
}

/** A host that is written out, alone or after https://, is what a reader believes. */
const shownHost = (words: string): string | null =>
  /(?:^\s*|https?:\/\/)((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/\s:?#]|$)/i.exec(words)?.[1]?.toLowerCase() ?? null

const isSameHost = (shown: string, target: string): boolean => {
  const [a, b] = [shown, target].map((host) => host.replace(/^www\./, ''))
  return a === b || (b ?? '').endsWith(`.${a}`)
}

function lintTargets(all: readonly string[], targets: readonly string[], view: MailView): Finding[] {
  const ownHost = urlOf(view.links.unsubscribe)?.host
  const known = knownHosts(view)
  const strangers = new Set<string>()
  const findings: Finding[] = []
  for (const href of new Set(all)) {
    const target = targetOf(href, targets, view)
    const url = urlOf(target)
    findings.push(...[...new Set([href, target])].flatMap(addressFindings))
    if (!url || url.host === ownHost) continue
    if (!known.has(url.hostname)) strangers.add(url.hostname)
    if (target !== href || view.links.click === null) continue
    findings.push(
      known.has(url.hostname)
        ? error('link-untracked', `${href} is not tracked: its clicks are lost, and it gets no utm_ names.`)
        : error('link-foreign', `${href} is neither tracked nor an address of the product.`),
    )
  }
  if (strangers.size > 1)
    findings.push(warning('link-strangers', `Links lead to ${[...strangers].join(', ')}.`))
  return findings
}

export function lintLinks(
  elements: readonly Element[],
  targets: readonly string[],
  view: MailView,
): Finding[] {
  const { footer, survey, action, all } = linksOf(elements, targets, view)
  const findings = lintTargets(all, targets, view)
  const asksForReply = view.kind === 'expiring_passive' || view.kind === 'survey_follow_up'
  const goals = action.length + (survey.length > 0 ? 1 : 0)
  if (goals > 1 || (goals === 0 && !asksForReply))
    findings.push(error('one-action', `${goals} calls to action; there must be exactly one.`))
  if (all.length - footer.length - survey.length > mostLinks)
    findings.push(warning('many-links', `More than ${mostLinks} links besides the footer.`))
  for (const link of elements.filter(({ name }) => name === 'a')) {
    const shown = shownHost(textInside(link, elements))
    const url = urlOf(targetOf(link.attributes.href ?? '', targets, view))
    if (shown && url && !isSameHost(shown, url.hostname))
      findings.push(error('link-text', `${shown} is shown, but it leads to ${url.hostname}.`))
  }
  return findings
}
