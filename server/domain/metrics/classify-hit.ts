import bowser from 'bowser'
import { isbot } from 'isbot'
import { LRUCache } from 'lru-cache'
import { minuteMs, secondMs } from '../../../shared/clock.ts'
import {
  applePrivacyAgent,
  gmailPrefetchAgent,
  gmailProxyAgent,
  type MailProgram,
  mailProgramOf,
  scannerAgent,
  yahooProxyAgent,
} from './email-clients.ts'

/** One request for the pixel, for a link, for the slow picture, or for a page behind the email’s own links. */
export interface Hit {
  readonly id: string
  readonly type: 'open' | 'click' | 'view_time' | 'visit'
  readonly at: number
  readonly method: string
  readonly userAgent: string
  /** Address cut to its network (/24, /48). */
  readonly network: string
  /** Index of the link; null on pictures and pages. */
  readonly link: number | null
  /** Of visits: path of the page, without the token. */
  readonly page?: string
  /** The browser snippet saw this click arrive in a visible page: a person, whatever else speaks against it. */
  readonly verifiedAt: number | null
  /** How long the slow picture was loaded before its reader turned away; null: that was not seen. */
  readonly loadedMs?: number | null
}

/** The email it belongs to, and what the same network did to other emails. */
export interface HitContext {
  /** When the mail server took the email; null while that is not known. */
  readonly acceptedAt: number | null
  /** How many tracked links the email has. */
  readonly links: number
  /** Other emails whose links the same network clicked within a minute. */
  readonly otherMails: number
}

type HitActor = 'human' | 'machine' | 'unknown'

export interface Verdict extends MailProgram {
  readonly actor: HitActor
  readonly confidence: 'sure' | 'high' | 'medium' | 'low'
  readonly reasons: readonly string[]
  /** Belongs to an earlier hit of the same moment and is not counted again. */
  readonly collapsed: boolean
}

const openGraceMs = 2 * secondMs
const proxyGraceMs = 5 * secondMs
const clickGraceMs = 5 * secondMs
const burstMs = 3 * secondMs
const sameMomentMs = secondMs
const neighbourMs = minuteMs
/** So long around its walk a scanner’s network and browser are taken for the scanner’s. */
const walkMs = 10 * minuteMs
/** One network clicking in so many different emails within a minute is a gateway. */
export const gatewayMails = 3

const unknownProgram: MailProgram = { client: 'unknown', device: 'unknown' }

/** Few agents come again and again, and taking one apart costs more than all the rest of a verdict. */
const knownPrograms = new LRUCache<string, MailProgram>({ max: 1000 })

function programOf(userAgent: string): MailProgram {
  const known = knownPrograms.get(userAgent)
  if (known) return known
  const program = parseProgram(userAgent)
  knownPrograms.set(userAgent, program)
  return program
}

function parseProgram(userAgent: string): MailProgram {
  // The parser throws for an empty one.
  if (userAgent === '') return unknownProgram
  const { browser, platform } = bowser.parse(userAgent)
  const device = platform.type === 'mobile' ? 'phone' : platform.type === 'tablet' ? 'tablet' : platform.type
  return {
    client: mailProgramOf(userAgent) ?? browser.name ?? 'unknown',
    device: device === 'phone' || device === 'tablet' || device === 'desktop' ? device : 'unknown',
  }
}

type Judged = Omit<Verdict, 'collapsed'>

const machine = (confidence: Verdict['confidence'], reason: string, program = unknownProgram): Judged => ({
  actor: 'machine',
  confidence,
  reasons: [reason],
  ...program,
})

const isScanner = (userAgent: string): boolean =>
  mailProgramOf(userAgent) !== 'Outlook' && (scannerAgent.test(userAgent) || isbot(userAgent))

/** The order matters: the general crawler list takes every email proxy for a crawler, so proxies come first. */
function judgeOpen(hit: Hit, { acceptedAt }: HitContext): Judged {
  const { userAgent } = hit
  const sinceAccepted = acceptedAt === null ? Number.POSITIVE_INFINITY : hit.at - acceptedAt
  const gmail = { client: 'Gmail', device: 'unknown' } as const
  if (hit.method !== 'GET') return machine('sure', `asked with ${hit.method}`)
  if (userAgent === '') return machine('sure', 'no user agent')
  if (applePrivacyAgent.test(userAgent))
    return {
      actor: 'unknown',
      confidence: 'low',
      reasons: ['Apple Mail Privacy Protection fetches every image'],
      client: 'Apple Mail',
      device: 'unknown',
    }
  if (gmailPrefetchAgent.test(userAgent)) return machine('sure', 'Gmail fetches ahead of any reader', gmail)
  if (gmailProxyAgent.test(userAgent))
    return sinceAccepted < proxyGraceMs
      ? machine('high', 'Gmail’s proxy within 5 s of delivery', gmail)
      : { actor: 'human', confidence: 'medium', reasons: ['through Gmail’s image proxy'], ...gmail }
  if (yahooProxyAgent.test(userAgent) && sinceAccepted >= openGraceMs)
    return {
      actor: 'human',
      confidence: 'medium',
      reasons: ['through Yahoo’s image proxy'],
      client: 'Yahoo Mail',
      device: 'unknown',
    }
  if (isScanner(userAgent)) return machine('sure', 'a scanner or library by its user agent')
  if (sinceAccepted < openGraceMs) return machine('high', 'within 2 s of delivery', programOf(userAgent))
  return {
    actor: 'human',
    confidence: 'high',
    reasons: ['an ordinary email client'],
    ...programOf(userAgent),
  }
}

