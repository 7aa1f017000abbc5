import type { Fate, Ledger, Returned } from './ledger.ts'
import {
  dayMs,
  isDelivered,
  isFollowed,
  isSeenOpened,
  type PersonTruth,
  peopleOf,
  reachedGoal,
  seenOpenings,
  suppressedOf,
  wasHeldOut,
  wasTreated,
} from './people-truth.ts'

/** What each figure must be: sums over what the actors wrote down. */

export interface Share {
  readonly numerator: number
  readonly denominator: number
}

export const rateOf = ({ numerator, denominator }: Share): number => numerator / denominator

const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7)

/** People by the months in which they were mailed, and whether they let anything be seen of them in it. */
function audience(people: readonly PersonTruth[], refusedAt: ReadonlyMap<string, readonly number[]>): Share {
  let [numerator, denominator] = [0, 0]
  for (const { life, fates } of people) {
    const mailed = new Set([
      ...fates.map(({ letter }) => monthOf(letter.acceptedAt)),
      ...(refusedAt.get(life.person.userId) ?? []).map(monthOf),
    ])
    const signs = new Set(
      [
        ...life.usedAt,
        ...fates.flatMap((fate) => [
          ...seenOpenings(fate).map(({ at }) => at),
          ...fate.clicks.map(({ at }) => at),
          ...fate.replies.map(({ at }) => at),
        ]),
      ].map(monthOf),
    )
    denominator += mailed.size
    numerator += [...mailed].filter((month) => signs.has(month)).length
  }
  return { numerator, denominator }
}

/** Weekday (1 = Monday) and hour on the clock of the person. */
function localHour(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? ''
  return `${['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1}-${Number(part('hour'))}`
}

