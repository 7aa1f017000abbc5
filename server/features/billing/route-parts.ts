import type { Principal } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Billing } from './billing.ts'
import type { Connection } from './connections.ts'

/** What the routes about billing systems work with. */
export interface BillingRouteParts {
  readonly billing: Billing
  readonly audit: AuditLog
  readonly publicUrl: string
}

export const tag = 'Billing'

export const noConnection = () => new ProblemError('not-found', { detail: 'There is no such connection.' })

/** @throws ProblemError when the caller’s workspace has no such connection. */
export async function connectionOf(
  { connections }: Billing,
  { workspace }: Pick<Principal, 'workspace'>,
  id: string,
): Promise<Connection> {
  const connection = await connections.get(id)
  if (!connection || connection.workspaceId !== workspace.id) throw noConnection()
  return connection
}
