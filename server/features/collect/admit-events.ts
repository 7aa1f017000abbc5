import { collectLimits, type RejectionCode } from '../../../shared/collect.ts'
import { type TrialId, trialIdOfUser } from '../../../shared/trial.ts'
import type { TrackedEvent } from '../../domain/trial/model.ts'
import type { Ids } from '../../ports.ts'
import type { LoggedEvent } from '../../storage/port.ts'
import { type Owner, ownerOf } from '../../storage/subjects.ts'
import { type ClickEcho, echoOf } from './click-echo.ts'
import type { CompanyWord } from './companies.ts'
import type { Access } from './credentials.ts'
import { eventTime } from './event-time.ts'
import type { FormerId } from './former-ids.ts'
import type { SignedIdentity } from './identity-token.ts'
import { dropDeepMembers, mendEvent } from './mend-event.ts'
import type { CollectBody } from './parse-body.ts'
import {
  faultyTraits,
  permittedTraits,
  type Traits,
  type Voucher,
  withBrowserHints,
  without,
} from './person-traits.ts'
import { type Moments, type ValidEvent, validateEvent } from './validate-event.ts'
import type { Link } from './visitors.ts'

/** Accepted, but for these fields. */
interface Ignored {
  readonly index: number
  readonly messageId: string | null
  readonly fields: string[]
}

interface Rejection {
  readonly index: number
  readonly messageId: string | null
  readonly code: RejectionCode
}

/** What of a request may be stored, and what has to be looked up first. */
export interface Admission {
  readonly logged: LoggedEvent[]
  readonly rejected: Rejection[]
  readonly ignored: Ignored[]
  /** Visitors who are named together with a user, each pair once. */
  readonly links: Link[]
  /** User ids that a trusted alias names as former ones. */
  readonly formers: FormerId[]
  /** Companies of users, named by who may: the team’s server or a signed identity. */
  readonly companies: CompanyWord[]
  /**
   * Events of visitors, by position in `logged`; their trial depends on who that is.
   * `named`: a user whom the event names without proof, where that counts for the visitor.
   */
  readonly anonymous: { readonly position: number; readonly named: string | null }[]
  /** Whether an event named a user without proof. */
  unsigned: boolean
  /**
   * Events that say which email brought their sender, by position in `logged`. `named`: whose email the click must be
   * of, where the event itself counts for a visitor.
   */
  readonly echoes: { readonly position: number; readonly named: TrialId | null; readonly echo: ClickEcho }[]
  /** Page the browser is on, as the last page call says. */
  page: string | null
  /** Everyone who did something. */
  readonly subjects: Set<string>
  /** Of the last event. */
  owner: (Owner & { readonly isClaimed: boolean }) | null
}

export interface AdmitContext {
  readonly body: CollectBody
  readonly access: Access
  readonly receivedAt: number
  readonly ids: Ids
  /** Whom the token that came with a message names; verified before. */
  readonly identityOf: ((message: ValidEvent) => SignedIdentity | null) | null
  /** Whether a robot sent the request; asked only where that matters. */
  readonly isCrawler: () => boolean
}

/**
 * Visitors that one request may join to users. Each costs several writes, and browsers belong to one or two people;
 * what a library invents beyond that (rudder-go: a new id with every message) is joined to no one.
 */
const linksPerRequest = { browser: 10, server: 100 }

/** People one browser’s request may speak for: each is a document of its own, all saved in one go. */
const subjectsPerRequest = 100

const none: Traits = Object.freeze({})

/** Checks each message by itself: a bad one is rejected with a code and costs the others nothing. */
export function admitEvents(context: AdmitContext): Admission {
  const admission: Admission = {
    logged: [],
    rejected: [],
    ignored: [],
    links: [],
    formers: [],
    companies: [],
    anonymous: [],
    unsigned: false,
    echoes: [],
    page: null,
    subjects: new Set(),
    owner: null,
  }
  const { body } = context
  const { messages } = body
  const moments: Moments = { at: null, sentAt: null }
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]
    const fields: string[] = []
    const code =
      index < collectLimits.batchEvents ? faultOf(message, body, moments, fields) : 'too_many_events'
    const refused = code ?? admitOne(message as ValidEvent, moments, context, admission, fields)
    if (refused) admission.rejected.push({ index, messageId: messageIdOf(message), code: refused })
    else if (fields.length > 0) admission.ignored.push({ index, messageId: messageIdOf(message), fields })
  }
  return admission
}

