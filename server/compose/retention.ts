import { dayMs } from '../../shared/clock.ts'
import {
  forgetMail,
  forgetSignal,
  isForgotten,
  type MailFacts,
  type SignalFacts,
} from '../domain/metrics/forgetting.ts'
import { type StoredSession, sessionMs } from '../features/accounts/account-service.ts'
import {
  keepNetworksMs,
  keepTriesMs,
  type LoginNetworks,
  type LoginTries,
  networksKind,
  triesKind,
} from '../features/accounts/login-brake.ts'
import type { Code, Family } from '../features/companion/oauth-grants.ts'
import type { StoredJob } from '../features/jobs/job-service.ts'
import { type Kept, keepAnswersMs } from '../http/app-idempotency.ts'
import type { Clock } from '../ports.ts'
import type { DocumentStore } from '../storage/port.ts'

/** What people did, in their words and with their devices: 13 months, so that a year can be compared with the last. */
export const rawDataMs = 396 * dayMs

/** How long documents of one kind are kept. */
export interface Keeping<T> {
  readonly kind: string
  readonly forMs: number
  /** The instant from which that counts; null: for good, or until that changes. */
  readonly since: (body: T) => number | null
  /** By which clock; the demo moves that of trials, and nobody shall be signed out by it. */
  readonly clock?: 'wall'
  /** What stays of it then; without this nothing does. */
  readonly rest?: (body: T) => object
}

const keeping = <T>(rule: Keeping<T>): Keeping<unknown> => rule as Keeping<unknown>

/**
 * Everything that would grow for ever. Of mails and of what came back from them the bare facts stay, because revenue
 * is credited to a mail for as long as the customer pays. What billing systems sent is kept by features/billing.
 */
export const keepings: readonly Keeping<unknown>[] = [
  keeping<MailFacts>({
    kind: 'mail',
    forMs: rawDataMs,
    since: (mail) => (isForgotten(mail) ? null : mail.at),
    rest: forgetMail,
  }),
  keeping<SignalFacts>({
    kind: 'signal',
    forMs: rawDataMs,
    since: (signal) => (isForgotten(signal) ? null : signal.at),
    rest: forgetSignal,
  }),
  keeping<StoredSession>({
    kind: 'session',
    clock: 'wall',
    forMs: sessionMs,
    since: ({ createdAt }) => createdAt,
  }),
  keeping<Code>({ kind: 'oauth-code', clock: 'wall', forMs: 0, since: ({ expiresAt }) => expiresAt }),
  keeping<Family>({
    kind: 'oauth-family',
    clock: 'wall',
    forMs: 0,
    since: ({ refreshUntil }) => refreshUntil,
  }),
  keeping<LoginTries>({ kind: triesKind, forMs: keepTriesMs, since: ({ at }) => at.at(-1) ?? 0 }),
  keeping<LoginNetworks>({ kind: networksKind, forMs: keepNetworksMs, since: ({ at }) => at }),
  keeping<Kept>({ kind: 'idempotency', forMs: keepAnswersMs, since: ({ at }) => at }),
  keeping<StoredJob>({
    kind: 'job',
    forMs: 90 * dayMs,
    since: ({ state, updatedAt }) =>
      state === 'queued' || state === 'running' ? null : Date.parse(updatedAt),
  }),
]

/** Bodies of mails are large and reading them blocks: a few at a time, and others in between. */
const pageSize = 50
const pagesPerStep = 10

export interface Retention {
  /** Goes through the next few hundred documents of each kind, from the first again after the last. */
  step(signal?: AbortSignal): Promise<void>
}

export function createRetention({
  documents,
  clock,
  wallClock,
}: {
  documents: DocumentStore
  clock: Clock
  wallClock: Clock
}): Retention {
  /** Where each kind goes on, in this process; starting over costs nothing but time. */
  const reached = new Map<string, string>()

  async function page({ kind, forMs, since, rest, clock: by }: Keeping<unknown>): Promise<'more' | 'end'> {
    const now = by === 'wall' ? wallClock.now() : clock.now()
    const after = reached.get(kind)
    const found = await documents.list<unknown>(kind, { limit: pageSize, ...(after && { after }) })
    for (const { id, version, body } of found) {
      const from = since(body)
      if (from === null || from + forMs >= now) continue
      if (rest) await documents.put(kind, id, rest(body), version)
      else await documents.delete(kind, id)
    }
    const last = found.at(-1)
    if (last === undefined || found.length < pageSize) {
      reached.delete(kind)
      return 'end'
    }
    reached.set(kind, last.id)
    return 'more'
  }

  return {
    async step(signal) {
      for (const rule of keepings)
        for (let pages = 0; pages < pagesPerStep && !signal?.aborted; pages++)
          if ((await page(rule)) === 'end') break
    },
  }
}
