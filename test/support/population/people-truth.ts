import type { Fate, Ledger, Life } from './ledger.ts'
import type { LetterKind } from './shares.ts'

/**
 * The truth about each person, from the ledger alone: which mails were due to them, what they are owed to, which mail
 * won their money. Written in other words than the server’s, so that a mistake has to be made twice to go unseen.
 */

const hourMs = 3_600_000
export const dayMs = 24 * hourMs
const attributionMs = 5 * dayMs
const trialMs = 7 * dayMs

export const isDelivered = ({ returned }: Fate): boolean => returned === null
/** Consent as it was when the mail went out: its picture and links are the person’s own, or they are not there. */
export const isFollowed = ({ letter }: Fate): boolean => letter.pixel !== null
export const isSeenOpened = ({ openings, clicks }: Fate): boolean =>
  clicks.length > 0 || openings.some(({ device, client }) => device !== 'hidden' || client !== null)
export const seenOpenings = ({ openings }: Fate) => openings.filter(({ client }) => client !== null)

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
export const wasTreated = ({ fates, refused }: PersonTruth): boolean => fates.some(isTrialMail) || refused > 1

/** What is due goes before anything else happens in that moment. */
const isStillThere = ({ life }: PersonTruth, at: number): boolean => life.lost === null || life.lost.at >= at

export const wasHeldOut = (person: PersonTruth): boolean =>
  !wasTreated(person) && person.trialMailsDue.some(({ at }) => isStillThere(person, at))

/** Mails that fell due for people who get none any more. */
export const suppressedOf = (person: PersonTruth): number =>
  person.trialMailsDue.filter(({ at }) => !isStillThere(person, at)).length

export function reachedGoal(
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
