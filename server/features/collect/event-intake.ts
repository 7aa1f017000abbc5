import type { Logger } from 'pino'
import { type CollectAnswer, collectLimits } from '../../../shared/collect.ts'
import type { TrialId } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Fold, IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { type Admission, admitEvents } from './admit-events.ts'
import type { OnEcho } from './click-echo.ts'
import type { Access } from './credentials.ts'
import { decideAnswer } from './decide-answer.ts'
import { createIdentityTokens, type IdentityTokens, type SignedIdentity } from './identity-token.ts'
import { createIngestQueue, type IngestQueue } from './ingest-queue.ts'
import type { CollectBody } from './parse-body.ts'
import type { ValidEvent } from './validate-event.ts'
import { createVisitors, type Link, type Visitors } from './visitors.ts'

export interface IntakeOptions {
  readonly storage: Storage
  readonly playbooks: Playbooks
  readonly changes: TrialChanges
  readonly fold: Fold
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly wallNow?: () => number
  readonly onEcho?: OnEcho
}

export interface IntakeLimits {
  readonly holdMs: number
  readonly groupEvents: number
  readonly queueBytes: number
  readonly groupsInFlight: number
}

export interface Sender {
  readonly bearer: string | null
  readonly isCrawler: () => boolean
  /** Told before anything is stored. */
  readonly costs: (cost: { events: number; people: number; joined: number }) => void
}

/** From the messages of one request to their durable, counted events and the answer. */
export interface EventIntake {
  /**
   * @param sender identity token of the Authorization header, and whether a robot sent it.
   * @returns null when too much is waiting already; nothing is stored then.
   * @throws StorageUnavailable
   */
  take(body: CollectBody, access: Access, sender: Sender, bytes: number): Promise<CollectAnswer | null>
  readonly queue: IngestQueue
}

export function createEventIntake(options: IntakeOptions, limits: IntakeLimits): EventIntake {
  const { storage, playbooks, changes, fold, clock, ids, log, wallNow } = options
  const visitors = createVisitors({ storage, changes, playbooks })
  const tokens = createIdentityTokens(wallNow ? [() => clock.now(), wallNow] : [() => clock.now()])
  const queue = createIngestQueue({
    storage,
    fold,
    onFolded: changes.announce,
    log,
    holdMs: limits.holdMs,
    groupEvents: limits.groupEvents,
    maxBytes: limits.queueBytes,
    maxInFlight: limits.groupsInFlight,
  })

  /** With visitors among the events: who they are comes first, what they did before comes last. */
  const store = async (
    admission: Admission,
    links: readonly Link[],
    bytes: number,
  ): Promise<IngestResult | null> => {
    const seen = new Set(admission.anonymous.map((position) => admission.logged[position]?.subject.slice(2)))
    for (const link of links)
      await visitors.freeze(seen.has(link.anonymousId) ? { ...link, mayCreate: true } : link)
    if (admission.anonymous.length > 0) await resolveVisitors(admission, visitors)
    const submitted = queue.submit(admission.logged, bytes)
    if (!submitted) return null
    const result = await submitted
    for (const link of links) await visitors.settle(link)
    if (admission.anonymous.length > 0) await visitors.recoverLate(admission.logged, result)
    return result
  }

  return {
    queue,
    async take(body, access, { bearer, isCrawler, costs }, bytes) {
      const receivedAt = clock.now()
      const claimed = access.trusted ? null : tokensOf(body, bearer)
      const identities = claimed && (await verifyTokens(claimed, access, tokens))
      const admission = admitEvents({
        body,
        access,
        receivedAt,
        ids,
        isCrawler,
        identityOf:
          identities && ((message) => identities.get(tokenOf(message)) ?? identities.get(null) ?? null),
      })
      const { logged, rejected, ignored, anonymous } = admission
      const links = admission.links.filter((link) => !visitors.isSettled(link))
      if (!access.trusted)
        costs({
          events: body.messages.length,
          people: admission.subjects.size,
          joined: links.length,
        })
      const isPlain = links.length === 0 && anonymous.length === 0
      const result =
        logged.length === 0
          ? nothingStored
          : await (isPlain ? queue.submit(logged, bytes) : store(admission, links, bytes))
      if (!result) return null
      for (const { position, echo } of admission.echoes)
        options.onEcho?.((logged[position] as LoggedEvent).trialId, echo)
      const answer: CollectAnswer = {
        success: true,
        now: receivedAt,
        accepted: logged.length - result.duplicates.size,
        duplicates: result.duplicates.size,
        rejected,
        ...(ignored.length > 0 && { ignored }),
      }
      if (access.trusted || body.wants === 'nothing') return answer
      return {
        ...answer,
        ...(await decideAnswer({ body, admission, result, storage, playbooks, now: clock.now() })),
      }
    },
  }
}

const nothingStored: IngestResult = { duplicates: new Set(), trials: new Map() }

/** Sends events of visitors who are known by now to their person. */
async function resolveVisitors({ logged, anonymous }: Admission, visitors: Visitors): Promise<void> {
  for (const position of anonymous) {
    const event = logged[position] as LoggedEvent
    const anonymousId = event.subject.slice(2)
    const person: TrialId | null =
      visitors.peek(event.workspaceId, anonymousId) ?? (await visitors.find(event.workspaceId, anonymousId))
    if (person) logged[position] = { ...event, trialId: person }
  }
}

/** A token may stand beside the batch or, where a batch spans two users, in the context of each message. */
const tokenOf = ({ context }: ValidEvent): unknown => context?.identityToken ?? null

/** Each is a signature to check; a browser speaks for one or two people. */
const tokensPerRequest = 20

/** @returns the tokens of a request, under null that of the request itself. null when there is none. */
function tokensOf(body: CollectBody, bearer: string | null): Map<string | null, string> | null {
  let found: Map<string | null, string> | null = null
  const own = typeof body.identityToken === 'string' ? body.identityToken : bearer
  if (own !== null) found = new Map([[null, own]])
  for (const message of body.messages.slice(0, collectLimits.batchEvents)) {
    const token = contextToken(message)
    if (token !== null && (found?.size ?? 0) < tokensPerRequest)
      found = (found ?? new Map<string | null, string>()).set(token, token)
  }
  return found
}

function contextToken(message: unknown): string | null {
  if (typeof message !== 'object' || message === null) return null
  const { context } = message as { context?: { identityToken?: unknown } | null }
  const token = context?.identityToken
  return typeof token === 'string' ? token : null
}

async function verifyTokens(
  claimed: ReadonlyMap<string | null, string>,
  { workspace }: Access,
  tokens: IdentityTokens,
): Promise<Map<unknown, SignedIdentity | null>> {
  const verified = new Map<unknown, SignedIdentity | null>()
  for (const [place, token] of claimed) verified.set(place, await tokens.verify(token, workspace))
  return verified
}