/** @param ignored gets the fields that were left out so that the event could be taken. */
function faultOf(
  message: unknown,
  { simple, small }: CollectBody,
  moments: Moments,
  ignored: string[],
): RejectionCode | null {
  let code = validateEvent(message, simple, moments)
  if (code !== null && code !== 'not_an_object') {
    ignored.push(...mendEvent(message as Record<string, unknown>))
    code = validateEvent(message, simple, moments)
  }
  if (code !== null || small) return code
  ignored.push(...dropDeepMembers(message as Record<string, unknown>))
  return isTooLarge(message) ? 'event_too_large' : null
}

/** Only looked at when the whole body is over the limit of one event. A UTF-16 unit takes at most 3 bytes. */
function isTooLarge(message: unknown): boolean {
  const text = JSON.stringify(message)
  const limit = collectLimits.eventBytes
  return text.length > limit || (text.length > limit / 3 && Buffer.byteLength(text) > limit)
}

function messageIdOf(message: unknown): string | null {
  const id = typeof message === 'object' && message !== null ? (message as ValidEvent).messageId : null
  return typeof id === 'string' && id !== '' && id.length <= collectLimits.idChars ? id : null
}

function admitOne(
  message: ValidEvent,
  moments: Moments,
  context: AdmitContext,
  admission: Admission,
  ignored: string[],
): RejectionCode | null {
  const { workspace, trusted } = context.access
  const said = message.userId || null
  const anonymousId = message.anonymousId || null
  const identity = said === null || context.identityOf === null ? null : context.identityOf(message)
  const signed = identity !== null && identity.userId === said
  const voucher: Voucher = trusted ? 'secret' : signed ? 'signed' : 'none'
  const unsigned = voucher === 'none' && said !== null
  if (unsigned) admission.unsigned = true
  const claimed = unsigned && workspace.identity === 'trusting'
  // No one has proven who that is, so it counts for the browser alone.
  const userId = unsigned && !claimed ? null : said
  if (userId === null && anonymousId === null) return 'identity_required'
  // Someone signed in is no robot, whatever their browser calls itself.
  if (userId === null && !trusted && context.isCrawler()) return 'bot'

  let traits = none
  if (message.type === 'identify') {
    const described = traitsOfIdentify(message)
    traits = permittedTraits(described, voucher, signed ? identity.claims : null)
    const faulty = faultyTraits(traits)
    if (faulty.length > 0) {
      traits = without(traits, faulty)
      ignored.push(...faulty.map((name) => `traits.${name.slice(0, 100)}`))
    }
    // A server speaks for many users: its own language and zone are not theirs.
    if (!trusted) traits = withBrowserHints(traits, described, message.context, context.body.locale)
  } else if (message.type === 'group')
    traits = { ...message.traits, ...(message.groupId && { groupId: message.groupId }) }
  else if (message.traits) traits = message.traits

  const link = (visitor: string, mayCreate: boolean): boolean =>
    noteLink(
      admission.links,
      { workspaceId: workspace.id, anonymousId: visitor, userId: userId as string, mayCreate, claimed },
      trusted ? linksPerRequest.server : linksPerRequest.browser,
    )
  // An alias says nothing but a link, and that needs a proof.
  const isAlias = message.type === 'alias'
  if (userId !== null && isAlias && !claimed && message.previousId && !link(message.previousId, true))
    return 'too_many_aliases'
  if (isAlias && userId !== null && message.previousId && (trusted || isFormerBy(identity, message)))
    admission.formers.push({ workspaceId: workspace.id, previousId: message.previousId, userId })
  if (userId !== null && anonymousId !== null && !(isAlias && claimed)) link(anonymousId, !trusted)
  const { logged } = admission
  const company =
    userId !== null && voucher !== 'none'
      ? companyOf(message, identity, voucher, traits, moments, context)
      : null
  if (company !== null && userId !== null)
    noteCompany(admission.companies, { ...company, workspaceId: workspace.id, userId })
  // Neighbours in a batch mostly belong to one person: their ids are made once.
  let { owner } = admission
  const proof = { ofUser: !claimed, fromTeam: trusted }
  if (
    owner?.userId !== userId ||
    (userId === null ? owner?.anonymousId !== anonymousId : owner.isClaimed !== claimed)
  )
    owner = admission.owner = { ...ownerOf(workspace.id, userId, anonymousId, proof), isClaimed: claimed }
  if (!trusted && isOneTooMany(admission, owner.subject)) return 'too_many_events'
  if (userId === null) admission.anonymous.push({ position: logged.length, named: said })
  const echo = said !== null && message.context ? echoOf(message) : null
  const isProven = userId !== null && !claimed
  // A campaign can be guessed; the id of a click is known to the browser that followed the link, signed or not.
  if (echo && (isProven || echo.clickId !== null)) {
    const named = userId === null ? trialIdOfUser(workspace.id, said as string) : null
    admission.echoes.push({
      position: logged.length,
      named,
      echo: isProven ? echo : { ...echo, campaign: null },
    })
  }
  logged.push({
    workspaceId: workspace.id,
    subject: owner.subject,
    trialId: owner.trialId,
    event: trackedEvent(
      message,
      { at: moments.at, sentAt: moments.sentAt ?? context.body.sentAt },
      { verified: voucher !== 'none', claimed },
      traits,
      context,
    ),
  })
  if (message.type === 'page') admission.page = pathOf(message) ?? admission.page
  return null
}