/** How many different links and pages were fetched in some 3 seconds around this hit, and how many of them links. */
function burstAround(hit: Hit, hits: readonly Hit[]): { links: number; all: number } {
  const near = hits.filter(({ at }) => Math.abs(at - hit.at) < burstMs)
  const links = new Set(near.flatMap(({ type, link }) => (type === 'click' && link !== null ? [link] : [])))
    .size
  const pages = new Set(near.flatMap(({ type, page }) => (type === 'visit' ? [page] : []))).size
  return { links, all: links + pages }
}

/**
 * What only a machine does that walks the email. Pages count with the links: most emails have a single link of their
 * own, and are walked together with those to unsubscribe, to view and to extend.
 */
function walkOf(hit: Hit, hits: readonly Hit[], context: HitContext): Judged | null {
  const { userAgent, method } = hit
  if (method !== 'GET') return machine('sure', `asked with ${method}`, programOf(userAgent))
  if (hit.verifiedAt !== null) return null
  if (userAgent === '') return machine('sure', 'no user agent')
  if (applePrivacyAgent.test(userAgent) || isScanner(userAgent))
    return machine('sure', 'a scanner or library by its user agent')
  const burst = burstAround(hit, hits)
  if (burst.all >= 3 || (burst.links >= 2 && burst.links === context.links))
    return machine('high', `${burst.all} different links within 3 s`, programOf(userAgent))
  return context.otherMails + 1 >= gatewayMails
    ? machine('high', 'one network clicked in several people’s emails within a minute', programOf(userAgent))
    : null
}

function judgeClick({ userAgent, verifiedAt, at }: Hit, { acceptedAt }: HitContext): Judged {
  const program = programOf(userAgent)
  if (verifiedAt !== null)
    return { actor: 'human', confidence: 'sure', reasons: ['the click arrived in your product'], ...program }
  if (acceptedAt !== null && at - acceptedAt < clickGraceMs)
    return machine('high', 'within 5 s of delivery', program)
  return {
    actor: 'human',
    confidence: 'high',
    reasons: ['a single click in an ordinary browser'],
    ...program,
  }
}

const isFollowing = ({ type }: Hit): boolean => type === 'click' || type === 'visit'

/** What the same program on the same network did before and after its walk, pictures included. */
function isOfWalker(hit: Hit, walkers: readonly Hit[]): boolean {
  if (hit.verifiedAt !== null || hit.network === 'unknown') return false
  return walkers.some(
    ({ network, userAgent, at }) =>
      network === hit.network && userAgent === hit.userAgent && Math.abs(at - hit.at) <= walkMs,
  )
}

/**
 * Who caused each hit of one mail: a person, a machine, or cannot be told. Looks at all hits together, because a
 * scanner often gives itself away only by its second request; so earlier verdicts may change with a new hit.
 * Raw hits are kept: a better classifier can be run over them again.
 * @param contextOf what else is known about a hit; `otherMails` may be different for each.
 * @returns by hit id
 */
export function classifyHits<H extends Hit>(
  hits: readonly H[],
  contextOf: (hit: H) => HitContext,
): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  const counted: H[] = []
  const ordered = [...hits].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const walks = new Map<H, Judged>()
  for (const hit of ordered) {
    // Pictures give no walker away: whole networks of harmless proxies fetch them ahead.
    const walk = isFollowing(hit) ? walkOf(hit, hits, contextOf(hit)) : null
    if (walk) walks.set(hit, walk)
  }
  const walkers = [...walks.keys()]
  for (const hit of ordered) {
    const alone = isFollowing(hit) ? judgeClick(hit, contextOf(hit)) : judgeOpen(hit, contextOf(hit))
    const judged =
      walks.get(hit) ??
      (alone.actor === 'human' && isOfWalker(hit, walkers)
        ? machine('high', 'the program that walked the links of this email', programOf(hit.userAgent))
        : alone)
    const collapsed = counted.some(
      (other) =>
        other.type === hit.type &&
        other.link === hit.link &&
        other.page === hit.page &&
        hit.at - other.at < sameMomentMs &&
        verdicts.get(other.id)?.actor === judged.actor,
    )
    if (!collapsed) counted.push(hit)
    verdicts.set(hit.id, { ...judged, collapsed })
  }
  return verdicts
}

/** Whether two clicks on different emails belong to one gateway’s walk. */
export const areNeighbours = (a: number, b: number): boolean => Math.abs(a - b) <= neighbourMs

/** IPv4 to /24, IPv6 to /48, so that no signal holds a person’s full address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (/^\d+\.\d+\.\d+\.\d+$/.test(mapped)) return `${mapped.split('.').slice(0, 3).join('.')}.0/24`
  if (!mapped.includes(':')) return 'unknown'
  const [head = '', tail] = mapped.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return `${groups.slice(0, 3).join(':')}::/48`
}
