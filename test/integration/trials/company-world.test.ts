import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Member } from '../../../server/domain/trial/company.ts'
import type { OutboxMessage, Trial } from '../../../server/domain/trial/model.ts'
import type { OutgoingMail } from '../../../server/ports.ts'
import { eachTrial } from '../../../server/storage/each.ts'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { recipientsOfRule } from '../../../shared/playbook/messages.ts'
import {
  type RecipientRole,
  trialIdOfCompany,
  trialIdOfUser,
  type WorkspaceId,
} from '../../../shared/trial.ts'
import { companyPlaybook, sumOfParts } from '../../support/companies.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

/**
 * Companies live on a whole server: people join, move and use the product, reps extend, some buy, some unsubscribe,
 * and some of that happens while an email is being handed over. Each email is judged by other code than sends it.
 */

const companies = Number(process.env.TRIALPACE_WORLD_COMPANIES ?? 25)
const days = 18
const stepsADay = 3
const start = Date.UTC(2026, 2, 2, 6)
const workspaceId = 'main' as WorkspaceId

vi.setConfig({ testTimeout: 120_000 + companies * 2_000, hookTimeout: 120_000 })

const compiled = companyPlaybook(
  { window: { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '23:59' } },
  { buyer: { roles: ['owner'] } },
)

/** Repeatable: the same world from the same seed. */
function createRandom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    chance: (share: number) => next() < share,
    below: (n: number) => Math.floor(next() * n),
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
  }
}
const random = createRandom(Number(process.env.PROPERTY_SEED) || 20261127)

let api: ServedApi
const faults: string[] = []
const sentTo = new Map<string, number[]>()
let sent = 0
let events = 0
let races = 0

const names = [
  'Board Created',
  'Teammate Invited',
  'Card Completed',
  'Card Completed',
  'Login',
  'Comment Added',
]
const people = Array.from({ length: companies }, (_, c) =>
  Array.from({ length: 1 + (c % 5) }, (_, n) => ({
    userId: `u${c}-${n}`,
    // Now and then two ids are one mailbox.
    email: `${n > 0 && c % 7 === 3 ? `u${c}-0` : `u${c}-${n}`}@c${c}.example`,
    role: n === 1 ? 'owner' : 'member',
  })),
)
const everyone = people.flat()

/** The best of them by the rules of the documentation, added up from what each did. */
function ranked({ company }: Trial): [string, Member][] {
  const reached = ({ usage }: Member) =>
    compiled.playbook.milestones.filter(
      ({ event, threshold }) => (usage.counters[event]?.count ?? 0) >= threshold,
    ).length
  return Object.entries(company?.members ?? {})
    .filter(([, { left }]) => left !== true)
    .sort(
      ([a, x], [b, y]) =>
        reached(y) - reached(x) ||
        y.usage.activeDays.length - x.usage.activeDays.length ||
        y.usage.total - x.usage.total ||
        x.joinedAt - y.joinedAt ||
        (a < b ? -1 : 1),
    )
}

const canGet = ({ person, contact }: Member) => person.email !== null && !contact?.suppressed

/** Addresses that may get an email in this role. */
function rightAddresses(trial: Trial, role: RecipientRole): (string | null)[] {
  const all = ranked(trial)
  const able = all.filter(([, member]) => canGet(member))
  const owners = able.filter(([, { person }]) => person.traits.role === 'owner')
  if (role === 'champion') return [able[0]?.[1].person.email ?? null]
  if (role === 'buyer') return [(owners[0] ?? able[0])?.[1].person.email ?? null]
  return able.map(([, { person }]) => person.email)
}

function judge(before: Trial, message: OutboxMessage, at: number): void {
  sent++
  const fault = (what: string) => faults.push(`${message.key} at ${new Date(at).toISOString()}: ${what}`)
  const rule = compiled.ruleById.get(message.ruleId)
  if (!rule) return void fault('no rule')
  if (before.clock.status === 'converted') fault('the company has bought')
  if (message.endsAtQuoted !== null && message.endsAtQuoted !== before.clock.endsAt) fault('an old date')
  const member = before.company?.members[message.to ?? '']
  const email = before.company ? (member?.person.email ?? null) : before.person.email
  if (before.company) {
    if (!member || member.left) return void fault('not for one of them')
    if (!canGet(member)) fault('they cannot be emailed')
    const wanted = recipientsOfRule(compiled.playbook.messages.find(({ id }) => id === rule.id)!)
    for (const role of message.roles ?? []) {
      if (!wanted.includes(role)) fault(`nobody asked for ${role}`)
      if (!rightAddresses(before, role).includes(email)) fault(`is not the ${role}`)
    }
  }
  if (rule.class !== 'trial' || email === null) return
  const earlier = sentTo.get(email) ?? []
  if (earlier.some((then) => at - then < compiled.trialMailEveryMs)) fault('a second trial email in a day')
  sentTo.set(email, [...earlier, at])
}

const changes = () => api.server.services.changes
const by = { kind: 'rep', name: 'Dana' } as const