/**
 * The company that a message names. A signed claim outweighs what the browser says; a group call alone is taken from a
 * signed user too, but says nothing of money then.
 */
function companyOf(
  { type, groupId }: ValidEvent,
  identity: SignedIdentity | null,
  voucher: Voucher,
  traits: Traits,
  moments: Moments,
  { receivedAt, body }: AdmitContext,
): Pick<CompanyWord, 'companyId' | 'at' | 'traits'> | null {
  const said = type === 'group' && groupId ? groupId : null
  const claimed = voucher === 'signed' ? (identity?.claims.companyId ?? null) : null
  const signed = typeof claimed === 'string' && isCompanyId(claimed) ? claimed : null
  if (signed !== null && said !== null && said !== signed) return null
  const companyId = signed ?? said
  if (companyId === null) return null
  const at =
    said !== null && signed === null
      ? eventTime(receivedAt, moments.at, moments.sentAt ?? body.sentAt)
      : Math.min(identity?.issuedAt ?? receivedAt, receivedAt)
  const known =
    voucher === 'secret' ? traits : without(traits, ['plan', 'trial', 'trialStartsAt', 'trialEndsAt'])
  return { companyId, at, traits: said === null ? null : known }
}

const isCompanyId = (text: string): boolean =>
  text !== '' && text.length <= collectLimits.idChars && !/\p{C}/u.test(text)

function noteCompany(companies: CompanyWord[], word: CompanyWord): void {
  const isSame = ({ userId, companyId, at }: CompanyWord) =>
    userId === word.userId && companyId === word.companyId && at === word.at
  if (word.traits !== null || !companies.some(isSame)) companies.push(word)
}

/** Whether the team’s server has signed that this user had the other id before. */
const isFormerBy = (identity: SignedIdentity | null, { userId, previousId }: ValidEvent): boolean =>
  identity !== null && identity.userId === userId && identity.claims.previousId === previousId

/** Counts the people of a request. */
function isOneTooMany({ subjects }: Admission, subject: string): boolean {
  if (subjects.size >= subjectsPerRequest && !subjects.has(subject)) return true
  subjects.add(subject)
  return false
}

/** RudderStack puts traits into the context. */
function traitsOfIdentify({ traits, context }: ValidEvent): Traits {
  const more = context?.traits
  return typeof more === 'object' && more !== null && !Array.isArray(more)
    ? { ...more, ...traits }
    : (traits ?? none)
}

/** @returns false when there is no room for one more. */
function noteLink(links: Link[], link: Link, room: number): boolean {
  const isSame = ({ anonymousId, userId, claimed }: Link) =>
    anonymousId === link.anonymousId && userId === link.userId && claimed === link.claimed
  if (links.some(isSame)) return true
  if (links.length >= room) return false
  links.push(link)
  return true
}

function trackedEvent(
  message: ValidEvent,
  { at, sentAt }: Moments,
  { verified, claimed }: { verified: boolean; claimed: boolean },
  traits: Traits,
  { receivedAt, ids }: AdmitContext,
): TrackedEvent {
  return {
    messageId: message.messageId || ids.uuid(receivedAt),
    type: message.type,
    name: message.type === 'track' ? (message.event as string) : message.type,
    at: eventTime(receivedAt, at, sentAt),
    receivedAt,
    verified,
    ...(claimed && { claimed }),
    properties: message.properties ?? none,
    traits,
  }
}

function pathOf({ properties, context }: ValidEvent): string | null {
  const page = context?.page as { path?: unknown } | undefined | null
  const path = properties?.path ?? page?.path
  return typeof path === 'string' ? path : null
}
