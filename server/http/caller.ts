import { createHmac } from 'node:crypto'
import type { Actor } from '../domain/trial/model.ts'
import type { Workspace } from '../domain/workspace.ts'
import type { Principal } from './app-route.ts'

/** Who acts, in which workspace, from where. */
export interface Caller {
  readonly workspace: Workspace
  readonly actor: Actor
  readonly by: string
  readonly ip: string
}

export const callerOf = ({ principal, ip }: { principal: Principal; ip: string }): Caller => ({
  workspace: principal.workspace,
  actor: principal.actor,
  by: principal.id,
  ip,
})

/** Names a person in audit rows: the same name each time, unreadable without the workspace’s secret. */
export const pseudonym = (workspace: Workspace, userId: string): string =>
  createHmac('sha256', workspace.linkSecret).update(`audit:${userId}`).digest('base64url').slice(0, 22)
