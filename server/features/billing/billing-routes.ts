import { billingApi } from '../../../shared/api/billing.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import { shownOutboxRow, shownPayments, shownRead } from './billing-schemas.ts'
import { connectionRoutes } from './connection-routes.ts'
import { type BillingRouteParts, connectionOf, tag } from './route-parts.ts'
import { subscriptionRoutes } from './subscription-routes.ts'

export const billingRoutes = (parts: BillingRouteParts): Route[] => [
  ...connectionRoutes(parts),
  ...outboxRoutes(parts),
  ...readRoutes(parts),
  ...subscriptionRoutes(parts),
  paymentRoute(parts),
]

function outboxRoutes({ billing, audit }: BillingRouteParts): Route[] {
  return [
    route(billingApi, 'GET /api/billing/outbox', {
      id: 'listBillingOutbox',
      tag,
      summary: 'List trial end dates sent to billing systems, with their state; `dead` ones need attention',
      role: 'admin',
      async handle({ workspace, query: { cursor = null, limit } }) {
        const rows = await billing.outbox.list(workspace.id, cursor, limit)
        const next = rows.length < limit ? null : (rows.at(-1)?.id ?? null)
        return ok({ rows: rows.map(shownOutboxRow), cursor: next })
      },
    }),
    route(billingApi, 'POST /api/billing/outbox/retries', {
      id: 'retryBillingOutbox',
      tag,
      summary: 'Retry a dead outbox row',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, body: { id }, ip }) {
        if (!(await billing.retry(workspace.id, id)))
          throw new ProblemError('not-found', { detail: 'There is no such dead row.' })
        await audit.write(workspace.id, { by: principal.id, action: 'billing.retry', ip })
        return { status: 202 }
      },
    }),
  ]
}

function readRoutes({ billing }: BillingRouteParts): Route[] {
  return [
    route(billingApi, 'GET /api/billing/reads', {
      id: 'listBillingReads',
      tag,
      summary: 'List subscriptions waiting to be read, including those given up',
      role: 'admin',
      async handle({ workspace }) {
        const connections = await billing.connections.list(workspace.id)
        const reads = await billing.inbox.list(connections.map(({ id }) => id))
        return ok({ reads: reads.map(shownRead) })
      },
    }),
    route(billingApi, 'POST /api/billing/reads', {
      id: 'readSubscription',
      tag,
      summary: 'Read a subscription now, e.g. one created before the connection',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, body: { connectionId, subscription } }) {
        const connection = await connectionOf(billing, { workspace }, connectionId)
        await billing.read(connection, subscription)
        return { status: 202 }
      },
    }),
  ]
}

const paymentRoute = ({ billing }: BillingRouteParts): Route =>
  route(billingApi, 'GET /api/billing/payments', {
    id: 'listBillingPayments',
    tag,
    summary: 'List payments that are not in the metrics yet, and why',
    role: 'admin',
    async handle({ workspace }) {
      const connections = await billing.connections.list(workspace.id)
      const pending = await billing.payments.list(connections.map(({ id }) => id))
      return ok({ payments: pending.flatMap(shownPayments) })
    },
  })
