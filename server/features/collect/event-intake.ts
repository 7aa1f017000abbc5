import type { Logger } from 'pino'
import { type CollectAnswer, collectLimits } from '../../../shared/collect.ts'
import type { IdentityFault } from '../../../shared/identity-check.ts'
import { trialIdOfAnonymous, trialIdOfUser } from '../../../shared/trial.ts'
import type { Clock, Ids } from '../../ports.ts'
import type { Fold, IngestResult, LoggedEvent, Storage } from '../../storage/port.ts'
import { ownerOf, visitorBeside, visitorOf } from '../../storage/subjects.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Memberships } from '../trials/memberships.ts'
import { type Admission, admitEvents } from './admit-events.ts'
import type { OnEcho } from './click-echo.ts'
import { createCompanies } from './companies.ts'
import type { Access } from './credentials.ts'
import { decideAnswer } from './decide-answer.ts'
import { type EventFeed, tellArrived } from './event-feed.ts'
import { createFormerIds, type FormerId } from './former-ids.ts'
import { createIdentityTokens, type IdentityTokens, type SignedIdentity } from './identity-token.ts'
import { createIdentityWatch } from './identity-watch.ts'
import { createIngestQueue, type IngestQueue } from './ingest-queue.ts'
import { createLane } from './lane.ts'
import type { CollectBody } from './parse-body.ts'
import type { ValidEvent } from './validate-event.ts'
import { createVisitors, type Link, type Visitors } from './visitors.ts'

export interface IntakeOptions {
  readonly storage: Storage
  readonly playbooks: Playbooks
  readonly changes: TrialChanges
  readonly memberships: Memberships
  readonly fold: Fold
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly wallNow?: () => number
  readonly onEcho?: OnEcho
  /** Where those who watch see what arrives. */
  readonly feed?: EventFeed
}

export interface IntakeLimits {
  readonly holdMs: number
  readonly cheapCommitMs: number
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
  const formers = createFormerIds({ storage, changes, playbooks })
  const companies = createCompanies({ ...options })
  const tokens = createIdentityTokens(wallNow ? [() => clock.now(), wallNow] : [() => clock.now()])
  const manyPeople = createLane()
  const watchIdentity = createIdentityWatch(storage.documents, () => clock.now())
  const queue = createIngestQueue({
    storage,
    fold,
    onFolded: changes.announce,
    log,
    holdMs: limits.holdMs,
    cheapCommitMs: limits.cheapCommitMs,
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
    const seen = new Set(
      admission.anonymous.map(({ position }) => admission.logged[position]?.subject.slice(2)),
    )
    const users = new Set<string>()
    const unknown: FormerId[] = []
    await companies.join(admission.companies)
    for (const former of admission.formers) {
      if (await formers.join(former)) users.add(former.previousId)
      else unknown.push(former)
    }
    for (const link of links) {
      const mayCreate = seen.has(link.anonymousId) || (link.mayCreate && !users.has(link.anonymousId))
      await visitors.freeze({ ...link, mayCreate })
    }
    if (admission.anonymous.length > 0) await resolveVisitors(admission, visitors)
    formers.redirect(admission.logged)
    await companies.redirect(admission.logged)
    const submitted = queue.submit(admission.logged, bytes)
    if (!submitted) return null
    const result = await submitted
    // The former id may have been named for the first time in this very request.
    for (const former of unknown) await formers.join(former)
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
      const identify = access.trusted ? null : lastIdentify(body)
      if (identify)
        watchIdentity(
          access.workspace.id,
          await identityFault(identify, identities, body, bearer, access, tokens),
        )
      const { logged, rejected, ignored, anonymous } = admission
      const links = admission.links.filter((link) => !visitors.isSettled(link))
      if (!access.trusted)
        costs({
          events: body.messages.length,
          people: admission.subjects.size,
          joined: links.length,
        })
      const isPlain =
        links.length === 0 &&
        anonymous.length === 0 &&
        admission.formers.length === 0 &&
        !companies.isOn(access.workspace.id)
      formers.redirect(logged)
      const submit = async () => (isPlain ? queue.submit(logged, bytes) : store(admission, links, bytes))
      const isMany = !isPlain && admission.subjects.size + links.length > fewPeople
      const result = logged.length === 0 ? nothingStored : await (isMany ? manyPeople(submit) : submit())
      if (!result) return null
      await formers.recoverLate(logged, result)
      for (const { position, named, echo } of admission.echoes)
        options.onEcho?.(named ?? (logged[position] as LoggedEvent).trialId, echo)
      const answer: CollectAnswer = {
        success: true,
        now: receivedAt,
        accepted: logged.length - result.duplicates.size,
        duplicates: result.duplicates.size,
        rejected,
        ...(ignored.length > 0 && { ignored }),
        ...(isKeptBack(admission, access) && unsignedAnswer),
      }
      const { feed } = options
      const { id: workspaceId } = access.workspace
      if (feed?.isWatched(workspaceId))
        await tellArrived(feed, workspaceId, {
          messages: body.messages,
          rejected,
          duplicates: result.duplicates,
          receivedAt,
          sentAt: body.sentAt,
          isServer: access.trusted,
          faultOf: (message) =>
            identityFault(message as ValidEvent, identities, body, bearer, access, tokens),
          milestoneOf: (event) =>
            playbooks.current(workspaceId).milestones.find((one) => one.event === event)?.name ?? null,
        })
      if (access.trusted || body.wants === 'nothing') return answer
      return {
        ...answer,
        ...(await decideAnswer({
          body,
          admission,
          result,
          storage,
          playbooks,
          provenUsers: new Set([...(identities?.values() ?? [])].map((identity) => identity?.userId)),
          isTrusting: access.workspace.identity === 'trusting',
          now: clock.now(),
        })),
      }
    },
  }
}

