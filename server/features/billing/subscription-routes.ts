import { billingApi } from '../../../shared/api/billing.ts'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { noTrialist } from '../../http/trial-problem.ts'
import { shownUnmatched } from './billing-schemas.ts'
import { type BillingRouteParts, connectionOf, tag } from './route-parts.ts'

const maxUnmatched = 500

/** Whose subscriptions are, and which of two dates holds. */
export function subscriptionRoutes({ billing, audit }: BillingRouteParts): Route[] {
  return [
    route(billingApi, 'GET /api/billing/unmatched', {
      id: 'listUnmatchedSubscriptions',
      tag,
      summary:
        'List subscriptions that match no trialist; each is matched when its person appears, or assigned by hand',
      role: 'admin',
      async handle({ workspace }) {
        const connections = await billing.connections.list(workspace.id)
        const found = await billing.unmatched.list(
          connections.map(({ id }) => id),
          maxUnmatched,
        )
        const subscriptions = await Promise.all(
          found.map(async ({ body }) =>
            shownUnmatched(body, await billing.records.get(body.connectionId, body.ref)),
          ),
        )
        return ok({ subscriptions })
      },
    }),
    route(billingApi, 'PUT /api/billing/owners', {
      id: 'assignSubscription',
      tag,
      summary: 'Assign a subscription to a trialist by hand; this overrides the billing system',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, body: { connectionId, subscription, userId }, ip }) {
        const connection = await connectionOf(billing, { workspace }, connectionId)
        const trialId = userId === null ? null : trialIdOfUser(workspace.id, userId)
        if (!(await billing.assign(connection, subscription, trialId))) throw noTrialist()
        const entry = { by: principal.id, action: 'billing.assign', subject: connectionId, ip }
        await audit.write(workspace.id, { ...entry, after: { subscription, isByHand: userId !== null } })
        return { status: 202 }
      },
    }),
    route(billingApi, 'POST /api/billing/accepted-ends', {
      id: 'acceptBillingEnd',
      tag,
      summary: 'Accept the billing system’s date in place of an extension granted here',
      role: 'rep',
      problems: ['not-found'],
      async handle({ workspace, principal, body: { userId }, ip }) {
        if (!(await billing.takeTheirs(trialIdOfUser(workspace.id, userId)))) throw noTrialist()
        await audit.write(workspace.id, { by: principal.id, action: 'billing.accept-end', ip })
        return { status: 202 }
      },
    }),
  ]
}
