import { createHash } from 'node:crypto'
import { isoInstant } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { withoutAddresses } from '../../domain/without-addresses.ts'
import { noteAuditRow } from '../../http/audit-count.ts'
import { truncateIp } from '../../http/truncate-ip.ts'
import type { Clock } from '../../ports.ts'
import type { AuditRow } from '../../storage/documents/server.ts'
import { eachDocument } from '../../storage/each.ts'
import type { Storage } from '../../storage/port.ts'
import { untilStored } from '../../storage/update-document.ts'

type AuditEntry = Pick<AuditRow, 'by' | 'action'> &
  Partial<Pick<AuditRow, 'subject' | 'before' | 'after' | 'ip'>> & {
    /** Names and addresses of the people it is about: they are taken out of what someone typed. The row outlives them. */
    readonly about?: readonly string[]
  }

export interface AuditLog {
  /** @throws StorageUnavailable */
  write(workspaceId: WorkspaceId, entry: AuditEntry): Promise<AuditRow>
  /** Newest first. @param before only rows with a smaller number. */
  list(workspaceId: WorkspaceId, request: { before?: number; limit: number }): Promise<AuditRow[]>
  verify(workspaceId: WorkspaceId): Promise<AuditVerdict>
}

type AuditVerdict =
  | { readonly intact: true; readonly rows: number; readonly head: string }
  | { readonly intact: false; readonly rows: number; readonly at: number; readonly why: string }

const kind = 'audit'
const genesis = '0'.repeat(64)
const rowId = (workspaceId: WorkspaceId, seq: number): string =>
  `${workspaceId}/${String(seq).padStart(12, '0')}`

/** JSON with sorted keys, so that the hash does not depend on the order a database returns them in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

const hashOf = ({ hash: _, ...row }: AuditRow | (Omit<AuditRow, 'hash'> & { hash?: string })): string =>
  createHash('sha256').update(row.prev).update(canonicalJson(row)).digest('hex')

export function createAuditLog({ storage, clock }: { storage: Storage; clock: Clock }): AuditLog {
  const newest = async (workspaceId: WorkspaceId): Promise<AuditRow | null> => {
    const [row] = await storage.documents.list(kind, {
      prefix: `${workspaceId}/`,
      reverse: true,
      limit: 1,
    })
    return row?.body ?? null
  }

  return {
    async write(workspaceId, entry) {
      return untilStored(storage.documents, `audit ${workspaceId}`, async () => {
        const last = await newest(workspaceId)
        const row = {
          seq: (last?.seq ?? 0) + 1,
          at: isoInstant(clock.now()),
          by: entry.by,
          action: entry.action,
          subject: entry.subject ?? null,
          before: withoutAddresses(entry.before ?? null, entry.about),
          after: withoutAddresses(entry.after ?? null, entry.about),
          ip: truncateIp(entry.ip),
          prev: last?.hash ?? genesis,
        }
        const hashed: AuditRow = { ...row, hash: hashOf(row) }
        noteAuditRow()
        const version = await storage.documents.put(kind, rowId(workspaceId, row.seq), hashed, 0)
        return version === null ? null : hashed
      })
    },

    async list(workspaceId, { before, limit }) {
      const rows = await storage.documents.list(kind, {
        prefix: `${workspaceId}/`,
        reverse: true,
        limit,
        ...(before !== undefined && { after: rowId(workspaceId, before) }),
      })
      return rows.map((row) => row.body)
    },

    async verify(workspaceId) {
      let prev = genesis
      let seq = 0
      for await (const { id, body } of eachDocument(storage.documents, kind, { prefix: `${workspaceId}/` })) {
        const fault = (why: string): AuditVerdict => ({ intact: false, rows: seq, at: seq + 1, why })
        if (body.seq !== seq + 1 || id !== rowId(workspaceId, seq + 1))
          return fault('a row is missing or was moved')
        if (body.prev !== prev) return fault('it does not follow the row before it')
        if (hashOf(body) !== body.hash) return fault('its content does not match its hash')
        prev = body.hash
        seq = body.seq
      }
      return { intact: true, rows: seq, head: prev }
    },
  }
}
