import { json, Router } from 'express'
import * as z from 'zod'
import { isoInstant } from '../../../shared/clock.ts'
import { parseRequest } from '../../http/parse-request.ts'
import { ProblemError } from '../../http/problem.ts'
import { type InboxActor, inboxActions, linksIn, pixelIn } from './inbox-actions.ts'
import type { InboxMessage, InboxStore } from './inbox-store.ts'

const queryOfList = z.object({ to: z.string().max(320).optional() })
const bodyOfAction = z.strictObject({
  action: z.enum(inboxActions),
  link: z.int().min(0).max(200).optional().describe('Position among the links of the email.'),
  text: z.string().max(5000).optional().describe('What the reply says.'),
})

const publicMessage = ({ id, receivedAt, envelope, kind, subject, headers, text, html }: InboxMessage) => ({
  id,
  receivedAt: isoInstant(receivedAt),
  envelope,
  kind,
  subject,
  headers,
  text,
  html,
})

/**
 * An email in a frame of its own: no script, no form, no request to anywhere, so that reading it here does not count
 * as an open. Links leave into a new tab.
 */
const frameHeaders = {
  'Content-Security-Policy':
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'no-referrer',
}

const inFrame = (html: string): string => {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, `$&${base}`) : `${base}${html}`
}

export function createInboxRoutes({ inbox, actor }: { inbox: InboxStore; actor: InboxActor }): Router {
  const router = Router()
  const found = (id: string | undefined): InboxMessage => {
    const message = inbox.get(id ?? '')
    if (!message) throw new ProblemError('not-found', { detail: 'No email has this id, or it is too old.' })
    return message
  }

  router.get('/messages', (request, response) => {
    const { to } = parseRequest(queryOfList, request.query, 'query')
    response.json({ messages: inbox.list(to).map(publicMessage) })
  })
  router.get('/messages/:id', (request, response) => {
    const message = found(request.params.id)
    response.json({
      ...publicMessage(message),
      links: linksIn(message.html),
      tracked: pixelIn(message.html) !== null,
    })
  })
  router.get('/messages/:id/raw', (request, response) => {
    response.type('message/rfc822').send(found(request.params.id).raw)
  })
  router.get('/messages/:id/html', (request, response) => {
    response
      .set(frameHeaders)
      .type('html')
      .send(inFrame(found(request.params.id).html))
  })
  router.post('/messages/:id/actions', json({ type: () => true }), async (request, response) => {
    const message = found(request.params.id)
    const { action, link, text } = parseRequest(bodyOfAction, request.body, 'body')
    const options = { ...(link !== undefined && { link }), ...(text !== undefined && { text }) }
    const result = await actor.act(message, action, options)
    response.status(result.ok ? 200 : 422).json(result)
  })
  return router
}
