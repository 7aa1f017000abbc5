import { billingApi } from '../../../shared/api/billing.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import { settingsOf, shownConnection, shownDrift, shownEvent } from './billing-schemas.ts'
import { type Connection, maxConnections } from './connections.ts'
import { type BillingRouteParts, connectionOf, noConnection, tag } from './route-parts.ts'

const showing =
  ({ billing, publicUrl }: BillingRouteParts) =>
  async (connection: Connection) =>
    shownConnection(connection, await billing.status(connection), publicUrl)

export const connectionRoutes = (parts: BillingRouteParts): Route[] => [
  ...listRoutes(parts),
  ...changeRoutes(parts),
  ...lookRoutes(parts),
  ...reconcileRoutes(parts),
]

function listRoutes(parts: BillingRouteParts): Route[] {
  const { billing, audit } = parts
  const { connections, statuses } = billing
  const show = showing(parts)
  return [
    route(billingApi, 'GET /api/billing/connections', {
      id: 'listBillingConnections',
      tag,
      summary: 'List billing connections and their status, without secrets',
      role: 'admin',
      async handle({ workspace }) {
        const found = await connections.list(workspace.id)
        return ok({ connections: await Promise.all(found.map(show)) })
      },
    }),
    route(billingApi, 'POST /api/billing/connections', {
      id: 'createBillingConnection',
      tag,
      summary:
        'Connect a billing system; the key is tested at once, see `status.check`. Then set up the webhook with `webhookUrl`',
      role: 'admin',
      problems: ['conflict'],
      async handle({ workspace, principal, body, ip }) {
        const { provider, name, region, apiKey, webhookSecrets, site = null } = body
        const described = { provider, name, region, site, workspaceId: workspace.id }
        const settings = settingsOf(body)
        const made = await connections.create({ ...described, settings }, { apiKey, webhookSecrets })
        if (!made)
          throw new ProblemError('conflict', {
            detail: `There are ${maxConnections} connections already; remove one.`,
          })
        await statuses.check(made)
        const entry = { by: principal.id, action: 'billing.connect', subject: made.id, ip }
        await audit.write(workspace.id, { ...entry, after: { provider: made.provider } })
        return { status: 201, body: await show(made) }
      },
    }),
  ]
}

function changeRoutes(parts: BillingRouteParts): Route[] {
  const { billing, audit } = parts
  const { connections, statuses } = billing
  const show = showing(parts)
  return [
    route(billingApi, 'PUT /api/billing/connections/{id}', {
      id: 'updateBillingConnection',
      tag,
      summary:
        'Rename, pause or configure a connection, or replace its secrets; absent fields keep their value',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, params: { id }, body, ip }) {
        const settings = settingsOf(body)
        const changed = await connections.update(workspace.id, id, { ...body, settings })
        if (!changed) throw noConnection()
        if (body.apiKey !== undefined) await statuses.check(changed)
        if (body.products !== undefined || body.matchBy !== undefined || body.truth !== undefined)
          await billing.readAll(changed)
        const entry = { by: principal.id, action: 'billing.update', subject: id, ip }
        await audit.write(workspace.id, { ...entry, after: settings })
        return ok(await show(changed))
      },
    }),
    route(billingApi, 'DELETE /api/billing/connections/{id}', {
      id: 'deleteBillingConnection',
      tag,
      summary: 'Disconnect a billing system; trials keep their dates',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, params: { id }, ip }) {
        if (!(await connections.remove(workspace.id, id))) throw noConnection()
        await statuses.forget(id)
        await audit.write(workspace.id, { by: principal.id, action: 'billing.disconnect', subject: id, ip })
        return { status: 204 }
      },
    }),
  ]
}

function lookRoutes(parts: BillingRouteParts): Route[] {
  const { billing } = parts
  const show = showing(parts)
  return [
    route(billingApi, 'POST /api/billing/connections/{id}/tests', {
      id: 'testBillingConnection',
      tag,
      summary: 'Test the key with one call to the billing system, see `status.check`',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const connection = await connectionOf(billing, { workspace }, params.id)
        await billing.statuses.check(connection)
        return ok(await show(connection))
      },
    }),
    route(billingApi, 'GET /api/billing/connections/{id}/events', {
      id: 'listBillingEvents',
      tag,
      summary: 'List the last webhooks of a connection and their outcomes, newest first',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const { id } = await connectionOf(billing, { workspace }, params.id)
        return ok({ events: (await billing.eventLog.list(id, 100)).map(shownEvent) })
      },
    }),
  ]
}

function reconcileRoutes({ billing, audit }: BillingRouteParts): Route[] {
  return [
    route(billingApi, 'POST /api/billing/connections/{id}/reconciliations', {
      id: 'reconcileBilling',
      tag,
      summary: 'Compare all trials there with ours; differences are read again. This also runs daily',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, params, ip }) {
        const connection = await connectionOf(billing, { workspace }, params.id)
        billing.reconcile(connection)
        const entry = { by: principal.id, action: 'billing.reconcile', subject: connection.id, ip }
        await audit.write(workspace.id, entry)
        return { status: 202 }
      },
    }),
    route(billingApi, 'GET /api/billing/connections/{id}/drift', {
      id: 'getBillingDrift',
      tag,
      summary: 'Get the result of the last comparison; null before the first one',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const { id } = await connectionOf(billing, { workspace }, params.id)
        const report = await billing.reconciler.report(id)
        return ok({ report: report && shownDrift(report) })
      },
    }),
  ]
}
