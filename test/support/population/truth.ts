import type { Fate, Ledger, Life, Returned } from './ledger.ts'
import type { LetterKind } from './shares.ts'

/**
 * What each figure must be, from the ledger of the actors alone. The definitions are written out here once more, in
 * other words than the server’s, so that a mistake has to be made twice to go unseen.
 */

const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const attributionMs = 5 * dayMs
const trialMs = 7 * dayMs

export interface Share {
  readonly numerator: number
  readonly denominator: number
}

export const rateOf = ({ numerator, denominator }: Share): number => numerator / denominator

const isDelivered = ({ returned }: Fate): boolean => returned === null
/** Consent as it was when the mail went out: its picture and links are the person’s own, or they are not there. */
const isFollowed = ({ letter }: Fate): boolean => letter.pixel !== null
const isSeenOpened = ({ openings, clicks }: Fate): boolean =>
  clicks.length > 0 || openings.some(({ device, client }) => device !== 'hidden' || client !== null)
const seenOpenings = ({ openings }: Fate) => openings.filter(({ client }) => client !== null)

/** The mail a person’s deed is owed to: the latest touch of the strongest kind in the days before. */
function creditOf(
  fates: readonly Fate[],
  at: number,
): { fate: Fate; by: 'click' | 'campaign' | 'e-mail' } | null {
  const touches = fates
    .filter(isDelivered)
    .flatMap((fate) => [
      ...fate.clicks.map((click) => ({ fate, rank: click.isVerified ? 3 : 2, at: click.at })),
      ...fate.campaignAt.map((touchedAt) => ({ fate, rank: 2, at: touchedAt })),
      { fate, rank: 1, at: fate.letter.acceptedAt },
    ])
  const [best] = touches
    .filter((touch) => touch.at <= at && touch.at > at - attributionMs)
    .sort((a, b) => b.rank - a.rank || b.at - a.at)
  return best
    ? { fate: best.fate, by: best.rank === 3 ? 'click' : best.rank === 2 ? 'campaign' : 'e-mail' }
    : null
}

export interface PersonTruth {
  readonly life: Life
  readonly fates: readonly Fate[]
  readonly refused: number
  readonly credit: ReturnType<typeof creditOf>
  /** Money by the mail that won it. */
  readonly money: ReadonlyMap<Fate, number>
  /** Trial mails that fell due for them, sent or not, with the moment. */
  readonly trialMailsDue: readonly { readonly kind: LetterKind; readonly at: number }[]
}

/** When each trial mail’s time came, by what the playbook of this test promises. */
function trialMailsDue(life: Life, fates: readonly Fate[]): { kind: LetterKind; at: number }[] {
  const { person, activatedAt, convertedAt, extensions } = life
  const startAt = person.signsUpAt
  const endAt = startAt + trialMs * (1 + extensions)
  const rests = fates.flatMap(({ replies }) => replies.map(({ at }) => at))
  /** A reply makes the machine be silent for a day. */
  const afterRest = (at: number) =>
    Math.max(
      at,
      ...rests.filter((repliedAt) => repliedAt <= at && repliedAt + dayMs > at).map((r) => r + dayMs),
    )
  const plans: { kind: LetterKind; at: number | null }[] = [
    { kind: 'upgrade_now', at: activatedAt },
    // Before the first end; an extension later does not ask the same again.
    { kind: 'expiring_passive', at: activatedAt === null ? startAt + trialMs - 3 * dayMs : null },
    { kind: 'ended_survey', at: endAt + dayMs },
  ]
  return plans.flatMap(({ kind, at }) => {
    const dueAt = at === null ? null : afterRest(at)
    return dueAt === null || (convertedAt !== null && convertedAt <= dueAt) ? [] : [{ kind, at: dueAt }]
  })
}

