import type { CompiledPlaybook, CompiledRule } from '../playbook/compile.ts'
import type { OutboxMessage, Trial } from '../trial/model.ts'
import { hasGone } from './guards.ts'

/**
 * Two user ids may have one address: a second sign-up, an imported duplicate. Anyone who reads that mailbox gets each
 * email once, one trial email a day, and nothing about a trial that a newer one or a purchase has overtaken.
 */
export interface StandAside {
  readonly why: string
  /** When it may be tried again; null: never. */
  readonly until: number | null
}

const startKey = ({ clock, createdAt, id }: Trial): readonly [number, number, string] => [
  clock.startsAt,
  createdAt,
  id,
]

function isNewer(other: Trial, mine: Trial): boolean {
  const [a, b] = [startKey(other), startKey(mine)]
  if (a[0] !== b[0]) return a[0] > b[0]
  return a[1] !== b[1] ? a[1] > b[1] : a[2] > b[2]
}

const goneAt = (message: OutboxMessage): number => message.sentAt ?? message.dotAt ?? message.dueAt

const hadSame = (other: Trial, { id }: CompiledRule, since: number): boolean =>
  other.outbox.some((message) => message.ruleId === id && hasGone(message) && goneAt(message) >= since)

function overtaken(rule: CompiledRule, mine: Trial, others: readonly Trial[]): string | null {
  const { startsAt } = mine.clock
  if (others.some((other) => hadSame(other, rule, startsAt)))
    return 'another trial with this address has had this email'
  if (rule.class === 'service') return null
  if (others.some(({ clock }) => clock.convertedAt !== null && clock.convertedAt >= startsAt))
    return 'another trial with this address has converted'
  return others.some((other) => isNewer(other, mine)) ? 'there is a newer trial with this address' : null
}

/**
 * @param others trials of the same workspace with the same address, without `mine`
 * @returns null when nothing speaks against it
 */
export function standAsideFor(
  rule: CompiledRule,
  mine: Trial,
  others: readonly Trial[],
  playbook: CompiledPlaybook,
  now: number,
): StandAside | null {
  const why = overtaken(rule, mine, others)
  if (why !== null) return { why, until: null }
  if (rule.class === 'service') return null
  const waits = others.flatMap(({ contact }) => [
    { since: contact.lastTrialMailAt, ms: playbook.trialMailEveryMs },
    { since: contact.repliedAt, ms: playbook.pauseAfterReplyMs },
    { since: contact.repMailedAt, ms: playbook.pauseAfterRepMailMs },
  ])
  const until = waits.reduce(
    (latest, { since, ms }) => (since === null ? latest : Math.max(latest, since + ms)),
    0,
  )
  return until > now
    ? { why: 'another trial with this address is paused or has just had an email', until }
    : null
}