async function extend(userId: string): Promise<void> {
  const door = trialIdOfUser(workspaceId, userId)
  const changed = await changes().change(door, {
    type: 'extend',
    id: `x-${random.below(1e9)}`,
    days: 7,
    reason: 'asked',
    note: '',
    by,
  })
  const { company } = changed?.trial ?? {}
  if (!company || !changed?.outcome.ok) return
  const stored = await api.server.storage.trials.get(trialIdOfCompany(workspaceId, company.id))
  for (const [member, { left }] of Object.entries(stored?.company?.members ?? {})) {
    if (left) continue
    const { body } = await api.call<{ trial: { endsAt: string } }>('GET', `/api/trialists/${member}`)
    // Someone else may have extended them again meanwhile.
    if (Date.parse(body.trial.endsAt) < (changed.trial.clock.endsAt ?? 0))
      faults.push(`${member} was not extended with ${userId}`)
  }
}

const move = (userId: string, c: number) =>
  api.call('PUT', `/api/companies/c${c}`, { body: { name: `Company ${c}`, members: [{ userId }] } })

/** Something that may happen at any moment, also while an email is on its way. */
async function happen(userId: string): Promise<void> {
  const dice = random.below(100)
  if (dice < 35) await extend(userId)
  else if (dice < 60) await move(userId, random.below(companies))
  else if (dice < 70)
    await changes().change(trialIdOfUser(workspaceId, userId), {
      type: 'convert',
      plan: 'team',
      at: api.clock.now(),
      by,
    })
  else if (dice < 80)
    await changes().change(trialIdOfUser(workspaceId, userId), { type: 'suppress', reason: 'unsubscribed' })
  else if (dice < 90)
    await changes().change(trialIdOfUser(workspaceId, userId), {
      type: 'replied',
      key: null,
      at: api.clock.now(),
    })
  else
    await changes().change(trialIdOfUser(workspaceId, userId), {
      type: 'pause',
      until: api.clock.now() + dayMs,
    })
}

let serial = 0
async function use(batch: readonly { userId: string }[]): Promise<void> {
  if (batch.length === 0) return
  const timestamp = new Date(api.clock.now()).toISOString()
  const messages = batch.map(({ userId }) => ({
    type: 'track',
    messageId: `w-${++serial}`,
    event: random.of(names),
    userId,
    timestamp,
  }))
  events += messages.length
  // Some were not heard the first time, and come again.
  for (const again of random.chance(0.1) ? [1, 2] : [1])
    expect((await api.call('POST', '/v1/b', { body: { batch: messages } })).status, `${again}`).toBe(200)
}

const mailer = {
  async send({ to }: OutgoingMail, gate: () => Promise<boolean>) {
    if (random.chance(0.15)) {
      races++
      const reader = everyone.find(({ email }) => email === to.address)
      if (reader) await happen(reader.userId)
    }
    if (!(await gate())) return { state: 'refused' }
    return { state: 'accepted', answer: '250 ok' }
  },
  close: async () => {},
}

beforeAll(async () => {
  api = await serveApi(start, { overrides: { playbook: compiled.playbook, mailer: mailer as never } })
  changes().onSaved((trial, before) => {
    if (!before) return
    for (const message of trial.outbox) {
      if (message.state !== 'dot') continue
      const was = before.outbox.find(({ key }) => key === message.key)
      if (was && was.state !== 'dot') judge(before, message, api.clock.now())
    }
  })
})
afterAll(() => api.close())

async function live(): Promise<void> {
  for (const { userId, email, role } of everyone)
    await api.call('PUT', `/api/trialists/${userId}`, { body: { email, name: userId, traits: { role } } })
  for (let step = 0; step < days * stepsADay; step++) {
    // Most are there by the second day; some first have a trial of their own.
    for (const [c, team] of people.entries())
      for (const [n, { userId }] of team.entries())
        if (step === (c + n) % (2 * stepsADay)) await move(userId, c)
    await use(everyone.filter(() => random.chance(0.25)))
    for (const { userId } of everyone) if (random.chance(0.02)) await happen(userId)
    for (let round = 0; round < 3; round++) await api.server.dueLoop.drain()
    api.clock.set(start + ((step + 1) * dayMs) / stepsADay + random.below(hourMs))
  }
}

test('the right person gets each email, once, with the date that holds, and every sum is exact', async () => {
  await live()
  expect(faults.slice(0, 10)).toEqual([])
  expect(sent).toBeGreaterThan(companies)
  expect(races).toBeGreaterThan(0)
  let counted = 0
  const places = new Map<string, number>()
  for await (const trial of eachTrial(api.server.storage.trials, workspaceId)) {
    if (trial.mergedInto !== null) continue
    counted += trial.usage.total
    if (!trial.company) continue
    expect(sumOfParts(trial).total).toBe(trial.usage.total)
    for (const [userId, { left }] of Object.entries(trial.company.members))
      if (!left) places.set(userId, (places.get(userId) ?? 0) + 1)
  }
  expect(counted).toBe(events)
  expect([...places.values()].filter((count) => count !== 1)).toEqual([])
  expect(places.size).toBe(everyone.length)
  if (process.env.TRIALPACE_WORLD_COMPANIES)
    process.stdout.write(`${companies} companies: ${sent} emails, ${races} races, ${events} events\n`)
})
