import { workspaceApi } from '../../../shared/api/workspace.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { type KeyInfo, maxSecretKeys, type WorkspaceService } from './workspace-service.ts'

const tag = 'Workspace'

const shown = (key: KeyInfo) => ({
  ...key,
  createdAt: isoInstant(key.createdAt),
  expiresAt: key.expiresAt === null ? null : isoInstant(key.expiresAt),
})

/** Copied into the head of the product’s pages: the stub keeps calls that come before the script is there. */
const snippet = (stub: string | null, publicUrl: string, writeKey: string): string =>
  [
    ...(stub === null ? [] : [`<script>${stub}</script>`]),
    `<script async src="${publicUrl}/sdk/v1/tp.js" data-key="${writeKey}" data-host="${publicUrl}"></script>`,
  ].join('\n')

/** How long an old public key goes on working after a rotation. */
const overlapMs = 30 * dayMs

export interface WorkspaceRouteParts {
  readonly workspaces: WorkspaceService
  readonly audit: AuditLog
  readonly publicUrl: string
  /** The built stub of the SDK; null before a build. */
  readonly stub: string | null
}

export function workspaceRoutes(parts: WorkspaceRouteParts): Route[] {
  const { workspaces, publicUrl, stub } = parts
  return [
    route(workspaceApi, 'GET /api/workspace', {
      id: 'getWorkspace',
      tag,
      summary: 'Get the workspace, its public key, and the snippet to install',
      role: 'rep',
      handle: async ({ workspace: { id, name, writeKey } }) =>
        ok({ id, name, writeKey, publicUrl, snippet: snippet(stub, publicUrl, writeKey) }),
    }),
    route(workspaceApi, 'GET /api/keys', {
      id: 'listKeys',
      tag,
      summary: 'List secret keys, without the keys themselves',
      role: 'admin',
      handle: async ({ workspace }) => ok({ keys: (await workspaces.keys(workspace.id)).map(shown) }),
    }),
    ...keyChanges(parts),
  ]
}

function keyChanges({ workspaces, audit }: WorkspaceRouteParts): Route[] {
  return [
    route(workspaceApi, 'POST /api/keys', {
      id: 'createKey',
      tag,
      summary: 'Create a secret key; it is shown in this response and never again',
      role: 'admin',
      problems: ['conflict'],
      async handle({ workspace, principal, body, ip }) {
        const made = await workspaces.createSecretKey(workspace.id, body.label, body.scope)
        if (!made)
          throw new ProblemError('conflict', {
            detail: `There are ${maxSecretKeys} keys already; revoke one.`,
          })
        const { info, key } = made
        await audit.write(workspace.id, {
          by: principal.id,
          action: 'key.create',
          subject: info.id,
          after: { scope: info.scope },
          ip,
        })
        return { status: 201, body: { ...shown(info), key } }
      },
    }),
    route(workspaceApi, 'DELETE /api/keys/{id}', {
      id: 'revokeKey',
      tag,
      summary: 'Revoke a secret key at once',
      role: 'admin',
      problems: ['not-found', 'conflict'],
      async handle({ workspace, principal, params, ip }) {
        if (principal.id === `key:${params.id}`)
          throw new ProblemError('conflict', { detail: 'A key cannot revoke itself.' })
        if (!(await workspaces.revokeSecretKey(workspace.id, params.id)))
          throw new ProblemError('not-found', { detail: 'There is no such key.' })
        await audit.write(workspace.id, { by: principal.id, action: 'key.revoke', subject: params.id, ip })
        return { status: 204 }
      },
    }),
    route(workspaceApi, 'POST /api/keys/rotate-write-key', {
      id: 'rotateWriteKey',
      tag,
      summary: 'Create a new public key; the old one keeps working for 30 days',
      role: 'admin',
      async handle({ workspace, principal, ip }) {
        const writeKey = await workspaces.rotateWriteKey(workspace.id, overlapMs)
        await audit.write(workspace.id, { by: principal.id, action: 'key.rotateWrite', ip })
        return { status: 201, body: { writeKey } }
      },
    }),
    route(workspaceApi, 'POST /api/keys/rotate-identity-secret', {
      id: 'rotateIdentitySecret',
      tag,
      summary: 'Create a new identity secret; identities signed with the old one are no longer accepted',
      role: 'admin',
      async handle({ workspace, principal, ip }) {
        const identitySecret = await workspaces.rotateIdentitySecret(workspace.id)
        await audit.write(workspace.id, { by: principal.id, action: 'key.rotateIdentity', ip })
        return { status: 201, body: { identitySecret } }
      },
    }),
  ]
}
