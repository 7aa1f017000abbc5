import { parseDocument } from 'htmlparser2'
import { secondMs } from '../../../shared/clock.ts'
import type { Clock } from '../../ports.ts'
import { bounceOf, complaintAbout, type FeedbackMail, replyTo } from './feedback-mail.ts'
import type { InboxMessage } from './inbox-store.ts'

export const inboxActions = ['open', 'click', 'reply', 'bounce', 'soft_bounce', 'complaint'] as const
type InboxAction = (typeof inboxActions)[number]

export interface ActionResult {
  readonly ok: boolean
  /** What happened, in words for the page. */
  readonly detail: string
}

export interface InboxActor {
  act(
    message: InboxMessage,
    action: InboxAction,
    options: { link?: number; text?: string },
  ): Promise<ActionResult>
}

/** As a person’s email client and browser present themselves, so that nothing takes them for a scanner. */
const browserHeaders = {
  'User-Agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8',
  'Accept-Language': 'en-US,en;q=0.9',
}

interface Element {
  name?: string
  attribs?: Record<string, string>
  children?: Element[]
}

function* elements(node: Element): Generator<Element> {
  for (const child of node.children ?? []) {
    yield child
    yield* elements(child)
  }
}

const attributes = (html: string, tag: string, attribute: string): string[] =>
  [...elements(parseDocument(html) as unknown as Element)]
    .filter(({ name }) => name === tag)
    .flatMap(({ attribs }) => attribs?.[attribute] ?? [])

/** Addresses of the tracked links, in the order in which they are in the email, each once. */
export const linksIn = (html: string): string[] => [
  ...new Set(attributes(html, 'a', 'href').filter((href) => /^https?:\/\/[^/]+\/(c|s|x|v|u)\//.test(href))),
]

export const pixelIn = (html: string): string | null =>
  attributes(html, 'img', 'src').find((src) => /^https?:\/\/[^/]+\/o\/[^/]+\.gif$/.test(src)) ?? null

const done = (detail: string): ActionResult => ({ ok: true, detail })
const not = (detail: string): ActionResult => ({ ok: false, detail })

/** Anyone who opens or clicks sooner after the delivery is taken for a scanner, and rightly so. */
const readingMs = 10 * secondMs

/**
 * @param deliver hands an email to the inbound feature as the postmaster of the recipient would.
 * @param passTo lets demo time pass until then.
 */
export function createInboxActor({
  clock,
  deliver,
  passTo,
}: {
  clock: Clock
  deliver: (mail: FeedbackMail) => Promise<ActionResult>
  passTo: (at: () => number) => Promise<unknown>
}): InboxActor {
  const visit = async (url: string, what: string): Promise<ActionResult> => {
    const response = await fetch(url, { headers: browserHeaders, redirect: 'manual' })
    await response.arrayBuffer()
    return response.status < 400 ? done(what) : not(`The server answered ${response.status}.`)
  }

  return {
    async act(message, action, { link, text }) {
      const readAt = message.receivedAt + readingMs
      if (clock.now() < readAt) await passTo(() => readAt)
      const now = clock.now()
      switch (action) {
        case 'open': {
          const pixel = pixelIn(message.html)
          return pixel ? visit(pixel, 'The email was opened.') : not('This email has no open pixel.')
        }
        case 'click': {
          const links = linksIn(message.html)
          const tracked = links.filter((href) => /\/c\//.test(href))
          const href = link === undefined ? (tracked[0] ?? links[0]) : links[link]
          return href ? visit(href, `Opened ${href}`) : not('This email has no such link.')
        }
        case 'reply':
          return deliver(replyTo(message, text || 'Thanks, I will look at it this week.', now))
        case 'bounce':
          return deliver(bounceOf(message, now))
        case 'soft_bounce':
          return deliver(bounceOf(message, now, 'soft'))
        case 'complaint':
          return deliver(complaintAbout(message, now))
      }
    },
  }
}
