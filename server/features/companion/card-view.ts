import type { Card } from '../../../shared/api/card.ts'
import type { BillingState } from '../../../shared/billing.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'
import { canBuy, rankedMembers, roleOf } from '../../domain/activation/members.ts'
import { upcomingMails } from '../../domain/messages/plan.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { reduce } from '../../domain/reducer/reduce.ts'
import { statusAt, zoneOf } from '../../domain/trial/clock.ts'
import type { Extension, Trial } from '../../domain/trial/model.ts'

/** What a rep sees of a trialist in Gmail: everything about the clock, nothing of emails' contents. */

interface Note {
  readonly id: string
  readonly at: number
  readonly by: string
  readonly text: string
}

export interface CardExtras {
  readonly notes: readonly Note[]
  readonly owner: string | null
  readonly replyLabel: Card['replyLabel']
  readonly billing: BillingState | null
}

const iso = (at: number | null): string | null => (at === null ? null : isoInstant(at))
const recentDecisions = 10

const teamShown = 20

function teamOf({ company }: Trial, playbook: CompiledPlaybook): Pick<Card, 'team'> {
  if (!company) return {}
  const ranked = rankedMembers(company, playbook)
  const members = ranked.slice(0, teamShown).map(({ userId, member }, index) => ({
    userId,
    email: member.person.email,
    name: member.person.name,
    role: roleOf(member),
    isChampion: index === 0,
    canBuy: canBuy(member, playbook),
  }))
  return { team: { companyId: company.id, members, more: ranked.length - members.length + company.beyond } }
}

/** @param whole of a member: the trial of all of them, which is what an extension moves; else the same */
export function cardOf(
  trial: Trial,
  whole: Trial,
  playbook: CompiledPlaybook,
  extras: CardExtras,
  now: number,
): Card {
  const { person, clock, standing, usage } = trial
  return {
    userId: trial.userId ?? '',
    email: person.email ?? '',
    name: person.name,
    company: person.company,
    plan: person.plan,
    segment: standing.segment,
    pace: standing.pace,
    score: standing.score,
    reasons: [...standing.reasons],
    status: statusAt(clock, now),
    startsAt: isoInstant(clock.startsAt),
    endsAt: iso(clock.endsAt),
    timeZone: zoneOf(trial, playbook),
    lastSeenAt: iso(usage.lastSeenAt),
    potentialMrr:
      clock.status === 'converted' ? null : (mrrThere(extras.billing) ?? potentialMrr(trial, playbook)),
    billing: extras.billing,
    milestones: playbook.playbook.milestones.map(({ name, event, threshold }) => ({
      name,
      threshold,
      count: usage.counters[event]?.count ?? 0,
      reachedAt: iso(standing.reachedAt[name] ?? null),
    })),
    next: whole.next && { ...whole.next, at: iso(whole.next.at) },
    ...teamOf(whole, playbook),
    pausedUntil: iso(trial.contact.pausedUntil),
    extensions: clock.extensions
      .filter((extension) => extension.undoneAt === null)
      .map((extension) => extensionView(extension, whole, playbook, now)),
    extend: extendView(whole, playbook, now),
    recent: trial.decisions
      .slice(-recentDecisions)
      .reverse()
      .map(({ at, kind, outcome, why }) => ({ at: isoInstant(at), kind, outcome, why })),
    mailInFlight: whole.outbox.some((message) => message.state === 'claimed' || message.state === 'dot'),
    repliedAt: iso(trial.contact.repliedAt),
    replyLabel: extras.replyLabel,
    owner: extras.owner,
    notes: extras.notes.map((note) => ({ ...note, at: isoInstant(note.at) })),
    version: trial.version,
    now: isoInstant(now),
  }
}

/** What the subscription would bring, where the billing system tells it. */
function mrrThere(billing: BillingState | null): Card['potentialMrr'] {
  const { potentialMrrMinor = null, currency = null } = billing ?? {}
  return potentialMrrMinor === null || currency === null ? null : { amountMinor: potentialMrrMinor, currency }
}

function potentialMrr(trial: Trial, { playbook }: CompiledPlaybook): Card['potentialMrr'] {
  const { price, currency } = playbook.product
  if (!price) return null
  const monthly = price.per === 'year' ? Math.round(price.amountMinor / 12) : price.amountMinor
  const seats = price.seat && typeof trial.person.traits.seats === 'number' ? trial.person.traits.seats : 1
  return { amountMinor: monthly * Math.max(1, Math.round(seats)), currency }
}

const actor = { kind: 'rep', name: 'preview' } as const

/** Asks the reducer itself, so that what the card offers is what the server would grant. */
function extensionView(
  extension: Extension,
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): Card['extensions'][number] {
  const undo = reduce(trial, { type: 'undoExtension', id: extension.id, by: actor }, playbook, now)
  return {
    id: extension.id,
    at: isoInstant(extension.at),
    days: extension.days,
    before: iso(extension.before),
    after: isoInstant(extension.after),
    by: extension.by.name,
    reason: extension.reason,
    undoable: undo.outcome.ok,
  }
}

function extendView(trial: Trial, playbook: CompiledPlaybook, now: number): Card['extend'] {
  const { options, maxPerTrial, maxTotalDays } = playbook.playbook.extensions
  const granted = trial.clock.extensions.filter((extension) => extension.undoneAt === null)
  const maxDays = Math.max(
    0,
    Math.floor(maxTotalDays - granted.reduce((sum, extension) => sum + extension.days, 0)),
  )
  const before = upcomingMails(trial, playbook, now)
  let why: string | null = null
  const previews: Card['extend']['previews'] = []
  for (const days of options) {
    const { trial: after, outcome } = reduce(
      trial,
      { type: 'extend', id: 'preview', days, reason: 'preview', note: '', by: actor },
      playbook,
      now,
    )
    if (!outcome.ok) {
      why ??= outcome.detail
      continue
    }
    previews.push({
      days,
      endsAt: isoInstant(after.clock.endsAt ?? now + days * dayMs),
      moves: movesBetween(before, upcomingMails(after, playbook, now)),
    })
  }
  return {
    options: previews.map(({ days }) => days),
    maxDays,
    left: Math.max(0, maxPerTrial - granted.length),
    why: previews.length === 0 ? (why ?? 'This trial cannot be extended.') : null,
    previews,
  }
}

type Upcoming = ReturnType<typeof upcomingMails>

function movesBetween(before: Upcoming, after: Upcoming): Card['extend']['previews'][number]['moves'] {
  const then = new Map(before.map((mail) => [mail.ruleId, mail]))
  const later = new Map(after.map((mail) => [mail.ruleId, mail]))
  return [...new Set([...then.keys(), ...later.keys()])].flatMap((ruleId) => {
    const from = then.get(ruleId)
    const to = later.get(ruleId)
    const kind = (from ?? to)?.kind
    if (!kind || kind === 'extension_granted' || from?.at === to?.at) return []
    return [{ kind, from: iso(from?.at ?? null), to: iso(to?.at ?? null) }]
  })
}
