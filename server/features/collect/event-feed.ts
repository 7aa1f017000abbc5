import { isoInstant } from '../../../shared/clock.ts'
import { collectLimits, type RejectionCode } from '../../../shared/collect.ts'
import { type ArrivedEvent, noticedSkewMs } from '../../../shared/connect.ts'
import type { IdentityFault } from '../../../shared/identity-check.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'

type Watcher = (event: ArrivedEvent) => void

/** Shows what arrives to those who watch; while no one does, collect pays for one look-up in an empty map. */
export interface EventFeed {
  isWatched(workspaceId: WorkspaceId): boolean
  tell(workspaceId: WorkspaceId, event: ArrivedEvent): void
  /** Of a request that belongs to no workspace: everyone who watches hears of it. */
  tellAll(event: ArrivedEvent): void
  /** @returns how to stop; null when too many watch already. */
  watch(workspaceId: WorkspaceId, watcher: Watcher): (() => void) | null
}

const maxWatchers = 10
/** Of one request; a page shows no more at a glance. */
const toldPerRequest = 20

export function createEventFeed(): EventFeed {
  const watchers = new Map<WorkspaceId, Set<Watcher>>()
  return {
    isWatched: (workspaceId) => watchers.size > 0 && watchers.has(workspaceId),
    tell(workspaceId, event) {
      for (const watcher of watchers.get(workspaceId) ?? []) watcher(event)
    },
    tellAll(event) {
      for (const mine of watchers.values()) for (const watcher of mine) watcher(event)
    },
    watch(workspaceId, watcher) {
      const mine = watchers.get(workspaceId) ?? new Set()
      if (mine.size >= maxWatchers) return null
      watchers.set(workspaceId, mine.add(watcher))
      return () => {
        mine.delete(watcher)
        if (mine.size === 0 && watchers.get(workspaceId) === mine) watchers.delete(workspaceId)
      }
    },
  }
}

const shortText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, collectLimits.idChars) : null

/** A request that no workspace took. */
export const refusedRequest = (code: 'unknown_key' | 'no_key', at: number): ArrivedEvent => ({
  at: isoInstant(at),
  type: 'request',
  name: 'Request',
  userId: null,
  anonymousId: null,
  sender: 'browser',
  outcome: 'refused',
  code,
  milestone: null,
})

/** Tells of the first messages of a request what became of each. */
export async function tellArrived(
  feed: EventFeed,
  workspaceId: WorkspaceId,
  {
    messages,
    rejected,
    duplicates,
    receivedAt,
    sentAt,
    isServer,
    faultOf,
    milestoneOf,
  }: {
    readonly messages: readonly unknown[]
    readonly rejected: readonly { readonly index: number; readonly code: RejectionCode }[]
    /** Positions among those that were not rejected. */
    readonly duplicates: ReadonlySet<number>
    readonly receivedAt: number
    readonly sentAt: number | null
    readonly isServer: boolean
    /** Why the user that a message names is not believed; null: they are. */
    readonly faultOf: (message: unknown) => Promise<IdentityFault | null>
    readonly milestoneOf: (event: string) => string | null
  },
): Promise<void> {
  const codes = new Map(rejected.map(({ index, code }) => [index, code]))
  const names = (message: unknown) => shortText((message as { userId?: unknown } | null)?.userId) !== null
  let position = 0
  for (const [index, message] of messages.slice(0, toldPerRequest).entries()) {
    const code = codes.get(index) ?? null
    const isRepeated = code === null && duplicates.has(position++)
    feed.tell(
      workspaceId,
      arrivedEvent(message, {
        at: isoInstant(receivedAt),
        sender: isServer ? 'server' : 'browser',
        outcome: code !== null ? 'refused' : isRepeated ? 'duplicate' : 'counted',
        code,
        fault: isServer || !names(message) ? undefined : await faultOf(message),
        skewMs: sentAt === null ? null : sentAt - receivedAt,
        milestoneOf,
      }),
    )
  }
}

/** One message as it may be shown. @param message anything that was sent */
function arrivedEvent(
  message: unknown,
  about: Pick<ArrivedEvent, 'at' | 'sender' | 'outcome' | 'code'> & {
    readonly fault: IdentityFault | null | undefined
    readonly skewMs: number | null
    readonly milestoneOf: (event: string) => string | null
  },
): ArrivedEvent {
  const { fault, skewMs, milestoneOf, ...rest } = about
  const said = (typeof message === 'object' && message !== null ? message : {}) as Record<string, unknown>
  const type = shortText(said.type) ?? 'unknown'
  const name = type === 'track' ? (shortText(said.event) ?? '') : type
  return {
    ...rest,
    type,
    name,
    userId: shortText(said.userId),
    anonymousId: shortText(said.anonymousId),
    milestone: type === 'track' && rest.outcome !== 'refused' ? milestoneOf(name) : null,
    ...(fault !== undefined && { fault }),
    ...(skewMs !== null && Math.abs(skewMs) >= noticedSkewMs && { skewMs }),
  }
}