export function peopleOf(ledger: Ledger): PersonTruth[] {
  const byPerson = new Map<string, Fate[]>()
  for (const fate of ledger.fates.values()) {
    const { userId } = fate.letter.person
    byPerson.set(userId, [...(byPerson.get(userId) ?? []), fate])
  }
  const refused = new Map<string, number>()
  for (const { person } of ledger.refusals.values())
    refused.set(person.userId, (refused.get(person.userId) ?? 0) + 1)
  return [...ledger.lives.values()].map((life) => {
    const fates = byPerson.get(life.person.userId) ?? []
    const credit = life.convertedAt === null ? null : creditOf(fates, life.convertedAt)
    const money = new Map<Fate, number>()
    for (const { at, amountMinor } of life.payments) {
      const fate = credit?.fate ?? creditOf(fates, at)?.fate
      if (fate) money.set(fate, (money.get(fate) ?? 0) + amountMinor)
    }
    return {
      life,
      fates,
      refused: refused.get(life.person.userId) ?? 0,
      credit,
      money,
      trialMailsDue: trialMailsDue(life, fates),
    }
  })
}

const isTrialMail = ({ letter }: Fate): boolean => letter.kind !== 'welcome'

/** A refused mail shows no more than its envelope; everyone’s first is the welcome. */
const wasTreated = ({ fates, refused }: PersonTruth): boolean => fates.some(isTrialMail) || refused > 1

/** What is due goes before anything else happens in that moment. */
const isStillThere = ({ life }: PersonTruth, at: number): boolean => life.lost === null || life.lost.at >= at

const wasHeldOut = (person: PersonTruth): boolean =>
  !wasTreated(person) && person.trialMailsDue.some(({ at }) => isStillThere(person, at))

/** Mails that fell due for people who get none any more. */
const suppressedOf = (person: PersonTruth): number =>
  person.trialMailsDue.filter(({ at }) => !isStillThere(person, at)).length

