import { releaseApi } from '../../../shared/api/release.ts'
import { isoInstant } from '../../../shared/clock.ts'
import type { SendingMode } from '../../../shared/sending.ts'
import { parseEmailAddress, type WorkspaceId } from '../../../shared/trial.ts'
import { type Gap, gapsBeforeRelease, holdOf, type Sending } from '../../domain/sending.ts'
import type { Workspace } from '../../domain/workspace.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { isLoopbackUrl } from '../../http/private-connection.ts'
import { ProblemError } from '../../http/problem.ts'
import type { TrialStore } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import { previewRelease } from './release-preview.ts'

const tag = 'Workspace'

interface ReleaseRouteParts {
  readonly workspaces: WorkspaceService
  readonly playbooks: Playbooks
  readonly trials: TrialStore
  readonly audit: AuditLog
  readonly config: { readonly smtpUrl: string | null; readonly publicUrl: string | null }
  readonly now: () => number
  /** What was held looks at itself again. */
  readonly unhold: (workspaceId: WorkspaceId, by: string) => Promise<unknown>
}

type Handling = Pick<RouteRequest<unknown, unknown, unknown>, 'workspace' | 'principal' | 'ip'>

export function releaseRoutes(parts: ReleaseRouteParts): Route[] {
  const { playbooks, trials, now } = parts
  const show = showSending(parts)
  const change = changeSending(parts)
  return [
    route(releaseApi, 'GET /api/workspace/sending', {
      id: 'getSendingMode',
      tag,
      summary: 'Get whether and where emails go, and what is missing before the first one',
      role: 'analyst',
      handle: async ({ workspace }) => ok(show(workspace)),
    }),
    route(releaseApi, 'PUT /api/workspace/sending', {
      id: 'setSendingMode',
      tag,
      summary: 'Send to people (`normal`), everything to one address (`test`), or nothing (`never`)',
      role: 'admin',
      async handle(request) {
        const { mode, testAddress } = request.body
        return ok(show(await change(request, modeOf(mode, testAddress))))
      },
    }),
    route(releaseApi, 'GET /api/workspace/release', {
      id: 'previewRelease',
      tag,
      summary: 'Preview who would get an email if the workspace were released now',
      role: 'rep',
      async handle({ workspace: { id } }) {
        return ok(await previewRelease(trials, id, await playbooks.newest(id), now()))
      },
    }),
    route(releaseApi, 'POST /api/workspace/release', {
      id: 'release',
      tag,
      summary: 'Release the workspace: from now on emails go to people',
      role: 'admin',
      problems: ['conflict'],
      async handle(request) {
        const { workspace, body } = request
        if (workspace.sending.releasedAt !== null) return ok(show(workspace))
        const missing = show(workspace).gaps.filter(({ needed }) => needed)
        if (missing.length > 0 && !body.anyway)
          throw new ProblemError('conflict', {
            detail: `Before the first email: ${missing.map(({ fix }) => fix).join(' ')}`,
          })
        return ok(show(await change(request, { releasedAt: now() })))
      },
    }),
  ]
}

function modeOf(mode: SendingMode, testAddress: string | undefined): Partial<Sending> {
  if (mode !== 'test') return { mode }
  const address = testAddress === undefined ? null : parseEmailAddress(testAddress)
  if (address) return { mode, testAddress: address }
  throw new ProblemError('invalid-request', {
    detail: 'The body has 1 fault(s).',
    errors: [{ pointer: '/testAddress', detail: 'Give the address that all emails go to.' }],
  })
}

const shownGap = ({ gap, isNeeded: needed, detail, fix }: Gap) => ({ gap, needed, detail, fix })

const showSending =
  ({ playbooks, config }: ReleaseRouteParts) =>
  ({ id, sending }: Workspace) => ({
    releasedAt: sending.releasedAt === null ? null : isoInstant(sending.releasedAt),
    mode: sending.mode,
    testAddress: sending.testAddress,
    held: holdOf(sending),
    gaps: gapsBeforeRelease({
      playbook: playbooks.current(id).playbook,
      hasMailServer: config.smtpUrl !== null,
      publicUrl: config.publicUrl,
      isPrivateUrl: config.publicUrl !== null && isLoopbackUrl(config.publicUrl),
    }).map(shownGap),
  })

const changeSending =
  ({ workspaces, audit, unhold }: ReleaseRouteParts) =>
  async ({ workspace: { id }, principal, ip }: Handling, next: Partial<Sending>): Promise<Workspace> => {
    const before = await workspaces.setSending(id, next)
    const workspace = workspaces.get(id) as Workspace
    const after = workspace.sending
    await audit.write(id, {
      by: principal.id,
      action: 'releasedAt' in next ? 'workspace.release' : 'workspace.sending',
      before: { mode: before.mode, releasedAt: before.releasedAt },
      after: { mode: after.mode, releasedAt: after.releasedAt },
      ip,
    })
    if (holdOf(before) !== null && holdOf(after) === null) await unhold(id, principal.id)
    return workspace
  }
