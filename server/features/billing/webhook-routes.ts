import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { sendProblem } from '../../http/problem.ts'
import type { Clock } from '../../ports.ts'
import type { Billing } from './billing.ts'

const bodyLimit = '1mb'

/** The signature covers the bytes as they came: nothing may parse or decode them before it is checked. */
const rawBody: RequestHandler = express.raw({ type: () => true, limit: bodyLimit, inflate: false })

/**
 * `POST /webhooks/<provider>/<connection>`: verify, store, answer. What follows from it happens afterwards, from what
 * was stored, so that a slow billing system delays no one.
 * @param clock real time, by which providers sign.
 */
export function createWebhookRoutes({
  billing,
  clock,
}: {
  billing: Pick<Billing, 'connections' | 'receive' | 'statuses'>
  clock: Clock
}): RequestHandler {
  async function receive(request: Request, response: Response) {
    const { provider: name, connection: id } = request.params
    const opened = typeof id === 'string' && id.length <= 100 ? await billing.connections.open(id) : null
    if (!opened || opened.connection.provider !== name)
      return sendProblem(response, 'not-found', { detail: 'There is no such connection.' })
    const body: unknown = request.body
    const verdict = await opened.provider.verify({
      rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      headers: request.headers,
      now: clock.now(),
    })
    if (!verdict.ok) {
      await billing.statuses.noteRefusal(opened.connection.id, verdict.why)
      return sendProblem(response, verdict.reason === 'unsigned' ? 'unauthorized' : 'invalid-request', {
        detail: verdict.why,
      })
    }
    const result = await billing.receive(opened.connection, verdict.hint)
    response.status(200).json({ received: true, duplicate: result === 'duplicate' })
  }

  const router = Router()
  router
    .route('/webhooks/:provider/:connection')
    .post(rawBody, (request, response) => {
      response.locals.route = 'billingWebhook'
      return receive(request, response)
    })
    .all((_request, response) =>
      sendProblem(response, 'method-not-allowed', { detail: 'POST is offered here.' }, { Allow: 'POST' }),
    )
  return router
}
