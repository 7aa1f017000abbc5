import * as z from 'zod'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Billing } from './billing.ts'
import {
  connectionParams,
  connectionPostSchema,
  connectionPutSchema,
  connectionSchema,
  outboxSchema,
  pageQuery,
  pendingPaymentSchema,
  readPostSchema,
  readSchema,
  retryPostSchema,
  shownConnection,
  shownOutboxRow,
  shownPayments,
  shownRead,
} from './billing-schemas.ts'
import { maxConnections } from './connections.ts'

const tag = 'Billing'
const connectionPath = '/api/billing/connections/{id}'
const noConnection = () => new ProblemError('not-found', { detail: 'There is no such connection.' })

export interface BillingRouteParts {
  readonly billing: Billing
  readonly audit: AuditLog
  readonly publicUrl: string
}

export const billingRoutes = (parts: BillingRouteParts): Route[] => [
  ...connectionRoutes(parts),
  ...outboxRoutes(parts),
  ...readRoutes(parts),
  paymentRoute(parts),
]

function connectionRoutes({ billing: { connections }, audit, publicUrl }: BillingRouteParts): Route[] {
  const answer = { description: 'The connection, without its secrets', schema: connectionSchema }
  return [
    route({
      method: 'get',
      path: '/api/billing/connections',
      id: 'listBillingConnections',
      tag,
      summary: 'Connections to billing systems, without their secrets',
      role: 'admin',
      answers: {
        200: { description: 'Connections', schema: z.object({ connections: z.array(connectionSchema) }) },
      },
      async handle({ workspace }) {
        const found = await connections.list(workspace.id)
        return ok({ connections: found.map((connection) => shownConnection(connection, publicUrl)) })
      },
    }),
    route({
      method: 'post',
      path: '/api/billing/connections',
      id: 'createBillingConnection',
      tag,
      summary: 'Connect a billing system; then give it the `webhookUrl` of the answer',
      role: 'admin',
      body: connectionPostSchema,
      answers: { 201: answer },
      problems: ['conflict'],
      async handle({ workspace, principal, body, ip }) {
        const { apiKey, webhookSecrets, site = null, ...rest } = body
        const described = { ...rest, site, workspaceId: workspace.id }
        const made = await connections.create(described, { apiKey, webhookSecrets })
        if (!made)
          throw new ProblemError('conflict', {
            detail: `There are ${maxConnections} connections already; remove one.`,
          })
        const entry = { by: principal.id, action: 'billing.connect', subject: made.id, ip }
        await audit.write(workspace.id, { ...entry, after: { provider: made.provider } })
        return { status: 201, body: shownConnection(made, publicUrl) }
      },
    }),
    route({
      method: 'put',
      path: connectionPath,
      id: 'updateBillingConnection',
      tag,
      summary: 'Rename a connection or replace its secrets; absent keeps',
      role: 'admin',
      params: connectionParams,
      body: connectionPutSchema,
      answers: { 200: answer },
      problems: ['not-found'],
      async handle({ workspace, principal, params: { id }, body, ip }) {
        const changed = await connections.update(workspace.id, id, body)
        if (!changed) throw noConnection()
        await audit.write(workspace.id, { by: principal.id, action: 'billing.update', subject: id, ip })
        return ok(shownConnection(changed, publicUrl))
      },
    }),
    route({
      method: 'delete',
      path: connectionPath,
      id: 'deleteBillingConnection',
      tag,
      summary: 'Disconnect a billing system; trials keep the dates they have',
      role: 'admin',
      params: connectionParams,
      answers: { 204: { description: 'Disconnected' } },
      problems: ['not-found'],
      async handle({ workspace, principal, params: { id }, ip }) {
        if (!(await connections.remove(workspace.id, id))) throw noConnection()
        await audit.write(workspace.id, { by: principal.id, action: 'billing.disconnect', subject: id, ip })
        return { status: 204 }
      },
    }),
  ]
}

function outboxRoutes({ billing, audit }: BillingRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/billing/outbox',
      id: 'listBillingOutbox',
      tag,
      summary:
        'Ends of trials told to the billing systems, and what became of each; `dead` ones need somebody',
      role: 'admin',
      query: pageQuery,
      answers: {
        200: {
          description: 'A page; ask again with `cursor` until it is null',
          schema: z.object({ rows: z.array(outboxSchema), cursor: z.string().nullable() }),
        },
      },
      async handle({ workspace, query: { cursor = null, limit } }) {
        const rows = await billing.outbox.list(workspace.id, cursor, limit)
        const next = rows.length < limit ? null : (rows.at(-1)?.id ?? null)
        return ok({ rows: rows.map(shownOutboxRow), cursor: next })
      },
    }),
    route({
      method: 'post',
      path: '/api/billing/outbox/retries',
      id: 'retryBillingOutbox',
      tag,
      summary: 'Try a dead row of the outbox again',
      role: 'admin',
      body: retryPostSchema,
      answers: { 202: { description: 'It is being tried' } },
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
    route({
      method: 'get',
      path: '/api/billing/reads',
      id: 'listBillingReads',
      tag,
      summary: 'Subscriptions that have to be read, with those given up',
      role: 'admin',
      answers: { 200: { description: 'The first 500', schema: z.object({ reads: z.array(readSchema) }) } },
      async handle({ workspace }) {
        const connections = await billing.connections.list(workspace.id)
        const reads = await billing.inbox.list(connections.map(({ id }) => id))
        return ok({ reads: reads.map(shownRead) })
      },
    }),
    route({
      method: 'post',
      path: '/api/billing/reads',
      id: 'readSubscription',
      tag,
      summary: 'Read a subscription now, for instance one made before its connection',
      role: 'admin',
      body: readPostSchema,
      answers: { 202: { description: 'It is being read' } },
      problems: ['not-found'],
      async handle({ workspace, body: { connectionId, subscription } }) {
        const connection = await billing.connections.get(connectionId)
        if (connection?.workspaceId !== workspace.id) throw noConnection()
        await billing.read(connection, subscription)
        return { status: 202 }
      },
    }),
  ]
}

const paymentRoute = ({ billing }: BillingRouteParts): Route =>
  route({
    method: 'get',
    path: '/api/billing/payments',
    id: 'listBillingPayments',
    tag,
    summary: 'Payments that billing systems told of and that do not stand among the figures yet, and why',
    role: 'admin',
    answers: {
      200: {
        description: 'Of the first 500 events',
        schema: z.object({ payments: z.array(pendingPaymentSchema) }),
      },
    },
    async handle({ workspace }) {
      const connections = await billing.connections.list(workspace.id)
      const pending = await billing.payments.list(connections.map(({ id }) => id))
      return ok({ payments: pending.flatMap(shownPayments) })
    },
  })
