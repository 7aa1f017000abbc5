import type { IncomingMessage } from 'node:http'
import { isbot } from 'isbot'
import { LRUCache } from 'lru-cache'

const known = new LRUCache<string, boolean>({ max: 1000 })
const maxAgentChars = 300

/**
 * Whether a program that walks the web sent this, by its own word. Libraries that send events for a server (`Go-http-client`,
 * `python-requests`) are none, and neither is a browser that a team’s own tests drive.
 */
export function isCrawler(request: IncomingMessage): boolean {
  const agent = request.headers['user-agent']?.slice(0, maxAgentChars)
  if (agent === undefined) return false
  let verdict = known.get(agent)
  if (verdict === undefined) {
    verdict = looksLikeBrowser.test(agent) && !driven.test(agent) && isbot(agent)
    known.set(agent, verdict)
  }
  return verdict
}

/** Crawlers that run scripts look like a browser, or name themselves as robots. */
const looksLikeBrowser = /^Mozilla\/|bot\b|crawl|spider|facebookexternalhit/i
const driven = /HeadlessChrome|Electron|PhantomJS|jsdom|Cypress/
