/** The vocabulary of Trialpace: one idea, one name, the same in code, API, interface and documentation. */

/**
 * Who a trialist is, as far as their usage and traits tell. Recomputed on every event.
 * - `opportunist`: tries free things; poor fit, little or bursty use. Gets no pitch and no rep time.
 * - `unqualified`: fails the fit rules. Gets no pitch and no discount, also once activated (unless the rule says so).
 * - `unaware`: good fit, has not started. Gets first-step help and an extension.
 * - `exploring`: good fit, active, value not reached. Gets the next milestone named, and an extension.
 * - `activated`: reached the activation milestones. Gets the upgrade pitch.
 */
export const segments = ['opportunist', 'unqualified', 'unaware', 'exploring', 'activated'] as const
export type Segment = (typeof segments)[number]

/** Milestones per active day against converters' percentiles at the same number of active days. */
export const paces = ['ahead', 'on_pace', 'slow', 'stalled', 'not_started'] as const
export type Pace = (typeof paces)[number]

/**
 * - `anonymous`: events without a known user; becomes part of a trial once identified.
 * - `trialing`: the trial runs (also a freemium product, whose `endsAt` is null).
 * - `ended`: the end has passed without a conversion.
 * - `converted`: pays. Nothing is pitched any more.
 */
export const trialStatuses = ['anonymous', 'trialing', 'ended', 'converted'] as const
export type TrialStatus = (typeof trialStatuses)[number]

/** Kinds of email that we bring. */
export const shippedKinds = [
  'welcome',
  'onboarding_step',
  'upgrade_now',
  'expiring_activated',
  'expiring_passive',
  'ended_survey',
  'survey_follow_up',
  'extension_granted',
  'trial_ended',
] as const

/** `custom`: an email of the team’s own; its rule has a name and the words. */
export const messageKinds = [...shippedKinds, 'custom'] as const
export type MessageKind = (typeof messageKinds)[number]

/**
 * Who of a company gets an email.
 * - `actor`: who did what it answers to.
 * - `champion`: who reached the most milestones, then who is the most active.
 * - `buyer`: who the playbook says can buy, else the champion.
 * - `everyone`: all who have used the product.
 */
export const recipientRoles = ['actor', 'champion', 'buyer', 'everyone'] as const
export type RecipientRole = (typeof recipientRoles)[number]

/**
 * What became of a message decision. `scheduled` is a promise, the others are history.
 * `unknown`: the connection broke after the final dot, the email may or may not have arrived.
 * `held_out`: the person belongs to the untreated control group.
 */
export const decisionOutcomes = [
  'scheduled',
  'sent',
  'skipped',
  'superseded',
  'held_out',
  'blocked',
  'deferred',
  'failed',
  'unknown',
] as const
export type DecisionOutcome = (typeof decisionOutcomes)[number]

/** Why an address is not mailed any more. */
export const suppressionReasons = [
  'unsubscribed',
  'hard_bounce',
  'complaint',
  'manual',
  'soft_bounces',
] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

export const nudgeFormats = [
  'banner',
  'modal',
  'slideout',
  'tooltip',
  'inline',
  'checklist',
  'usage_meter',
  'countdown',
  'upgrade_wall',
  'survey',
] as const
export type NudgeFormat = (typeof nudgeFormats)[number]

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/**
 * `<workspaceId>:u:<userId>` or, before identification, `<workspaceId>:a:<anonymousId>`; of a company
 * `<workspaceId>:g:<companyId>`.
 */
export type TrialId = Branded<string, 'TrialId'>
export type WorkspaceId = Branded<string, 'WorkspaceId'>
/** Identity of one mail: trial + rule + cycle, so a retry reuses it and a real extension earns a new one. */
export type MessageKey = Branded<string, 'MessageKey'>
/** Canonical, syntactically checked addr-spec. Only {@link parseEmailAddress} makes one. */
export type EmailAddress = Branded<string, 'EmailAddress'>

export const trialIdOfUser = (workspaceId: WorkspaceId, userId: string): TrialId =>
  `${workspaceId}:u:${userId}` as TrialId

export const trialIdOfAnonymous = (workspaceId: WorkspaceId, anonymousId: string): TrialId =>
  `${workspaceId}:a:${anonymousId}` as TrialId

export const trialIdOfCompany = (workspaceId: WorkspaceId, companyId: string): TrialId =>
  `${workspaceId}:g:${companyId}` as TrialId

/** @returns null when it is not the trial of a company. */
export function companyIdOf(id: TrialId, workspaceId: WorkspaceId): string | null {
  const prefix = trialIdOfCompany(workspaceId, '')
  return id.startsWith(prefix) ? id.slice(prefix.length) : null
}

/** The platform's own reader of host names: the only part of it that is used here. */
declare const URL: new (address: string) => { readonly hostname: string }

const plainAddress =
  /^[^\s@,;:<>()[\]\\"\p{C}]{1,64}@[^\s@,;:<>()[\]\\"/?#%\p{C}]+\.[^\s@,;:<>()[\]\\"./?#%\p{C}]{2,}$/u

/** UTS 46: `bücher.example`, its NFD form and `xn--bcher-kva.example` are one domain. */
function canonicalDomain(domain: string): string | null {
  const folded = domain.toLowerCase().replace(/\.$/, '')
  if (/^[a-z0-9._-]+$/.test(folded)) return folded
  try {
    const { hostname } = new URL(`http://${folded}`)
    return /^[a-z\d._-]+\.[a-z-][a-z\d-]+$/.test(hostname) ? hostname : null
  } catch {
    return null
  }
}

/**
 * One address, never a list: commas, brackets, quotes, white space and control characters are refused, because
 * email libraries read a string with them as several recipients or a group. Spellings of one mailbox give one address:
 * NFC and lower case before the @, UTS 46 and punycode after it.
 * @returns null when it is not a plain `local@domain` of at most 254 characters.
 */
export function parseEmailAddress(input: unknown): EmailAddress | null {
  if (typeof input !== 'string' || input.length > 1000) return null
  const address = input
    .trim()
    .normalize('NFC')
    .replace(/[。．｡]/g, '.')
    .replace(/\.$/, '')
  if (address.length > 254 || !plainAddress.test(address)) return null
  const at = address.lastIndexOf('@')
  const domain = canonicalDomain(address.slice(at + 1))
  if (domain === null) return null
  const canonical = `${address.slice(0, at).toLowerCase()}@${domain}`
  return canonical.length <= 254 ? (canonical as EmailAddress) : null
}