function reachedGoal(
  { letter, replies, extendedAt, surveyedAt }: Fate,
  { life, credit }: PersonTruth,
): boolean {
  switch (letter.kind) {
    case 'welcome':
      return (
        life.activatedAt !== null &&
        life.activatedAt >= letter.acceptedAt &&
        life.activatedAt < letter.acceptedAt + attributionMs
      )
    case 'upgrade_now':
      return credit?.fate.letter === letter
    case 'expiring_passive':
      return replies.length > 0 || extendedAt !== null
    case 'ended_survey':
      return surveyedAt !== null
  }
}

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
export function localHour(at: number, zone: string): string {
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

export function truthOf(ledger: Ledger, period: { firstDay: number; days: number }) {
  const people = peopleOf(ledger)
  const fates = [...ledger.fates.values()]
  const refusals = [...ledger.refusals.values()]
  const delivered = fates.filter(isDelivered)
  const followed = delivered.filter(isFollowed)
  const told = followed.filter(({ isFetchedByApple }) => !isFetchedByApple)
  const clicked = followed.filter(({ clicks }) => clicks.length > 0)
  const refusedAs = (as: Returned) => refusals.filter((refusal) => refusal.as === as).length
  const returnedAs = (as: Returned) => fates.filter(({ returned }) => returned === as).length
  const backAs = (as: Returned) => refusedAs(as) + returnedAs(as)
  const of = (numerator: number, denominator: number): Share => ({ numerator, denominator })
  const handed = fates.length + refusals.length
  const suppressed = sum(people.map(suppressedOf))
  const credits = people.flatMap(({ credit }) => (credit ? [credit.by] : []))
  const by = (name: string) => credits.filter((credit) => credit === name).length
  const won = people.flatMap(({ money }) => [...money.values()])
  const treated = people.filter(wasTreated)
  const heldOut = people.filter(wasHeldOut)
  const converted = (group: readonly PersonTruth[]) =>
    group.filter(({ life }) => life.convertedAt !== null).length
  const visible = followed.flatMap(seenOpenings)
  const known = visible.filter(({ device }) => device !== 'hidden')
  const mobile = known.filter(({ device }) => device !== 'desktop')
  const openedSeen = followed.filter(isSeenOpened)
  const isMobileClick = ({ clicks }: Fate) => clicks.some(({ device }) => device !== 'desktop')
  const lostBy = (cause: string) => people.filter(({ life }) => life.lost?.cause === cause).length
  const revenueMinor = sum(won)
  const refusedAt = new Map<string, number[]>()
  for (const { person, at } of refusals)
    refusedAt.set(person.userId, [...(refusedAt.get(person.userId) ?? []), at])
  return {
    people,
    delivered: delivered.length,
    /** What nobody but the actors can know: who has really had the mail before their eyes. */
    trueOpenRate: of(followed.filter(({ openings }) => openings.length > 0).length, followed.length),
    rawOpenRate: of(
      followed.filter(({ rawOpens, clicks }) => rawOpens > 0 || clicks.length > 0).length,
      followed.length,
    ),
    openRate: of(told.filter(isSeenOpened).length, told.length),
    openRateFloor: of(openedSeen.length, followed.length),
    mobileOpens: of(mobile.length, known.length),
    mobileClicks: of(clicked.filter(isMobileClick).length, clicked.length),
    opensPerOpen: of(
      sum(openedSeen.map((fate) => Math.max(seenOpenings(fate).length, 1))),
      openedSeen.length,
    ),
    reactionHours: reactionHours(delivered),
    bounces: of(backAs('hard') + backAs('soft') + backAs('other'), handed),
    hardBounces: of(backAs('hard'), handed),
    softBounces: of(backAs('soft'), handed),
    waterfall: {
      targeted: handed + suppressed,
      suppressed,
      blocked: 0,
      'handed over': handed,
      accepted: fates.length,
      delivered: delivered.length,
    },
    clicks: sum(followed.map(({ clicks }) => clicks.length)),
    rawClicks: sum(followed.map(({ rawClicks }) => rawClicks)),
    clickRate: of(clicked.length, followed.length),
    verifiedRate: of(
      clicked.filter(({ clicks }) => clicks.some(({ isVerified }) => isVerified)).length,
      followed.length,
    ),
    clicksToOpens: of(clicked.length, openedSeen.length),
    unsubscribes: delivered.filter(({ unsubscribedAt }) => unsubscribedAt !== null).length,
    complaints: delivered.filter(({ complainedAt }) => complainedAt !== null).length,
    gained: people.length,
    lost: { unsubscribed: lostBy('unsubscribed'), complaint: lostBy('complaint'), bounce: lostBy('bounce') },
    conversions: of(credits.length, delivered.length),
    conversionsVerified: of(by('click'), delivered.length),
    conversionsOfClicks: of(by('click') + by('campaign'), clicked.length),
    conversionsBy: { click: by('click'), campaign: by('campaign'), 'e-mail': by('e-mail') },
    goals: of(
      sum(
        people.map(
          (person) => person.fates.filter(isDelivered).filter((fate) => reachedGoal(fate, person)).length,
        ),
      ),
      delivered.length,
    ),
    holdout: {
      treated: of(converted(treated), treated.length),
      heldOut: of(converted(heldOut), heldOut.length),
    },
    purchases: of(won.filter((amount) => amount > 0).length, delivered.length),
    revenueMinor,
    revenuePerMail: of(revenueMinor, delivered.length),
    revenuePerOpen: of(revenueMinor, openedSeen.length),
    revenuePerSubscriber:
      sum(people.flatMap(({ life }) => life.payments.map(({ amountMinor }) => amountMinor))) /
      meanSubscribers(people, period.firstDay, period.days),
    audience: audience(people, refusedAt),
    positiveReplies: of(
      delivered.filter(({ replies }) => replies.some(({ tone }) => tone === 'positive')).length,
      delivered.length,
    ),
    replies: of(delivered.filter(({ replies }) => replies.length > 0).length, delivered.length),
    programs: countBy(visible, ({ client }) => client),
    subjects: countBy(
      delivered.filter(({ letter }) => letter.kind === 'upgrade_now'),
      ({ letter }) => letter.subject,
    ),
  }
}

export type Truth = ReturnType<typeof truthOf>
