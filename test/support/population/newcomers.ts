import { browserOf } from './agents.ts'
import { buyByChance } from './buyers.ts'
import type { Person } from './cast.ts'
import { chanceOf } from './chance.ts'
import { ask, type Stage } from './stage.ts'

/** What brings mails about: people sign up, and some find value. */

const dayMs = 86_400_000

async function signUp(stage: Stage, person: Person): Promise<void> {
  const { userId, address, name, locale, zone, consent } = person
  const life = stage.ledger.lifeOf(person)
  life.signedUp = true
  if (consent === 'withdrawn') life.withdrewAt = stage.now()
  await stage.api('PUT', `/api/trialists/${userId}`, {
    email: address,
    name,
    locale,
    timeZone: zone,
    ...(consent === 'withdrawn' && { consent: { tracking: false } }),
  })
}

async function withdraw(stage: Stage, person: Person): Promise<void> {
  stage.ledger.lifeOf(person).withdrewAt = stage.now()
  await stage.api('PUT', `/api/trialists/${person.userId}`, { consent: { tracking: false } })
}

/** The event that means value, from the customer’s own server. */
async function feelValue(stage: Stage, person: Person, secretKey: string): Promise<void> {
  const life = stage.ledger.lifeOf(person)
  life.activatedAt = stage.now()
  life.usedAt.push(stage.now())
  await ask(stage, {
    url: `${stage.url}/v1/track`,
    method: 'POST',
    agent: browserOf(person),
    address: person.home,
    type: 'application/json',
    headers: { Authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}` },
    body: JSON.stringify({
      userId: person.userId,
      event: 'First Result',
      messageId: `value-${person.userId}`,
    }),
  })
}

export function expectNewcomers(stage: Stage, cast: readonly Person[], secretKey: string): void {
  const { timeline, seed } = stage
  for (const person of cast) {
    timeline.at(person.signsUpAt, () => signUp(stage, person))
    if (person.consent === 'withdrawnLater')
      // At a moment of its own: what happens at the same time could be before or after.
      timeline.at(person.signsUpAt + 2 * dayMs + 37_123, () => withdraw(stage, person))
    if (person.activeAt !== null) timeline.at(person.activeAt, () => feelValue(stage, person, secretKey))
    buyByChance(stage, person, chanceOf(seed, 'by chance', person.userId))
  }
}
