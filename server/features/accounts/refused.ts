import { LRUCache } from 'lru-cache'
import { hourMs, minuteMs } from '../../../shared/clock.ts'
import { truncateIp } from '../../http/truncate-ip.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { WorkspaceService } from '../workspaces/workspace-service.ts'
import type { Accounts } from './account-service.ts'

/** Says what was refused: in the audit where it is known whom it concerns, in the log always, and seldom enough. */
export interface Refused {
  signIn(email: string, ip: string): Promise<void>
  key(key: string | null, ip: string | null): void
}

export function createRefused({
  accounts,
  workspaces,
  audit,
  log,
}: {
  accounts: Pick<Accounts, 'byEmail'>
  workspaces: Pick<WorkspaceService, 'retiredIn'>
  audit: AuditLog
  log: { warn(details: object, words: string): void }
}): Refused {
  const told = new LRUCache<string, true>({ max: 10_000, ttl: minuteMs })
  const audited = new LRUCache<string, true>({ max: 1000, ttl: hourMs })

  /** One line a minute for each network and kind. */
  const say = (what: string, ip: string | null) => {
    const from = truncateIp(ip)
    const id = `${what} ${from}`
    if (told.has(id)) return
    told.set(id, true)
    log.warn({ from }, what)
  }

  return {
    async signIn(email, ip) {
      say('a sign-in was refused', ip)
      const account = await accounts.byEmail(email)
      if (account)
        await audit.write(account.workspaceId, {
          by: 'nobody',
          action: 'session.refused',
          subject: account.id,
          ip,
        })
    },
    key(key, ip) {
      say('a secret key was refused', ip)
      const workspaceId = key === null ? null : workspaces.retiredIn(key)
      if (!workspaceId || audited.has(workspaceId)) return
      audited.set(workspaceId, true)
      audit
        .write(workspaceId, { by: 'nobody', action: 'key.refused', ip })
        .catch((error: unknown) => log.warn({ err: error }, 'a refused key could not be audited'))
    },
  }
}
