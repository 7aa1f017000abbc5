import type { Person } from './cast.ts'
import type { Chance } from './chance.ts'
import type { Letter } from './letter.ts'
import { habits } from './shares.ts'
import type { Stage } from './stage.ts'

const hourMs = 3_600_000
const prices = [1900, 4900, 9900] as const

/** Pays, and is told to the API by the customer’s own server, as a billing webhook would. */
async function buy(stage: Stage, person: Person, chance: Chance): Promise<void> {
  const life = stage.ledger.lifeOf(person)
  if (life.convertedAt !== null) return
  const at = stage.now()
  const amountMinor = chance.pick(prices)
  life.convertedAt = at
  await stage.api('POST', `/api/trialists/${person.userId}/conversion`, { plan: 'team' })
  await pay(stage, person, amountMinor, 'new')
  if (chance.happens(habits.asksMoneyBack))
    stage.timeline.at(at + Math.round(chance.between(5, 50)) * hourMs, () =>
      pay(stage, person, -amountMinor, 'refund'),
    )
}

async function pay(stage: Stage, person: Person, amountMinor: number, type: 'new' | 'refund'): Promise<void> {
  const at = stage.now()
  stage.ledger.lifeOf(person).payments.push({ at, amountMinor })
  const entry = {
    externalId: `${type}-${person.userId}`,
    at: new Date(at).toISOString(),
    amountMinor,
    currency: stage.currency,
    userId: person.userId,
    type,
  }
  await stage.api('POST', '/api/revenue', entry)
  // Billing systems deliver twice.
  await stage.api('POST', '/api/revenue', entry)
}

/** A mail may be what it needed, of those who have seen value. */
export function considerBuying(
  stage: Stage,
  { person, kind }: Letter,
  chance: Chance,
  probability: number,
): void {
  if (kind !== 'upgrade_now' || !chance.happens(probability)) return
  stage.timeline.at(stage.now() + Math.round(chance.wait(1, 60)) * hourMs, () => buy(stage, person, chance))
}

/** Some would have bought anyway, with mails or without: the control group shows how many. */
export function buyByChance(stage: Stage, person: Person, chance: Chance): void {
  if (person.buysByChanceAt !== null)
    stage.timeline.at(person.buysByChanceAt, () => buy(stage, person, chance))
}