/** First sure signs of a reader: clicks, replies, opens of programs that name themselves. */
function reactionHours(fates: readonly Fate[]): Map<string, number> {
  const hours = new Map<string, number>()
  for (const { openings, clicks, replies, letter } of fates) {
    const signs = [...openings.filter(({ isCertain }) => isCertain), ...clicks, ...replies].map(
      ({ at }) => at,
    )
    if (signs.length === 0) continue
    const hour = localHour(Math.min(...signs), letter.person.zone)
    hours.set(hour, (hours.get(hour) ?? 0) + 1)
  }
  return hours
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0)
const countBy = <T>(items: readonly T[], nameOf: (item: T) => string | null): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) {
    const name = nameOf(item)
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/** Mean over the days of how many could be mailed at their end. */
function meanSubscribers(people: readonly PersonTruth[], firstDay: number, days: number): number {
  const ends = Array.from({ length: days }, (_, day) => firstDay + (day + 1) * dayMs)
  return (
    sum(
      ends.map(
        (end) =>
          people.filter(
            ({ life }) => life.person.signsUpAt < end && (life.lost === null || life.lost.at >= end),
          ).length,
      ),
    ) / days
  )
}

const of = (numerator: number, denominator: number): Share => ({ numerator, denominator })

/** Opens and clicks, of delivered mails that may be followed. */
function attentionOf(followed: readonly Fate[]) {
  const told = followed.filter(({ isFetchedByApple }) => !isFetchedByApple)
  const clicked = followed.filter(({ clicks }) => clicks.length > 0)
  const verified = clicked.filter(({ clicks }) => clicks.some(({ isVerified }) => isVerified))
  const visible = followed.flatMap(seenOpenings)
  const known = visible.filter(({ device }) => device !== 'hidden')
  const mobile = known.filter(({ device }) => device !== 'desktop')
  const openedSeen = followed.filter(isSeenOpened)
  const isMobileClick = ({ clicks }: Fate) => clicks.some(({ device }) => device !== 'desktop')
  const openedAtAll = followed.filter(({ rawOpens, clicks }) => rawOpens > 0 || clicks.length > 0)
  return {
    openedSeen,
    clicked,
    /** What nobody but the actors can know: who has really had the mail before their eyes. */
    trueOpenRate: of(followed.filter(({ openings }) => openings.length > 0).length, followed.length),
    rawOpenRate: of(openedAtAll.length, followed.length),
    openRate: of(told.filter(isSeenOpened).length, told.length),
    openRateFloor: of(openedSeen.length, followed.length),
    mobileOpens: of(mobile.length, known.length),
    mobileClicks: of(clicked.filter(isMobileClick).length, clicked.length),
    opensPerOpen: of(
      sum(openedSeen.map((fate) => Math.max(seenOpenings(fate).length, 1))),
      openedSeen.length,
    ),
    clicks: sum(followed.map(({ clicks }) => clicks.length)),
    rawClicks: sum(followed.map(({ rawClicks }) => rawClicks)),
    clickRate: of(clicked.length, followed.length),
    verifiedRate: of(verified.length, followed.length),
    clicksToOpens: of(clicked.length, openedSeen.length),
    programs: countBy(visible, ({ client }) => client),
  }
}

/** What mail servers and mailboxes said. */
function listTruthOf({ fates, refusals }: Ledger, people: readonly PersonTruth[]) {
  const accepted = [...fates.values()]
  const refused = [...refusals.values()]
  const delivered = accepted.filter(isDelivered)
  const handed = accepted.length + refused.length
  const suppressed = sum(people.map(suppressedOf))
  const backAs = (as: Returned) =>
    refused.filter((refusal) => refusal.as === as).length +
    accepted.filter(({ returned }) => returned === as).length
  const lostBy = (cause: string) => people.filter(({ life }) => life.lost?.cause === cause).length
  return {
    bounces: of(backAs('hard') + backAs('soft') + backAs('other'), handed),
    hardBounces: of(backAs('hard'), handed),
    softBounces: of(backAs('soft'), handed),
    waterfall: {
      targeted: handed + suppressed,
      suppressed,
      blocked: 0,
      'handed over': handed,
      accepted: accepted.length,
      delivered: delivered.length,
    },
    unsubscribes: delivered.filter(({ unsubscribedAt }) => unsubscribedAt !== null).length,
    complaints: delivered.filter(({ complainedAt }) => complainedAt !== null).length,
    gained: people.length,
    lost: {
      unsubscribed: lostBy('unsubscribed'),
      complaint: lostBy('complaint'),
      bounce: lostBy('bounce'),
    },
    positiveReplies: of(
      delivered.filter(({ replies }) => replies.some(({ tone }) => tone === 'positive')).length,
      delivered.length,
    ),
    replies: of(delivered.filter(({ replies }) => replies.length > 0).length, delivered.length),
  }
}

const convertedOf = (group: readonly PersonTruth[]): Share =>
  of(group.filter(({ life }) => life.convertedAt !== null).length, group.length)

/** Who bought, and which mail that is owed to. */
function moneyTruthOf(
  people: readonly PersonTruth[],
  { delivered, clicked, opened }: { delivered: number; clicked: number; opened: number },
) {
  const credits = people.flatMap(({ credit }) => (credit ? [credit.by] : []))
  const by = (name: string) => credits.filter((credit) => credit === name).length
  const won = people.flatMap(({ money }) => [...money.values()])
  const revenueMinor = sum(won)
  const goals = people.flatMap((person) =>
    person.fates.filter(isDelivered).filter((fate) => reachedGoal(fate, person)),
  )
  return {
    conversions: of(credits.length, delivered),
    conversionsVerified: of(by('click'), delivered),
    conversionsOfClicks: of(by('click') + by('campaign'), clicked),
    conversionsBy: { click: by('click'), campaign: by('campaign'), 'e-mail': by('e-mail') },
    goals: of(goals.length, delivered),
    holdout: {
      treated: convertedOf(people.filter(wasTreated)),
      heldOut: convertedOf(people.filter(wasHeldOut)),
    },
    purchases: of(won.filter((amount) => amount > 0).length, delivered),
    revenueMinor,
    revenuePerMail: of(revenueMinor, delivered),
    revenuePerOpen: of(revenueMinor, opened),
  }
}

function refusedAtOf({ refusals }: Ledger): Map<string, number[]> {
  const refusedAt = new Map<string, number[]>()
  for (const { person, at } of refusals.values())
    refusedAt.set(person.userId, [...(refusedAt.get(person.userId) ?? []), at])
  return refusedAt
}

export function truthOf(ledger: Ledger, period: { firstDay: number; days: number }) {
  const people = peopleOf(ledger)
  const delivered = [...ledger.fates.values()].filter(isDelivered)
  const { openedSeen, clicked, ...attention } = attentionOf(delivered.filter(isFollowed))
  const paid = people.flatMap(({ life }) => life.payments.map(({ amountMinor }) => amountMinor))
  return {
    delivered: delivered.length,
    ...attention,
    ...listTruthOf(ledger, people),
    ...moneyTruthOf(people, {
      delivered: delivered.length,
      clicked: clicked.length,
      opened: openedSeen.length,
    }),
    reactionHours: reactionHours(delivered),
    revenuePerSubscriber: sum(paid) / meanSubscribers(people, period.firstDay, period.days),
    audience: audience(people, refusedAtOf(ledger)),
    subjects: countBy(
      delivered.filter(({ letter }) => letter.kind === 'upgrade_now'),
      ({ letter }) => letter.subject,
    ),
  }
}

export type Truth = ReturnType<typeof truthOf>