/** Looked up within a millisecond or so. */
const fewPeople = 20

const nothingStored: IngestResult = { duplicates: new Set(), trials: new Map() }

/** Sends events of visitors who are known by now to their person. */
async function resolveVisitors({ logged, anonymous }: Admission, visitors: Visitors): Promise<void> {
  const anonymousIdOf = ({ subject }: LoggedEvent) => visitorOf(subject) ?? ''
  const visitorIn = (item: LoggedEvent) => trialIdOfAnonymous(item.workspaceId, anonymousIdOf(item))
  const people = await visitors.find(
    anonymous.map(({ position }) => visitorIn(logged[position] as LoggedEvent)),
  )
  for (const { position, named } of anonymous) {
    const item = logged[position] as LoggedEvent
    const { workspaceId, event } = item
    const anonymousId = anonymousIdOf(item)
    const person = people.get(visitorIn(item))
    if (!person) continue
    if (named !== null && person.trialId !== trialIdOfUser(workspaceId, named)) {
      const beside = ownerOf(workspaceId, null, visitorBeside(anonymousId, named), noProof)
      logged[position] = { ...item, subject: beside.subject, trialId: beside.trialId }
    } else
      logged[position] = {
        ...item,
        trialId: person.trialId,
        ...(person.claimed && { event: { ...event, claimed: true } }),
      }
  }
}

const noProof = { ofUser: false, fromTeam: false }

/** Said where a team sees it first, in the network tab. */
const unsignedAnswer = {
  identity: 'unsigned',
  help: 'A user was named without a valid identity token: this counts for the visitor only. Sign a JWT (HS256, sub = user id, exp within an hour) with the identity secret on your server and send it as identityToken; Settings, Install shows how.',
} as const

const isKeptBack = ({ unsigned }: Admission, { workspace }: Access): boolean =>
  unsigned && workspace.identity === 'required'

/** A token may stand beside the batch or, where a batch spans two users, in the context of each message. */
const tokenOf = ({ context }: ValidEvent): unknown => context?.identityToken ?? null

function lastIdentify({ messages }: CollectBody): ValidEvent | null {
  const isIdentify = (message: unknown) =>
    typeof message === 'object' &&
    message !== null &&
    (message as ValidEvent).type === 'identify' &&
    Boolean((message as ValidEvent).userId)
  return (messages.findLast(isIdentify) as ValidEvent | undefined) ?? null
}

/** @returns null when it was signed. */
async function identityFault(
  message: ValidEvent,
  identities: ReadonlyMap<unknown, SignedIdentity | null> | null,
  body: CollectBody,
  bearer: string | null,
  { workspace }: Access,
  tokens: IdentityTokens,
): Promise<IdentityFault | null> {
  const identity = identities?.get(tokenOf(message)) ?? identities?.get(null)
  if (identity) return identity.userId === message.userId ? null : 'other_user'
  const token =
    contextToken(message) ?? (typeof body.identityToken === 'string' ? body.identityToken : bearer)
  return token === null ? 'no_token' : tokens.faultOf(token, workspace)
}

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
