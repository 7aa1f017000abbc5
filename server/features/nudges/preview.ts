import { Router } from 'express'
import { jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import { playbookApi } from '../../../shared/api/playbook.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { NudgeInstance } from '../../../shared/collect.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { previewNudge } from '../../domain/nudges/plan.ts'
import type { Workspace, Workspaces } from '../../domain/workspace.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Clock } from '../../ports.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/**
 * A nudge on the team’s own site before anyone else sees it: a signed link to any page with the snippet in it. The
 * link shows the published texts with made-up numbers and nothing about a person, and is good for a day.
 */

const audience = 'nudge-preview'
const lifeMs = 24 * 3_600_000

const claims = z.object({ workspace: z.string(), nudge: z.string() })
const keyOf = ({ linkSecret }: Workspace) => new TextEncoder().encode(linkSecret)

export interface NudgePreviewParts {
  readonly workspaces: Workspaces
  readonly playbooks: Playbooks
  readonly clock: Clock
}

/** Who it says it is from, unverified: only to find the key that verifies it. */
function workspaceNamed(token: string, workspaces: Workspaces): Workspace | null {
  try {
    const body: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return workspaces.get(claims.parse(body).workspace as WorkspaceId)
  } catch {
    return null
  }
}

/** @returns null when the token is not ours, too old, or the playbook has no such nudge any more. */
async function nudgeOf(token: string, parts: NudgePreviewParts): Promise<NudgeInstance | null> {
  const workspace = workspaceNamed(token, parts.workspaces)
  if (!workspace) return null
  try {
    const currentDate = new Date(parts.clock.now())
    const { payload } = await jwtVerify(token, keyOf(workspace), {
      audience,
      algorithms: ['HS256'],
      currentDate,
    })
    const playbook = parts.playbooks.current(workspace.id)
    const rule = playbook.nudges.find(({ id }) => id === claims.parse(payload).nudge)
    return rule ? previewNudge(rule, playbook) : null
  } catch {
    return null
  }
}

/** What the SDK on the previewed page asks: `GET /v1/preview/<token>`, from any origin, without credentials. */
export function createNudgePreviewHandler(parts: NudgePreviewParts): Router {
  const router = Router()
  router.get('/v1/preview/:token', async (request, response) => {
    const nudge = await nudgeOf(request.params.token, parts)
    response.set({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    if (nudge) response.json(nudge)
    else response.status(404).end()
  })
  return router
}

export function nudgePreviewRoutes({ playbooks, clock }: Omit<NudgePreviewParts, 'workspaces'>): Route[] {
  return [
    route(playbookApi, 'POST /api/nudges/{nudgeId}/preview-link', {
      id: 'linkNudgePreview',
      tag: 'Playbook',
      summary: 'Create a link that previews a nudge on a page of your own site, valid for a day',
      role: 'admin',
      problems: ['not-found'],
      handle: async ({ params: { nudgeId }, body, workspace }) => {
        if (!playbooks.current(workspace.id).nudges.some(({ id }) => id === nudgeId))
          throw new ProblemError('not-found', { detail: 'The playbook has no such nudge.' })
        const expiresAt = clock.now() + lifeMs
        const token = await new SignJWT({ workspace: workspace.id, nudge: nudgeId })
          .setProtectedHeader({ alg: 'HS256' })
          .setAudience(audience)
          .setExpirationTime(new Date(expiresAt))
          .sign(keyOf(workspace))
        const url = new URL(body.page)
        url.searchParams.set('tp_preview', token)
        return ok({ url: url.href, expiresAt: isoInstant(expiresAt) })
      },
    }),
  ]
}
