import { billingApi } from '../../../shared/api/billing.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { whyNotTo } from '../../http/post-json.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { TrialCallback } from './callback.ts'
import { tag } from './route-parts.ts'

const noCallback = () => new ProblemError('not-found', { detail: 'There is no callback.' })

/** For products without a billing system: new ends of trials are posted to an address of theirs, signed. */
export function callbackRoutes({
  callback,
  audit,
  allowsLoopback,
}: {
  callback: TrialCallback
  audit: AuditLog
  allowsLoopback: boolean
}): Route[] {
  return [
    route(billingApi, 'GET /api/billing/callback', {
      id: 'getTrialCallback',
      tag,
      summary:
        'Get the callback for new end dates of trials without a subscription, and its latest deliveries',
      role: 'admin',
      async handle({ workspace }) {
        const deliveries = await callback.list(workspace.id, 200)
        const set = await callback.get(workspace.id)
        return ok({
          url: set?.url ?? null,
          paused: set?.isPaused ?? false,
          deliveries: deliveries.map(({ body: { workspaceId: _, trialId, ...body } }) => ({
            ...body,
            userId: /^[^:]*:u:(.*)$/s.exec(trialId)?.[1] ?? null,
            endsAt: isoInstant(body.endsAt),
            nextAttemptAt: body.nextAttemptAt === null ? null : isoInstant(body.nextAttemptAt),
            createdAt: isoInstant(body.createdAt),
          })),
        })
      },
    }),
    route(billingApi, 'PUT /api/billing/callback', {
      id: 'putTrialCallback',
      tag,
      summary:
        'Set the callback URL; the response holds a new signing secret, shown only once. The previous secret signs too',
      role: 'admin',
      async handle({ workspace, principal, body: { url }, ip }) {
        const why = whyNotTo(new URL(url), allowsLoopback)
        if (why !== null)
          throw new ProblemError('invalid-request', {
            detail: why,
            errors: [{ pointer: '/url', detail: why }],
          })
        const secret = await callback.set(workspace.id, url)
        await audit.write(workspace.id, { by: principal.id, action: 'billing.callback', ip, after: { url } })
        return ok({ url, secret })
      },
    }),
    route(billingApi, 'POST /api/billing/callback/tests', {
      id: 'testTrialCallback',
      tag,
      summary: 'Post a signed event of type `trial.callback_test`, which changes nothing',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace }) {
        const detail = await callback.test(workspace.id)
        if (detail === undefined) throw noCallback()
        return ok({ taken: detail === null, detail })
      },
    }),
    route(billingApi, 'POST /api/billing/callback/pause', {
      id: 'pauseTrialCallback',
      tag,
      summary: 'Let new ends wait, or go on',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, body: { paused }, ip }) {
        if (!(await callback.pause(workspace.id, paused))) throw noCallback()
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'billing.callback',
          ip,
          after: { paused },
        })
        return ok({ paused })
      },
    }),
    route(billingApi, 'DELETE /api/billing/callback', {
      id: 'deleteTrialCallback',
      tag,
      summary: 'Remove the callback',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, ip }) {
        if (!(await callback.remove(workspace.id))) throw noCallback()
        await audit.write(workspace.id, { by: principal.id, action: 'billing.callback-removed', ip })
        return { status: 204 }
      },
    }),
  ]
}
